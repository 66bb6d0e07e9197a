package atlas

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/flight"
)

type sharedDeadlineKey struct{}

// WithSharedDeadline returns a context for a call that several callers wait for. Its deadline is the one
// of the last caller, which moves when another one joins, so that the context cannot have it. Until
// returns the deadline, or false where a caller has none. It is called when a wait is planned.
func WithSharedDeadline(ctx context.Context, until func() (time.Time, bool)) context.Context {
	return context.WithValue(ctx, sharedDeadlineKey{}, until)
}

// Deadline returns when the last caller stops waiting: the deadline of the context or its shared
// deadline, whichever comes first. It reports false where there is none.
func Deadline(ctx context.Context) (time.Time, bool) {
	deadline, ok := flight.Deadline(ctx)
	if until, shared := ctx.Value(sharedDeadlineKey{}).(func() (time.Time, bool)); shared {
		if end, bounded := until(); bounded && (!ok || end.Before(deadline)) {
			return end, true
		}
	}
	return deadline, ok
}

// Shared reports whether the context is of a call that several callers may wait for.
func Shared(ctx context.Context) bool {
	return ctx.Value(sharedDeadlineKey{}) != nil || flight.Shared(ctx)
}
