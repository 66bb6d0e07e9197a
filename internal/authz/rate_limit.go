package authz

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// maxLimited bounds the callers that are counted. A forgotten one starts anew with all
// that it may ask for.
const maxLimited = 10_000

// maxForgettable is how many are looked at to find the one that is forgotten.
const maxForgettable = 16

// RateLimiter bound what one caller asks for, so that one does not take from the others.
// Each is a bucket that holds what a minute allows and fills evenly.
type RateLimiter struct {
	requests, calls int // a minute; 0 is no limit

	mu      sync.Mutex
	callers *simplelru.LRU[string, *allowance]
}

// allowance is what one caller has left.
type allowance struct{ requests, calls *rate.Limiter }

// left is how much of it, from 1, which is all, to far below 0.
func (a *allowance) left(now time.Time) float64 {
	least := 1.0
	for _, bucket := range []*rate.Limiter{a.requests, a.calls} {
		if bucket.Limit() != rate.Inf {
			least = min(least, bucket.TokensAt(now)/float64(bucket.Burst()))
		}
	}
	return least
}

// NewRateLimiter allows each caller so many requests and so many calls of Atlas a minute; 0
// is no limit.
func NewRateLimiter(requests, calls int) *RateLimiter {
	callers, err := simplelru.NewLRU[string, *allowance](maxLimited, nil)
	if err != nil {
		panic(err) // only of a size below one
	}
	return &RateLimiter{requests: requests, calls: calls, callers: callers}
}

func perMinute(n int) *rate.Limiter {
	if n == 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(float64(n)/60), n)
}

// of is what the caller has left; nil for those whom nobody tells apart.
func (l *RateLimiter) of(c *Caller) *allowance {
	if l == nil || c == nil || c.Method == None || l.requests == 0 && l.calls == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := c.Key()
	a, ok := l.callers.Get(key)
	if !ok {
		l.makeRoom()
		a = &allowance{requests: perMinute(l.requests), calls: perMinute(l.calls)}
		l.callers.Add(key, a)
	}
	return a
}

// makeRoom forgets a caller when there are too many: of those not seen for the longest
// the one who has most left. Else whoever has spent all could begin anew by having
// others seen, whom with passthrough anybody can make up.
func (l *RateLimiter) makeRoom() {
	if l.callers.Len() < maxLimited {
		return
	}
	now, forgotten, most := time.Now(), "", math.Inf(-1)
	for range maxForgettable {
		key, a, _ := l.callers.GetOldest()
		if left := a.left(now); left > most {
			forgotten, most = key, left
		}
		if most == 1 {
			break
		}
		l.callers.Get(key) // then the next one is the oldest
	}
	l.callers.Remove(forgotten)
}

// Request counts a request of the caller, or refuses it with an *Error.
func (l *RateLimiter) Request(c *Caller) error {
	a := l.of(c)
	if a == nil || l.requests == 0 {
		return nil
	}
	if now := time.Now(); !a.requests.AllowN(now, 1) {
		return limited("you have sent more requests than one caller may in a minute", a.requests, now)
	}
	return nil
}

// Call is whether the caller in ctx may cause another call of Atlas: it is refused, with
// an *Error, while more was spent than the limit allows. What a call costs is known only
// when it is made (attempts that are repeated, challenges), so those under way may spend
// what is not there; Spend counts it, and the caller waits for that much longer.
func (l *RateLimiter) Call(ctx context.Context) error {
	a := l.of(CallerFrom(ctx))
	if a == nil || l.calls == 0 {
		return nil
	}
	if now := time.Now(); a.calls.TokensAt(now) < 1 {
		return limited("you have caused more calls of Atlas than one caller may in a minute", a.calls, now)
	}
	return nil
}

// Spend counts one request to Atlas that the caller in ctx has caused.
func (l *RateLimiter) Spend(ctx context.Context) {
	if a := l.of(CallerFrom(ctx)); a != nil && l.calls != 0 {
		a.calls.Reserve()
	}
}

func limited(message string, bucket *rate.Limiter, now time.Time) *Error {
	missing := 1 - bucket.TokensAt(now)
	wait := time.Duration(missing / float64(bucket.Limit()) * float64(time.Second))
	return &Error{Kind: RateLimited, Message: message, RetryAfter: max(wait, time.Second)}
}
