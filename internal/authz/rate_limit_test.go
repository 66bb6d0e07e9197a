package authz

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// wantWait checks for an error with the time to wait.
func wantWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != RateLimited || e.Challenge != "" || e.RetryAfter != want {
		t.Errorf("got %v, want a wait of %s", err, want)
	}
}

func TestRateLimiter_allowsTheRequestsOfAMinuteAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(6, 0)
		alice, bob := &Caller{Method: OIDC, Subject: "alice"}, &Caller{Method: OIDC, Subject: "bob"}
		for i := range 6 {
			if err := l.Request(t.Context(), alice); err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
		}
		wantWait(t, l.Request(t.Context(), alice), 10*time.Second)
		if err := l.Request(t.Context(), bob); err != nil {
			t.Errorf("one caller takes from the other: %v", err)
		}
		<-time.After(10 * time.Second)
		if err := l.Request(t.Context(), alice); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		wantWait(t, l.Request(t.Context(), alice), 10*time.Second)
	})
}

func TestRateLimiter_rejectsCallsUntilTheDebtIsRefilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(0, 60)
		ctx := WithCaller(t.Context(), &Caller{Method: Token, Token: "dashboard"})
		if err := l.Call(ctx); err != nil {
			t.Fatal(err)
		}
		// One operation that costs more than the quota.
		for range 150 {
			l.Spend(ctx)
		}
		wantWait(t, l.Call(ctx), 91*time.Second)
		if err := l.Call(WithCaller(t.Context(), &Caller{Method: Token, Token: "other"})); err != nil {
			t.Errorf("one caller takes from the other: %v", err)
		}
		<-time.After(91 * time.Second)
		if err := l.Call(ctx); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		if err := l.Request(t.Context(), CallerFrom(ctx)); err != nil {
			t.Errorf("requests are limited, too: %v", err)
		}
	})
}

func TestRateLimiter_limitsNothingWithoutQuotasOrForAnonymousCallers(t *testing.T) {
	for name, l := range map[string]*RateLimiter{"no limits": nil, "zero": NewRateLimiter(0, 0)} {
		ctx := WithCaller(t.Context(), &Caller{Method: OIDC, Subject: "alice"})
		for range 100 {
			l.Spend(ctx)
			if err := errors.Join(l.Request(t.Context(), CallerFrom(ctx)), l.Call(ctx)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	l, ctx := NewRateLimiter(1, 1), WithCaller(t.Context(), Anonymous())
	for range 10 {
		l.Spend(ctx)
		if err := errors.Join(l.Request(t.Context(), CallerFrom(ctx)), l.Call(ctx), l.Call(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRateLimiter_boundsTheCallersThatItCounts(t *testing.T) {
	l := NewRateLimiter(1, 1)
	for i := range maxCallers + 10 {
		if err := l.Request(t.Context(), &Caller{Method: OIDC, Subject: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.callers.Len(); n != maxCallers {
		t.Errorf("%d callers are remembered", n)
	}
}

func TestRateLimiter_evictsTheCallerWithMostQuotaLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(60, 60)
		spent := []*Caller{{Method: Passthrough, Subject: "requests"}, {Method: Passthrough, Subject: "calls"}}
		for range 60 {
			if err := l.Request(t.Context(), spent[0]); err != nil {
				t.Fatal(err)
			}
			l.Spend(WithCaller(t.Context(), spent[1]))
		}
		// Each of the others has sent a request, too.
		for i := range 3 * maxCallers {
			if err := l.Request(t.Context(), &Caller{Method: Passthrough, Subject: strconv.Itoa(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if l.Request(t.Context(), spent[0]) == nil || l.Call(WithCaller(t.Context(), spent[1])) == nil {
			t.Error("they begin anew")
		}
		if n := l.callers.Len(); n != maxCallers {
			t.Errorf("%d callers are remembered", n)
		}
		// The same where only one of the two is limited.
		calls := NewRateLimiter(0, 60)
		for range 60 {
			calls.Spend(WithCaller(t.Context(), spent[1]))
		}
		for i := range 3 * maxCallers {
			calls.Spend(WithCaller(t.Context(), &Caller{Method: Passthrough, Subject: strconv.Itoa(i)}))
		}
		if calls.Call(WithCaller(t.Context(), spent[1])) == nil {
			t.Error("without a limit on requests it begins anew")
		}
		// A caller whose quota is full again is evicted.
		<-time.After(time.Hour)
		for i := range maxCallers {
			_ = l.Request(t.Context(), &Caller{Method: Token, Token: strconv.Itoa(i)})
		}
		for _, key := range l.callers.Keys() {
			if key == spent[0].Key() {
				t.Error("it is remembered for ever")
			}
		}
	})
}

func TestRateLimiter_boundsActions(t *testing.T) {
	l := NewRateLimiter(0, 0)
	l.LimitActions(2)
	for name, callers := range map[string][2]*Caller{
		"a caller":          {{Method: Token, Token: "a"}, {Method: Token, Token: "a"}},
		"anonymous callers": {Anonymous(), Anonymous()},
	} {
		for i, want := range []bool{true, true, false} {
			err := l.Action(t.Context(), callers[i%2])
			if (err == nil) != want {
				t.Errorf("%s, action %d: %v", name, i, err)
			}
		}
	}
	if err := l.Request(t.Context(), &Caller{Method: Token, Token: "a"}); err != nil {
		t.Errorf("a request: %v", err)
	}
	if err := (*RateLimiter)(nil).Action(t.Context(), Anonymous()); err != nil {
		t.Errorf("without limits: %v", err)
	}
}
