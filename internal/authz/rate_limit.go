package authz

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

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
	requests, calls int // a minute; 0 is no limit

	mu      sync.Mutex
	callers *lru.Map[string, *quota]
}

// quota has the two buckets of a caller.
type quota struct{ requests, calls *rate.Limiter }

// left returns which part of the quota is left, of the bucket that has less: 1 is all, and a caller in debt is below 0.
func (q *quota) left(now time.Time) float64 {
	least := 1.0
	for _, bucket := range []*rate.Limiter{q.requests, q.calls} {
		if bucket.Limit() != rate.Inf {
			least = min(least, bucket.TokensAt(now)/float64(bucket.Burst()))
		}
	}
	return least
}

// NewRateLimiter returns a limiter with the quotas of a caller: requests, and calls of Atlas, a minute. 0 is no limit.
func NewRateLimiter(requests, calls int) *RateLimiter {
	return &RateLimiter{requests: requests, calls: calls, callers: lru.New[string, *quota](maxCallers)}
}

func perMinute(n int) *rate.Limiter {
	if n == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(float64(n)/60), n)
}

// quotaOf returns the quota of a caller; nil for anonymous callers, which cannot be told apart.
func (l *RateLimiter) quotaOf(c *Caller) *quota {
	if l == nil || c == nil || c.Method == None || l.requests == 0 && l.calls == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := c.Key()
	q, ok := l.callers.Get(key)
	if !ok {
		l.evict()
		q = &quota{requests: perMinute(l.requests), calls: perMinute(l.calls)}
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
func (l *RateLimiter) Request(c *Caller) error {
	q := l.quotaOf(c)
	if q == nil || l.requests == 0 {
		return nil
	}
	if now := time.Now(); !q.requests.AllowN(now, 1) {
		return rateLimited("you have sent more requests than one caller may in a minute", q.requests, now)
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
	return l.quotaOf(CallerFrom(ctx))
}

// Call returns an *Error if the caller in ctx has no call of Atlas left. How many requests a call needs is known only
// when it is made (retries, challenges), so calls in flight can spend more than the quota. Spend counts the requests,
// and the caller then waits until its debt is refilled.
func (l *RateLimiter) Call(ctx context.Context) error {
	q := l.callQuotaOf(ctx)
	if q == nil {
		return nil
	}
	if now := time.Now(); q.calls.TokensAt(now) < 1 {
		return rateLimited("you have caused more calls of Atlas than one caller may in a minute", q.calls, now)
	}
	return nil
}

// Spend counts one request to Atlas that the caller in ctx has caused.
func (l *RateLimiter) Spend(ctx context.Context) {
	if q := l.callQuotaOf(ctx); q != nil {
		q.calls.Reserve()
	}
}

// rateLimited returns the error of an empty bucket.
func rateLimited(message string, bucket *rate.Limiter, now time.Time) *Error {
	missing := 1 - bucket.TokensAt(now)
	wait := time.Duration(missing / float64(bucket.Limit()) * float64(time.Second))
	return &Error{Kind: RateLimited, Message: message, RetryAfter: max(wait, time.Second)}
}
