package atlas

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/flight"
)

type patienceKey struct{}

// WithSharedDeadline tells a call until when somebody waits for its answer, where its context
// cannot: a call that is made for several ends when the last of them leaves, and who
// joins late may have more time than who came first. Until gives that moment, or false
// when somebody waits without an end. It is asked when a wait is planned.
func WithSharedDeadline(ctx context.Context, until func() (time.Time, bool)) context.Context {
	return context.WithValue(ctx, patienceKey{}, until)
}

// Deadline is the moment from which an answer is of no use any more: the deadline of
// the context, or the end of the patience with it, whichever comes first.
func Deadline(ctx context.Context) (time.Time, bool) {
	deadline, ok := flight.Deadline(ctx)
	if until, is := ctx.Value(patienceKey{}).(func() (time.Time, bool)); is {
		if end, ends := until(); ends && (!ok || end.Before(deadline)) {
			return end, true
		}
	}
	return deadline, ok
}

// Shared is whether the context is of a call that several may wait for: it has WithPatience.
func Shared(ctx context.Context) bool { return ctx.Value(patienceKey{}) != nil || flight.Shared(ctx) }
