package atlassim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestFault_dripsItsBodyUntilTheCallerLeaves(t *testing.T) {
	for name, timeout := range map[string]time.Duration{
		"a patient caller": time.Hour, "a caller in a hurry": 10*time.Second + time.Millisecond,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAtlas(t)
				as := a.as(ownerID)
				whole := a.send(http.MethodGet, orders, as).Body.Len()
				a.Inject(atlassim.Fault{PathContains: "/serverless", Drip: time.Second})
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				start := time.Now()
				w := a.send(http.MethodGet, orders, as, func(r *http.Request) { *r = *r.WithContext(ctx) })
				want := min(whole, int(timeout/time.Second))
				if got := w.Body.Len(); got != want || w.Code != http.StatusOK {
					t.Errorf("%d, %d bytes of %d, want %d", w.Code, got, whole, want)
				}
				if took := time.Since(start); took != min(timeout, time.Duration(whole)*time.Second) {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestFault_endsAnEndlessBodyWhenTheCallerLeaves(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	a.Inject(atlassim.Fault{PathContains: "/restoreJobs", Endless: true})
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		a.ServeHTTP(w, r)
	}))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+jobs, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	as(r)
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	start, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || len(start) != 1<<20 || !json.Valid(start) || start[len(start)-1] != ' ' {
		t.Errorf("%d bytes, %v: %.80s", len(start), err, start)
	}
	_ = resp.Body.Close()
	<-ended
}

func TestExpireNonces_makesThemStale(t *testing.T) {
	a := newAtlas(t)
	c := a.shake(apiRoot)
	c.nc = "00000001"
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", c.header())), http.StatusOK)
	a.ExpireNonces()
	c.nc = "00000002"
	w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
	wantStatus(t, w, http.StatusUnauthorized)
	if !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "stale=true") {
		t.Errorf("the challenge is %s", w.Header().Get("WWW-Authenticate"))
	}
	again := a.shake(apiRoot)
	again.nc = "00000001"
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", again.header())), http.StatusOK)
}
