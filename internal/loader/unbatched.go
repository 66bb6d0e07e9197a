package loader

import (
	"context"
	"sync"

	"atlas-restore-gateway/internal/flight"
)

// unbatched loads each key by a fetch of its own, at once. The first caller of a key fetches it in
// its own goroutine and context, because a batch of one key costs three goroutines and a timer
// more; other callers wait for that. When the first caller leaves before the value is there, one of
// the others fetches the key again.
type unbatched[K comparable, V any] struct {
	slots chan struct{}
	fetch func(context.Context, K) (V, error)

	mu      sync.Mutex
	futures map[K]*flight.Future[V]
}

func newUnbatched[K comparable, V any](l *Loaders, fetch func(context.Context, K) (V, error)) *unbatched[K, V] {
	return &unbatched[K, V]{slots: l.slots, fetch: fetch, futures: make(map[K]*flight.Future[V], 1)}
}

func (u *unbatched[K, V]) load(ctx context.Context, key K) (V, error) {
	for {
		f, isFirst := u.futureOf(key)
		if isFirst {
			value, err := inSlot(ctx, u.slots, func(ctx context.Context) (V, error) { return u.fetch(ctx, key) })
			if err != nil && ctx.Err() != nil {
				u.forget(key)
			}
			f.Resolve(value, err)
			return value, err
		}
		value, err := f.Wait(ctx)
		if err == nil || ctx.Err() != nil || u.has(key, f) {
			return value, err
		}
	}
}

func (u *unbatched[K, V]) loadAll(ctx context.Context, keys []K) ([]V, []error) {
	values, errs := make([]V, len(keys)), make([]error, len(keys))
	var wg sync.WaitGroup
	for i, key := range keys {
		wg.Go(func() { values[i], errs[i] = u.load(ctx, key) })
	}
	wg.Wait()
	return values, errs
}

// futureOf returns the future of the key, and reports whether the caller is the first one and has
// to complete it.
func (u *unbatched[K, V]) futureOf(key K) (f *flight.Future[V], isFirst bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	f = u.futures[key]
	if f == nil {
		f, isFirst = flight.NewFuture[V](), true
		u.futures[key] = f
	}
	return f, isFirst
}

// forget has the key fetched again by the next caller or by one that waits.
func (u *unbatched[K, V]) forget(key K) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.futures, key)
}

// has reports whether the result of f is the result of the key.
func (u *unbatched[K, V]) has(key K, f *flight.Future[V]) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.futures[key] == f
}
