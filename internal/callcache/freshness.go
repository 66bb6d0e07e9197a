package callcache

import (
	"context"
	"sync"
	"time"
)

type noCacheKey struct{}

// WithNoCache returns a context with which stored results are not used (no-cache, RFC 9111, section 5.2.1.4):
// what is loaded with it is stored for others.
func WithNoCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, noCacheKey{}, true)
}

// NoCache reports whether ctx is of WithNoCache.
func NoCache(ctx context.Context) bool { return ctx.Value(noCacheKey{}) != nil }

// Freshness records how long all results that were read with a context may be used (RFC 9111, section 4.2). It is
// safe for concurrent use. The zero value has recorded nothing.
type Freshness struct {
	mu     sync.Mutex
	until  time.Time
	secret bool
}

type freshnessKey struct{}

// WithFreshness returns a context whose results are recorded in f.
func WithFreshness(ctx context.Context, f *Freshness) context.Context {
	return context.WithValue(ctx, freshnessKey{}, f)
}

// Remaining returns the time until the first of the results has to be loaded again: 0 if that is over, if one of
// them could not be loaded or if nothing was read.
func (f *Freshness) Remaining() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.until.IsZero() {
		return 0
	}
	return max(time.Until(f.until), 0)
}

// HoldsSecret reports whether a result held something that no other cache may store.
func (f *Freshness) HoldsSecret() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.secret
}

func recordFreshness(ctx context.Context, until time.Time, secret bool) {
	f, ok := ctx.Value(freshnessKey{}).(*Freshness)
	if !ok {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.until.IsZero() || until.Before(f.until) {
		f.until = until
	}
	f.secret = f.secret || secret
}
