package atlas

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestTokenSource_requestsOneTokenForFiftyCalls(t *testing.T) {
	sim := accountSimulator()
	c := newClientFor(t, testAccount, sim)
	together(50, func() {
		if _, err := c.GetSystemStatus(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if n := countTokens(sim); n != 1 {
		t.Errorf("%d tokens were made", n)
	}
}

func TestTokenSource_replacesFewTokensThatAreRejectedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		issuer.rejectAll.Store(true)
		for minute := range 3 {
			for range 20 {
				_, err := c.GetSystemStatus(t.Context())
				if e := asError(t, err); e.Status != 401 {
					t.Fatal(e)
				}
			}
			// One, and what may be dropped at once, and then three a minute.
			if n, want := int(issuer.made.Load()), 1+3*(minute+1); n != want {
				t.Errorf("%d tokens were made after %d minutes, want %d", n, minute, want)
			}
			pass(time.Minute)
		}
	})
}

func TestTokenSource_renewsATokenInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		pass(time.Hour - tokenRenewBefore + time.Second)
		issuer.delay = 10 * time.Second
		start := time.Now()
		mustCall(t, c) // starts the renewal and uses the old token
		mustCall(t, c)
		if time.Since(start) != 0 {
			t.Errorf("a call waited %s for the renewal", time.Since(start))
		}
		pass(time.Minute)
		mustCall(t, c)
		if n := issuer.made.Load(); n != 2 {
			t.Errorf("%d tokens were made, want 2", n)
		}
	})
}

func TestTokenSource_doesNotRenewAShortLivedTokenForEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Minute}
		c := issuer.client(t)
		for range 30 {
			mustCall(t, c)
			pass(time.Second)
		}
		if n := issuer.made.Load(); n != 1 {
			t.Errorf("%d tokens were made in half of a token's life, want 1", n)
		}
	})
}

func TestTokenSource_doesNotRetryARejectedAccountForEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{
			lifetime: time.Hour, tokenStatus: 401, tokenBody: `{"error":"invalid_client","error_description":"unknown client"}`,
		}
		c := issuer.client(t)
		for range 50 {
			_, err := c.GetSystemStatus(t.Context())
			e := asError(t, err)
			if e.Kind != KindCredential || e.Status != 401 || e.Detail != "unknown client" || e.ErrorCode != "" {
				t.Fatalf("got %+v", e)
			}
		}
		if n := issuer.asked.Load(); n != 1 {
			t.Errorf("the token endpoint was asked %d times, want 1", n)
		}
		issuer.tokenStatus = 0
		pass(tokenRetryRejected)
		mustCall(t, c)
		want := map[string]uint64{"4xx": 1, "2xx": 1}
		if got := c.Stats().TokenRequests; !maps.Equal(got, want) {
			t.Errorf("%v are counted, want %v", got, want)
		}
	})
}

func TestTokenSource_retriesWhenTheEndpointAllows(t *testing.T) {
	const limited = `{"error":429,"errorCode":"RATE_LIMITED","reason":"Too Many ` +
		`Requests","detail":"limited","parameters":["/api/oauth/token",10,1]}`
	tests := map[string]struct {
		header, body string
		wait         time.Duration
	}{
		"a header":           {header: "30", body: limited, wait: 30 * time.Second},
		"a header, no shape": {header: "30", body: `{"error":"slow_down"}`, wait: 30 * time.Second},
		"a header on a page": {header: "30", body: `<html>`, wait: 30 * time.Second},
		"a date":             {header: "Sat, 01 Jan 2000 00:00:45 GMT", body: limited, wait: 45 * time.Second},
		"the older parameters": {
			body: `{"error":429,"errorCode":"RATE_LIMITED","parameters":["/p",2,1]}`, wait: 30 * time.Second,
		},
		"the newer parameters": {
			body: `{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","17","10","10","60"]}`,
			wait: 17 * time.Second,
		},
		"nothing": {body: `{"error":"slow_down"}`, wait: tokenRetryLimited},
		"no time": {header: "0", body: `{"error":"slow_down"}`, wait: tokenRetryLimited},
		"nonsense": {
			header: "soon", body: `{"error":429,"errorCode":"RATE_LIMITED","parameters":[null,-1,"x"]}`, wait: tokenRetryLimited,
		},
		"longer than is believed":  {header: "99999999", body: limited, wait: maxRetryAfter},
		"a moment that has passed": {header: "Fri, 31 Dec 1999 00:00:00 GMT", body: `{}`, wait: tokenRetryLimited},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := &fakeIssuer{lifetime: time.Hour, tokenStatus: 429, tokenBody: tt.body, retryAfter: tt.header}
				c := issuer.client(t)
				for passed := time.Duration(0); passed < tt.wait; passed += tt.wait / 10 {
					_, err := c.GetSystemStatus(t.Context())
					if e := asError(t, err); e.Status != 429 || e.RetryAfter != tt.wait-passed {
						t.Fatalf("after %s: got %+v", passed, e)
					}
					pass(tt.wait / 10)
				}
				if n := issuer.asked.Load(); n != 1 {
					t.Errorf("the token endpoint was asked %d times", n)
				}
				issuer.tokenStatus = 0
				mustCall(t, c)
			})
		})
	}
}

// A token that says that it is expired already is used for a minute.
func TestTokenSource_renewsATokenWithoutALifetimeEachMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: -time.Second}
		c := issuer.client(t)
		for range 10 * 60 {
			mustCall(t, c)
			pass(time.Second)
		}
		if n := issuer.made.Load(); n < 10 || n > 14 {
			t.Errorf("%d tokens were made in ten minutes", n)
		}
	})
}

// A project that the account may not see costs no token, and its neighbours nothing.
func TestTokenSource_keepsTheTokenAfterA401OfOneProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, forbidden: project(66)}
		c := issuer.client(t)
		const rounds = 30
		for range rounds {
			if e := asError(t, ask(t.Context(), c, project(66))); e.Status != 401 || e.Project != project(66) {
				t.Fatalf("got %+v", e)
			}
			if err := ask(t.Context(), c, project(1)); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		if n := issuer.made.Load(); n != 1 {
			t.Errorf("%d tokens were made, want 1", n)
		}
		// One check of the credential, which is remembered for a minute.
		if n := issuer.calls.Load(); n != 2*rounds+1 {
			t.Errorf("%d calls were made, want %d", n, 2*rounds+1)
		}
	})
}

// Many such projects cost a check each, and at most one a second.
func TestTokenSource_limitsTheChecksOfManyProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, rejectProjects: true}
		c := issuer.client(t)
		const projects = 100
		for n := range projects {
			if e := asError(t, ask(t.Context(), c, project(n))); e.Status != 401 {
				t.Fatal(e)
			}
			pass(100 * time.Millisecond)
		}
		if n := int(issuer.calls.Load()) - projects; n < 1 || n > maxTokenChecks+10 {
			t.Errorf("%d checks", n)
		}
		if n := issuer.made.Load(); n != 1 {
			t.Errorf("%d tokens were made, want 1", n)
		}
	})
}

// A token that was revoked is found by whichever project is read first, and all its calls are served.
func TestTokenSource_replacesARevokedTokenForAllProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, forbidden: project(66)}
		c := issuer.client(t)
		mustAsk(t, c, project(1))
		_ = asError(t, ask(t.Context(), c, project(66)))
		issuer.revoked.Store(true)
		together(20, func() { mustAsk(t, c, project(2)) })
		if e := asError(t, ask(t.Context(), c, project(66))); e.Status != 401 {
			t.Error(e)
		}
		if n := issuer.made.Load(); n != 2 {
			t.Errorf("%d tokens were made, want 2", n)
		}
	})
}

func TestTokenSource_goesOnWhenACallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, delay: 5 * time.Second}
		c := issuer.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.GetSystemStatus(ctx)
			if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != KindTimeout {
				t.Errorf("the caller that left got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() { mustCall(t, c) })
		wg.Wait()
		if n := issuer.asked.Load(); n != 1 {
			t.Errorf("the token endpoint was asked %d times, want 1", n)
		}
	})
}

func TestTokenSource_closeEndsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour, delay: time.Hour}
		c := issuer.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.GetSystemStatus(ctx)
		_ = asError(t, err)
		start := time.Now()
		c.Close()
		if time.Since(start) != 0 {
			t.Errorf("Close waited %s", time.Since(start))
		}
	})
}

var testAccount = ServiceAccount{ClientID: "mdb_sa_id_test", ClientSecret: "mdb_sa_sk_secret-of-the-test"}

func accountSimulator(opts ...atlassim.Option) *atlassim.Simulator {
	return atlassim.New(append([]atlassim.Option{
		atlassim.WithServiceAccount(testAccount.ClientID, string(testAccount.ClientSecret), atlassim.ProjectOwner),
	}, opts...)...)
}

func countTokens(sim *atlassim.Simulator) int {
	n := 0
	for _, call := range sim.Calls() {
		if call.Path == "/api/oauth/token" {
			n++
		}
	}
	return n
}

// pass lets time go by, in a bubble of synctest, whose clock does not wait.
func pass(d time.Duration) { <-time.After(d) }

// fakeIssuer is Atlas without a network, for tests that need a clock of their own.
type fakeIssuer struct {
	lifetime    time.Duration
	delay       time.Duration
	tokenStatus int
	tokenBody   string
	retryAfter  string // of tokenStatus
	failures    int32  // how many requests for a token are answered by tokenStatus; 0 is all
	lost        int32  // how many of the first requests for a token end without an answer

	forbidden      string // a project that is refused whatever the token
	rejectProjects bool   // all of them are

	asked, made, calls atomic.Int32
	revoked, rejectAll atomic.Bool
}

func (f *fakeIssuer) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(testAccount, WithTransport(f))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func mustCall(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.GetSystemStatus(t.Context()); err != nil {
		t.Error(err)
	}
}

func (f *fakeIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/oauth/token" {
		f.calls.Add(1)
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		ofProject := strings.Contains(r.URL.Path, "/groups/")
		if ofProject && (f.rejectProjects || f.forbidden != "" && strings.Contains(r.URL.Path, f.forbidden)) {
			return response(401, `{"error":401,"errorCode":"USER_UNAUTHORIZED","reason":"Unauthorized"}`), nil
		}
		if f.rejectAll.Load() || f.revoked.Load() && token == "token-1" {
			return response(401, `{"error":401}`), nil
		}
		if ofProject {
			return answer(200), nil
		}
		return response(200, `{"appName":"Atlas"}`), nil
	}
	asked := f.asked.Add(1)
	if asked <= f.lost {
		return nil, io.ErrUnexpectedEOF
	}
	basic := base64.StdEncoding.EncodeToString([]byte(testAccount.ClientID + ":" + string(testAccount.ClientSecret)))
	if r.Header.Get("Authorization") != "Basic "+basic {
		return response(401, `{"error":"invalid_client"}`), nil
	}
	select {
	case <-time.After(f.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if f.tokenStatus != 0 && (f.failures == 0 || asked <= f.failures) {
		res := response(f.tokenStatus, f.tokenBody)
		if f.retryAfter != "" {
			res.Header.Set("Retry-After", f.retryAfter)
		}
		return res, nil
	}
	n := strconv.Itoa(int(f.made.Add(1)))
	return response(200, `{"access_token":"token-`+n+`","token_type":"Bearer","expires_in":`+
		strconv.Itoa(int(f.lifetime.Seconds()))+`}`), nil
}
