package authz

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// sharedQuota is a SharedQuota whose answers a test sets.
type sharedQuota struct {
	config SharedQuotaConfig
	left   int
	away   bool
	share  float64
}

func (s *sharedQuota) Check(context.Context) (ok bool, wait time.Duration, shared bool) {
	return s.left > 0, 7 * time.Second, !s.away
}

func (s *sharedQuota) Take(ctx context.Context) (ok bool, wait time.Duration, shared bool) {
	if ok, wait, shared = s.Check(ctx); ok && shared {
		s.left--
	}
	return ok, wait, shared
}

func (s *sharedQuota) Spend()         { s.left-- }
func (s *sharedQuota) Share() float64 { return s.share }

func TestRateLimiter_sharesItsQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, shared := NewRateLimiter(60, 60), make(map[string]*sharedQuota)
		l.ShareBy(func(c SharedQuotaConfig) SharedQuota {
			shared[c.Name] = &sharedQuota{config: c, left: 2, share: 1.0 / 3}
			return shared[c.Name]
		})
		ctx := WithCaller(t.Context(), &Caller{Method: Token, Token: "dashboard"})
		request := func() error { return l.Request(ctx, CallerFrom(ctx)) }
		if err := errors.Join(request(), request()); err != nil {
			t.Fatal(err)
		}
		wantWait(t, request(), 7*time.Second)
		if err := l.Call(ctx); err != nil {
			t.Fatal(err)
		}
		l.Spend(ctx)
		l.Spend(ctx)
		wantWait(t, l.Call(ctx), 7*time.Second)
		requests := shared["requests"]
		if c := requests.config; c.PerMinute != 60 || c.Caller != CallerFrom(ctx).Key() || c.Read() != 58 {
			t.Errorf("the shared quota is %+v, of which %v are left", c, c.Read())
		}

		// The others have taken more, and then nothing can be shared: a third of what is left belongs to this process.
		requests.config.Learn(30)
		requests.away = true
		served := 0
		for range 60 {
			if request() == nil {
				served++
			}
		}
		if served < 9 || served > 10 {
			t.Errorf("with its share it serves %d requests", served)
		}
		<-time.After(time.Minute)
		served = 0
		for range 60 {
			if request() == nil {
				served++
			}
		}
		if served < 19 || served > 21 {
			t.Errorf("a minute later it serves %d requests", served)
		}
		requests.away, requests.left = false, 60
		for range 60 {
			if err := request(); err != nil {
				t.Errorf("when they share again: %v", err)
			}
		}
	})
}
