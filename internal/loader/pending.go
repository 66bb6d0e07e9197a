package loader

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"atlas-restore-gateway/internal/restore"
)

// pending is a value on its way. The batch function answers with these at once, so
// that no key of a batch waits for the slowest one, and so that a caller can stop
// waiting: a dataloader's own thunk listens to no context.
type pending[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func newPending[V any]() *pending[V] { return &pending[V]{done: make(chan struct{})} }

// finish makes the value, or err, known.
func (p *pending[V]) finish(err error) {
	p.err = err
	close(p.done)
}

// wait waits for a value or for ctx. The thunk itself blocks for the batch window
// at most.
func wait[V any](ctx context.Context, thunk dataloader.Thunk[*pending[V]]) (V, error) {
	var none V
	p, err := thunk()
	if err != nil {
		return none, err
	}
	return p.wait(ctx)
}

// wait waits for the value or for ctx.
func (p *pending[V]) wait(ctx context.Context) (V, error) {
	select {
	case <-p.done:
		return p.value, p.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// each is a loader that fetches every key by itself, side by side as far as the
// operation's slots go.
func each[K comparable, V any](l *Loaders, planned int, fetch func(context.Context, K) (V, error)) *batched[K, V] {
	return newBatched(l, planned, func(_ context.Context, keys []K) []*dataloader.Result[*pending[V]] {
		results := make([]*dataloader.Result[*pending[V]], len(keys))
		for i, key := range keys {
			p := newPending[V]()
			results[i] = &dataloader.Result[*pending[V]]{Data: p}
			l.fetch(func(ctx context.Context) (err error) {
				p.value, err = fetch(ctx, key)
				return err
			}, p.finish)
		}
		return results
	}, fetch)
}

// fetch runs work beside the callers, in one of the operation's slots, and then hands
// its error to done.
func (l *Loaders) fetch(work func(context.Context) error, done func(error)) {
	l.wg.Go(func() { done(inSlot(l.ctx, l.slots, work)) })
}

// inSlot runs work in one of the slots. A panic becomes an error: it must not end the
// process from a goroutine that nobody watches, or leave others waiting.
func inSlot(ctx context.Context, slots chan struct{}, work func(context.Context) error) error {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return caught(ctx, work)
}

func caught(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = restore.NewPanicError(r)
		}
	}()
	return work(ctx)
}
