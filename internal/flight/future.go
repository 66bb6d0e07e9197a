package flight

import "context"

// Future is a result that is not there yet. It is safe for concurrent use.
type Future[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// NewFuture returns a future without a result.
func NewFuture[V any]() *Future[V] { return &Future[V]{done: make(chan struct{})} }

// Resolve sets the result. It must be called once.
func (f *Future[V]) Resolve(value V, err error) {
	f.value, f.err = value, err
	close(f.done)
}

// Done returns a channel that is closed when the result is there.
func (f *Future[V]) Done() <-chan struct{} { return f.done }

// Wait returns the result, or ctx.Err() when ctx ends first.
func (f *Future[V]) Wait(ctx context.Context) (V, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}
