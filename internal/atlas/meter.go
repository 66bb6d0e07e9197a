package atlas

import (
	"context"
	"net/http"
	"sync/atomic"
)

// Meter counts the requests that are sent to Atlas for one caller: attempts that are
// repeated and challenges among them, because each counts against what Atlas allows. A
// request that several wait for counts for whoever made it necessary first. It is safe
// for concurrent use; the zero value has counted nothing.
type Meter struct {
	// MaxRequests is how many requests may be sent; 0 means any number. It is set before the
	// meter is used, and looked at before a call and not in the midst of one, so that the
	// last calls may come to some more.
	MaxRequests int
	// MaxCalls is how many calls may begin, whatever requests each of them takes; 0 means any
	// number. It is set before the meter is used.
	MaxCalls int
	// Allow is asked before a call, too: its error is the answer in the place of Atlas's. Sent
	// is told of each request that is sent. Both may be nil, and are set before the meter is
	// used.
	Allow     func() error
	OnRequest func()

	requests atomic.Int64
	calls    atomic.Int64
}

// Begin counts a call that is about to begin. It reports whether the call may: when there were
// MostCalls before, it is not counted and must not be made. Attempts that are repeated, and
// what a credential needs, belong to the call.
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

// Calls is how many calls have begun so far.
func (m *Meter) Calls() int { return int(m.calls.Load()) }

// Requests is how many were sent so far.
func (m *Meter) Requests() int { return int(m.requests.Load()) }

// Spent is whether no call may be made any more.
func (m *Meter) Spent() bool { return m.MaxRequests > 0 && m.Requests() >= m.MaxRequests }

type meterKey struct{}

// WithMeter has the requests that are made with the context counted by m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// MeterOf is the meter of the context, or nil.
func MeterOf(ctx context.Context) *Meter {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	return m
}

// metered counts what goes over the wire.
func metered(next http.RoundTripper) http.RoundTripper {
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
