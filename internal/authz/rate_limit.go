package authz

import (
	"context"
	"math"
	"sync"
	"time"

	"atlas-restore-gateway/internal/lru"
)

// maxCallers bounds the callers that are counted. A caller that was removed starts again with a full quota.
const maxCallers = 10_000

// evictionCandidates is how many callers evict compares.
const evictionCandidates = 16

// RateLimiter limits the requests of each caller and the calls of Atlas that it causes, so that no caller uses up what
// others need. Each limit is a token bucket with the quota of a minute. It is safe for concurrent use; nil limits
// nothing.
type RateLimiter struct {
	requests, calls, actions int // a minute; 0 is no limit

	mu      sync.Mutex
	callers *lru.Map[string, *quotas]
	share   func(SharedQuotaConfig) SharedQuota // nil where there is no other process
}

// quotas has the buckets of a caller.
type quotas struct{ requests, calls, actions *quota }

// left returns which part of the quota is left, of the bucket that has less: 1 is all, and a caller in debt is below 0.
func (q *quotas) left(now time.Time) float64 {
	return min(1, q.requests.left(now), q.calls.left(now), q.actions.left(now))
}

// NewRateLimiter returns a limiter with the quotas of a caller: requests, and calls of Atlas, a minute. 0 is no limit.
func NewRateLimiter(requests, calls int) *RateLimiter {
	return &RateLimiter{requests: requests, calls: calls, callers: lru.New[string, *quotas](maxCallers)}
}

// LimitActions sets how many actions a caller may make in a minute; 0 is no limit. It must be called before the limiter is
// used.
func (l *RateLimiter) LimitActions(perMinute int) { l.actions = perMinute }

// ShareBy has the limiter share the quotas of callers with other processes. It must be called before the limiter is used.
func (l *RateLimiter) ShareBy(share func(SharedQuotaConfig) SharedQuota) { l.share = share }

// newQuotas returns the full quotas of a caller.
func (l *RateLimiter) newQuotas(caller string) *quotas {
	q := &quotas{newQuota(l.requests), newQuota(l.calls), newQuota(l.actions)}
	if l.share == nil {
		return q
	}
	for name, one := range map[string]*quota{"requests": q.requests, "calls": q.calls, "actions": q.actions} {
		if one.perMinute > 0 {
			one.shareBy(l.share, name, caller)
		}
	}
	return q
}

// quotasOf returns the quotas of a caller; nil for anonymous callers, which cannot be told apart.
func (l *RateLimiter) quotasOf(c *Caller) *quotas {
	if l == nil || c == nil || c.Method == None || l.requests == 0 && l.calls == 0 && l.actions == 0 {
		return nil
	}
	return l.quotasOfAny(c)
}

// quotasOfAny is quotasOf for every caller: anonymous ones have one quota together.
func (l *RateLimiter) quotasOfAny(c *Caller) *quotas {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := c.Key()
	q, ok := l.callers.Get(key)
	if !ok {
		l.evict()
		q = l.newQuotas(key)
		l.callers.Add(key, q)
	}
	return q
}

// evict removes a caller if there are maxCallers: of the least recently seen callers, the one with the most quota left.
// Otherwise a caller could reset its own quota by flooding the gateway with made-up identities, as passthrough allows.
func (l *RateLimiter) evict() {
	if l.callers.Len() < maxCallers {
		return
	}
	now, evicted, most := time.Now(), "", math.Inf(-1)
	for range evictionCandidates {
		key, q, _ := l.callers.GetOldest()
		if left := q.left(now); left > most {
			evicted, most = key, left
		}
		if most == 1 {
			break
		}
		l.callers.Get(key) // makes the next one the oldest
	}
	l.callers.Remove(evicted)
}

// Request counts a request of the caller. It returns an *Error if the quota of requests is used up.
func (l *RateLimiter) Request(ctx context.Context, c *Caller) error {
	q := l.quotasOf(c)
	if q == nil || l.requests == 0 {
		return nil
	}
	if ok, wait := q.requests.take(ctx); !ok {
		return rateLimited("you have sent more requests than one caller may in a minute", wait)
	}
	return nil
}

// Action counts an action of the caller. It returns an *Error if the quota of actions is used up. That of anonymous
// callers is one for all.
func (l *RateLimiter) Action(ctx context.Context, c *Caller) error {
	if l == nil || l.actions == 0 {
		return nil
	}
	if ok, wait := l.quotasOfAny(c).actions.take(ctx); !ok {
		return rateLimited("you have planned and made more actions than one caller may in a minute", wait)
	}
	return nil
}

type unlimitedKey struct{}

// Unlimited returns a context whose calls of Atlas count for no caller: those for what several callers watch.
func Unlimited(ctx context.Context) context.Context {
	return context.WithValue(ctx, unlimitedKey{}, true)
}

// callQuotaOf returns the quota that a call of Atlas counts for, or nil.
func (l *RateLimiter) callQuotaOf(ctx context.Context) *quota {
	if l == nil || l.calls == 0 || ctx.Value(unlimitedKey{}) != nil {
		return nil
	}
	if q := l.quotasOf(CallerFrom(ctx)); q != nil {
		return q.calls
	}
	return nil
}

// Call returns an *Error if the caller in ctx has no call of Atlas left. How many requests a call needs is known only
// when it is made (retries, challenges), so calls in flight can spend more than the quota. Spend counts the requests,
// and the caller then waits until its debt is refilled.
func (l *RateLimiter) Call(ctx context.Context) error {
	q := l.callQuotaOf(ctx)
	if q == nil {
		return nil
	}
	if ok, wait := q.check(ctx); !ok {
		return rateLimited("you have caused more calls of Atlas than one caller may in a minute", wait)
	}
	return nil
}

// Spend counts one request to Atlas that the caller in ctx has caused.
func (l *RateLimiter) Spend(ctx context.Context) {
	if q := l.callQuotaOf(ctx); q != nil {
		q.spend()
	}
}

// rateLimited returns the error of an empty bucket.
func rateLimited(message string, wait time.Duration) *Error {
	return &Error{Kind: RateLimited, Message: message, RetryAfter: max(wait, time.Second)}
}
