package loader

import (
	"context"
	"sync"
)

// first is the first key of a loader that has no company to wait for. Whoever asks for it
// fetches it, because a batch of one costs three goroutines and a timer more; all others
// wait for that.
type first[K comparable, V any] struct {
	slots chan struct{}
	fetch func(context.Context, K) (V, error)

	mu   sync.Mutex
	key  K
	p    *pending[V] // nil until somebody asks
	left bool        // whether who fetches it has left before it was there
}

// load gives the value of the key. Known is false when it cannot: when another key was the
// first, or whoever fetched it has left.
func (f *first[K, V]) load(ctx context.Context, key K) (value V, known bool, err error) {
	f.mu.Lock()
	mine := f.p == nil
	if mine {
		f.key, f.p = key, newPending[V]()
	}
	known = f.key == key
	f.mu.Unlock()
	if !known {
		return value, false, nil
	}
	if mine {
		err = inSlot(ctx, f.slots, func(ctx context.Context) (err error) {
			f.p.value, err = f.fetch(ctx, key)
			return err
		})
		f.left = ctx.Err() != nil
		f.p.finish(err)
		return f.p.value, true, f.p.err
	}
	value, err = f.p.wait(ctx)
	return value, ctx.Err() != nil || !f.left, err
}
