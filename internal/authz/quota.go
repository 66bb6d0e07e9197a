package authz

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// SharedQuota is the quota of one caller that several processes share. Only Take and Check may wait for the others.
type SharedQuota interface {
	// Take takes one of the quota. ok is false where nothing is left, with the time until there may be. shared is false
	// where the processes cannot share now, and each has to go on with its Share. Check is Take without taking.
	Take(ctx context.Context) (ok bool, wait time.Duration, shared bool)
	Check(ctx context.Context) (ok bool, wait time.Duration, shared bool)
	// Spend takes one in any case.
	Spend()
	// Share is the part of the quota that this process has while the processes cannot share it.
	Share() float64
}

// SharedQuotaConfig describes a quota that is to be shared.
type SharedQuotaConfig struct {
	// Name is "requests", "calls" or "actions", and Caller is Caller.Key.
	Name, Caller string
	PerMinute    int
	// Read returns what this process knows to be left, and Learn is to be called with what all know. Both return at once.
	Read  func() float64
	Learn func(left float64)
}

// quota is a token bucket of one caller.
type quota struct {
	perMinute int
	limiter   *rate.Limiter
	shared    SharedQuota // nil where there is no other process
}

// newQuota returns a full bucket. 0 is no limit.
func newQuota(perMinute int) *quota {
	if perMinute == 0 {
		return &quota{limiter: rate.NewLimiter(rate.Inf, 0)}
	}
	return &quota{perMinute: perMinute, limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)}
}

// shareBy makes the quota a shared one.
func (q *quota) shareBy(share func(SharedQuotaConfig) SharedQuota, name, caller string) {
	q.shared = share(SharedQuotaConfig{
		Name: name, Caller: caller, PerMinute: q.perMinute,
		Read: func() float64 { return q.limiter.Tokens() },
		Learn: func(left float64) {
			if more := int(q.limiter.Tokens() - left); more > 0 {
				q.limiter.ReserveN(time.Now(), min(more, q.limiter.Burst()))
			}
		},
	})
}

// left returns which part is left; below 0 for a caller in debt.
func (q *quota) left(now time.Time) float64 {
	if q.limiter.Limit() == rate.Inf {
		return 1
	}
	return q.limiter.TokensAt(now) / float64(q.limiter.Burst())
}

// take takes one, or returns the time until there may be one.
func (q *quota) take(ctx context.Context) (ok bool, wait time.Duration) {
	if q.shared != nil {
		ok, wait, shared := q.shared.Take(ctx)
		q.setShare(shared)
		if shared {
			if ok {
				q.limiter.Reserve()
			}
			return ok, wait
		}
	}
	now := time.Now()
	return q.limiter.AllowN(now, 1), q.wait(now)
}

// check is take without taking.
func (q *quota) check(ctx context.Context) (ok bool, wait time.Duration) {
	if q.shared != nil {
		ok, wait, shared := q.shared.Check(ctx)
		q.setShare(shared)
		if shared {
			return ok, wait
		}
	}
	now := time.Now()
	return q.limiter.TokensAt(now) >= 1, q.wait(now)
}

// spend takes one in any case.
func (q *quota) spend() {
	if q.shared != nil {
		q.shared.Spend()
	}
	q.limiter.Reserve()
}

// wait returns the time until there is one.
func (q *quota) wait(now time.Time) time.Duration {
	missing := 1 - q.limiter.TokensAt(now)
	return time.Duration(missing / float64(q.limiter.Limit()) * float64(time.Second))
}

// setShare gives the process its part of the quota while the quota is not shared, and all of it else.
func (q *quota) setShare(shared bool) {
	part := 1.0
	if !shared {
		part = q.shared.Share()
	}
	burst := max(1, int(part*float64(q.perMinute)))
	if burst == q.limiter.Burst() {
		return
	}
	now := time.Now()
	before := q.limiter.TokensAt(now) / float64(q.limiter.Burst())
	q.limiter.SetLimitAt(now, rate.Limit(part*float64(q.perMinute)/60))
	q.limiter.SetBurstAt(now, burst)
	// The same part is left of it as before.
	if more := int(q.limiter.TokensAt(now) - before*float64(burst)); more > 0 {
		q.limiter.ReserveN(now, min(more, burst))
	}
}
