package atlas

import (
	"context"
	"net/http"
	"sync/atomic"
)

// Meter counts the calls and requests that are made for one operation of a caller. Retries and
// challenges are requests, too, because each counts against Atlas's rate limit. Of a call that
// several callers wait for only the meter of the first one counts. A Meter is safe for concurrent
// use; its zero value counts without bounds.
type Meter struct {
	// MaxRequests is how many requests may be sent; 0 means any number. It is compared before a call
	// and not within one, so that calls that are under way may exceed it. It is set before the
	// meter is used.
	MaxRequests int
	// MaxCalls is how many calls may begin, whatever requests each of them takes; 0 means any
	// number. It is set before the meter is used.
	MaxCalls int
	// Allow is called before each call; its error is the result of the call. OnRequest is called for
	// each request that is sent. Both may be nil, and are set before the meter is used.
	Allow     func() error
	OnRequest func()

	requests atomic.Int64
	calls    atomic.Int64
}

// Begin counts a call that is about to begin, and reports whether it may. It may not after
// MaxCalls calls, and is not counted then.
func (m *Meter) Begin() bool {
	for {
		calls := m.calls.Load()
		if m.MaxCalls > 0 && calls >= int64(m.MaxCalls) {
			return false
		}
		if m.calls.CompareAndSwap(calls, calls+1) {
			return true
		}
	}
}

// Calls returns how many calls have begun.
func (m *Meter) Calls() int { return int(m.calls.Load()) }

// Requests returns how many requests were sent.
func (m *Meter) Requests() int { return int(m.requests.Load()) }

// Spent reports whether MaxRequests is reached, so that no call may be made any more.
func (m *Meter) Spent() bool { return m.MaxRequests > 0 && m.Requests() >= m.MaxRequests }

type meterKey struct{}

// WithMeter returns a context whose requests are counted by m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// MeterOf returns the meter of the context, or nil.
func MeterOf(ctx context.Context) *Meter {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	return m
}

// countRequests counts each request that is sent with the meter of its context.
func countRequests(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if m := MeterOf(r.Context()); m != nil {
			m.requests.Add(1)
			if m.OnRequest != nil {
				m.OnRequest()
			}
		}
		return next.RoundTrip(r)
	})
}
