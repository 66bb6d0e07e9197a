package loader

import (
	"context"

	"atlas-restore-gateway/internal/flight"
)

// start fetches in a goroutine of the operation, and calls done with the result.
func start[V any](l *Loaders, fetch func(context.Context) (V, error), done func(V, error)) {
	l.wg.Go(func() { done(inSlot(l.ctx, l.slots, fetch)) })
}

// inSlot fetches when one of the slots is free. A panic of fetch is a *flight.PanicError: it must
// neither end the process nor leave the callers waiting.
func inSlot[V any](ctx context.Context,
	slots chan struct{}, fetch func(context.Context) (V, error)) (value V, err error) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return value, ctx.Err()
	}
	return flight.Recovered(ctx, fetch)
}
