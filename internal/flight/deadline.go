package flight

import (
	"context"
	"sync"
	"time"
)

// latest is the latest deadline of several callers.
type latest struct {
	mu    sync.Mutex
	at    time.Time
	never bool // a caller has no deadline
}

// add takes the deadline of another caller into account.
func (l *latest) add(ctx context.Context) {
	at, bounded := Deadline(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bounded {
		l.never = true
	} else if at.After(l.at) {
		l.at = at
	}
}

func (l *latest) get() (at time.Time, bounded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at, !l.never
}

type latestKey struct{}

// Deadline returns the time after which no caller waits for work that is done with ctx: the deadline of ctx,
// or the latest one of the callers of the call that ctx belongs to, whichever is earlier. It reports false
// where there is none. The time can be a later one when it is asked for again, because callers join.
func Deadline(ctx context.Context) (time.Time, bool) {
	deadline, bounded := ctx.Deadline()
	if callers, ok := ctx.Value(latestKey{}).(*latest); ok {
		if at, ok := callers.get(); ok && (!bounded || at.Before(deadline)) {
			return at, true
		}
	}
	return deadline, bounded
}

// Shared reports whether ctx belongs to a call that several callers may wait for.
func Shared(ctx context.Context) bool { return ctx.Value(latestKey{}) != nil }
