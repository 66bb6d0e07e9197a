package loader

import (
	"context"
	"runtime/debug"

	"github.com/graph-gophers/dataloader/v7"
)

// pending is a value on its way. The batch function answers with these at once, so
// that no key of a batch waits for the slowest one, and so that a caller can stop
// waiting: a dataloader's own thunk listens to no context.
type pending[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// wait waits for a value or for ctx. The thunk itself blocks for the batch window
// at most.
func wait[V any](ctx context.Context, thunk dataloader.Thunk[*pending[V]]) (V, error) {
	var none V
	p, err := thunk()
	if err != nil {
		return none, err
	}
	select {
	case <-p.done:
		return p.value, p.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// each is a batch function that fetches every key by itself, side by side as far
// as the operation's slots go. The context that the dataloader hands over is that
// of Load, which is the operation's.
func each[K comparable, V any](l *Loaders, fetch func(context.Context, K) (V, error)) dataloader.BatchFunc[K, *pending[V]] {
	return func(ctx context.Context, keys []K) []*dataloader.Result[*pending[V]] {
		results := make([]*dataloader.Result[*pending[V]], len(keys))
		for i, key := range keys {
			p := &pending[V]{done: make(chan struct{})}
			results[i] = &dataloader.Result[*pending[V]]{Data: p}
			l.wg.Go(func() {
				defer close(p.done)
				select {
				case l.slots <- struct{}{}:
					defer func() { <-l.slots }()
					p.value, p.err = caught(ctx, key, fetch)
				case <-ctx.Done():
					p.err = ctx.Err()
				}
			})
		}
		return results
	}
}

// caught makes an error of a panic: it must not end the process from a goroutine
// that nobody watches.
func caught[K comparable, V any](ctx context.Context, key K, fetch func(context.Context, K) (V, error)) (v V, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return fetch(ctx, key)
}

// PanicError is a panic of a fetch. Value and Stack are for the log alone.
type PanicError struct {
	Value any
	Stack []byte
}

func (*PanicError) Error() string { return "loader: a fetch panicked" }
