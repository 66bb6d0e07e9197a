package atlassim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestFault_hasItsStatusAndBody(t *testing.T) {
	for name, tc := range map[string]struct {
		fault       atlassim.Fault
		status      int
		code        string
		contentType string
	}{
		"server error": {
			fault: atlassim.Fault{Status: 500}, status: 500, code: "UNEXPECTED_ERROR", contentType: "application/json",
		},
		"unavailable": {
			fault: atlassim.Fault{Status: 503, RetryAfter: "7"}, status: 503, code: "UNEXPECTED_ERROR",
			contentType: "application/json",
		},
		"rate limit": {
			fault: atlassim.Fault{Status: 429, RetryAfter: "7"}, status: 429, code: "RATE_LIMITED_TOKEN_BUCKET",
			contentType: "application/json",
		},
		"older rate limit": {
			fault: atlassim.Fault{Status: 429, ErrorCode: "RATE_LIMITED"}, status: 429, code: "RATE_LIMITED",
			contentType: "application/json",
		},
		"forbidden address": {
			fault: atlassim.Fault{Status: 403}, status: 403, code: "IP_ADDRESS_NOT_ON_ACCESS_LIST",
			contentType: "application/json",
		},
		"gone": {
			fault: atlassim.Fault{Status: 410}, status: 410, code: "VERSION_GONE", contentType: "application/json",
		},
		"code alone": {
			fault: atlassim.Fault{ErrorCode: "SOMETHING_NEW"}, status: 500, code: "SOMETHING_NEW",
			contentType: "application/json",
		},
		"gateway": {fault: atlassim.Fault{Status: 502}, status: 502, code: "", contentType: "text/html"},
		"own page": {
			fault: atlassim.Fault{Status: 502, ContentType: "text/plain", Body: "no"}, status: 502, code: "",
			contentType: "text/plain",
		},
		"own page as 200": {fault: atlassim.Fault{Body: "{}"}, status: 200, code: "", contentType: "application/json"},
		"method":          {fault: atlassim.Fault{Status: 405}, status: 405, code: "", contentType: ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			as := a.as(ownerID)
			defer a.Inject(tc.fault)()
			w := a.send(http.MethodGet, jobs, as)
			if tc.code != "" {
				wantError(t, w, tc.status, tc.code)
			}
			wantStatus(t, w, tc.status)
			if got := w.Header().Get("Content-Type"); got != tc.contentType {
				t.Errorf("Content-Type %q, want %q", got, tc.contentType)
			}
			if got := w.Header().Get("Retry-After"); got != tc.fault.RetryAfter {
				t.Errorf("Retry-After %q, want %q", got, tc.fault.RetryAfter)
			}
			if tc.fault.Body != "" && w.Body.String() != tc.fault.Body {
				t.Errorf("body %q", w.Body)
			}
		})
	}
}

func TestFault_appliesToItsNumberOfRequests(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	a.Inject(atlassim.Fault{PathContains: "/restoreJobs", Times: 2, Status: 500})
	remove := a.Inject(atlassim.Fault{PathContains: "/snapshots", Status: 503})
	for _, step := range []struct {
		path   string
		status int
	}{
		{path: orders, status: 200}, {path: jobs, status: 500}, {path: snaps, status: 503}, {path: jobs, status: 500},
		{path: jobs, status: 200}, {path: snaps, status: 503}, {path: snaps, status: 503},
	} {
		wantStatus(t, a.send(http.MethodGet, step.path, as), step.status)
	}
	remove()
	remove()
	wantStatus(t, a.send(http.MethodGet, snaps, as), http.StatusOK)
}

func TestFault_doesNotApplyToChallengesByDefault(t *testing.T) {
	a := newAtlas(t)
	remove := a.Inject(atlassim.Fault{Status: 500})
	c := a.shake(apiRoot)
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", c.header())), http.StatusInternalServerError)
	remove()
	// the count was not used up
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", c.header())), http.StatusOK)
	a.Inject(atlassim.Fault{Status: 500, BeforeAuth: true})
	wantStatus(t, a.send(http.MethodGet, apiRoot), http.StatusInternalServerError)
}

func TestFault_of401HasAChallenge(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	a.Inject(atlassim.Fault{Status: 401, ErrorCode: "UNEXPECTED_ERROR"})
	w := a.send(http.MethodGet, apiRoot, as)
	wantError(t, w, http.StatusUnauthorized, "UNEXPECTED_ERROR")
	if !challengeForm.MatchString(w.Header().Get("WWW-Authenticate")) {
		t.Errorf("challenge %q", w.Header().Get("WWW-Authenticate"))
	}
}

func TestLatency_delaysTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAtlas(t)
		as := a.as(ownerID)
		a.Inject(atlassim.Fault{Latency: 3 * time.Second})
		start := time.Now()
		wantStatus(t, a.send(http.MethodGet, jobs, as), http.StatusOK)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestLatency_endsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAtlas(t)
		as := a.as(ownerID)
		a.ResetCalls()
		a.Inject(atlassim.Fault{Latency: time.Hour})
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a.send(http.MethodGet, jobs, as, func(r *http.Request) { *r = *r.WithContext(ctx) })
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
		if calls := a.Calls(); len(calls) != 1 || calls[0].Status != 0 {
			t.Errorf("calls %+v, want one without a status", calls)
		}
	})
}

func TestFault_breaksTheConnection(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	server := httptest.NewServer(a)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	fetch := func() ([]byte, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+jobs, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		as(r)
		resp, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(resp.Body)
		return got, errors.Join(err, resp.Body.Close())
	}
	whole, err := fetch()
	if err != nil {
		t.Fatal(err)
	}

	a.Inject(atlassim.Fault{Truncate: true, Times: 1})
	half, err := fetch()
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(half) != len(whole)/2 {
		t.Errorf("truncated: %d of %d bytes, error %v", len(half), len(whole), err)
	}
	a.Inject(atlassim.Fault{Reset: true, Times: 1})
	if _, err = fetch(); err == nil {
		t.Error("reset: no error")
	}
	if again, err := fetch(); err != nil || len(again) != len(whole) {
		t.Errorf("afterwards: %d bytes, %v", len(again), err)
	}
}

func TestCalls_areInOrderWithoutCredentials(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	a.ResetCalls()
	a.send(http.MethodGet, apiRoot)
	a.send(http.MethodGet, jobs+"?itemsPerPage=2", as)
	a.send(http.MethodDelete, groups+"a%2Fb", header("Authorization", privateKey), header("Accept", ""))
	want := []atlassim.Call{
		{Method: "GET", Path: apiRoot, Status: 401, Accept: accept},
		{Method: "GET", Path: jobs, RawQuery: "itemsPerPage=2", Status: 200, Accept: accept, AuthScheme: "Bearer"},
		{Method: "DELETE", Path: groups + "a%2Fb", Status: 401, AuthScheme: "other"},
	}
	got := a.Calls()
	if len(got) != len(want) {
		t.Fatalf("%d calls, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("call %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestCalls_haveTheNewest(t *testing.T) {
	const most = 100_000
	a := newAtlas(t, atlassim.WithoutSeed())
	for range most {
		a.send(http.MethodPut, "/old")
	}
	a.send(http.MethodPut, "/new")
	calls := a.Calls()
	if len(calls) != most || calls[0].Path != "/old" || calls[most-1].Path != "/new" {
		t.Errorf("%d calls from %s to %s", len(calls), calls[0].Path, calls[len(calls)-1].Path)
	}
}

func TestSimulator_canBeUsedConcurrently(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	c := a.shake(apiRoot)
	var wg sync.WaitGroup
	var count atomic.Uint32
	for range 8 {
		wg.Go(func() {
			for n := range 20 {
				mine := c
				mine.nc = fmt.Sprintf("%08x", count.Add(1))
				if w := a.send(http.MethodGet, apiRoot, header("Authorization", mine.header())); w.Code != http.StatusOK {
					t.Errorf("nc %s: status %d", mine.nc, w.Code)
				}
				a.send(http.MethodGet, jobs+"?itemsPerPage=5", as, header("Accept-Encoding", "gzip"))
				remove := a.Inject(atlassim.Fault{PathContains: "/nothing", Status: 500})
				a.clock.advance(time.Millisecond)
				a.RetireServerless(n%2 == 0)
				a.Calls()
				a.Examples()
				remove()
			}
		})
	}
	wg.Wait()
}
