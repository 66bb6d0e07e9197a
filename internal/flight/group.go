package flight

import (
	"context"
	"runtime"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// Group makes calls, and owns the goroutines that they run in. Of several callers that want the call of one key
// at the same time, the first one starts it and the others join it. The zero value is ready for use; a group
// must not be copied. It is safe for concurrent use.
type Group[K comparable, V any] struct {
	// Begin is called before a call begins for a caller, with the context of that caller. Its error is the answer
	// for this caller, and no call begins. It must return at once and must not use the group. It may be nil, and
	// is set before the group is used.
	Begin func(context.Context) error

	mu      sync.Mutex
	keyed   map[K]*Call[V]
	running map[*Call[V]]struct{}
	closed  bool
	wg      sync.WaitGroup
}

// Do returns the result of the call of key, which may be one that another caller has started. Otherwise it
// starts fn, unless ctx has ended. When ctx ends first the result is ctx.Err().
//
// The context of fn has the values of ctx, the first caller's. It ends when no caller waits any more, and when
// the group is closed.
func (g *Group[K, V]) Do(ctx context.Context, key K, fn func(context.Context) (V, error)) (V, error) {
	call, _, err := g.Join(ctx, key, fn)
	if err != nil {
		var none V
		return none, err
	}
	return call.Wait(ctx)
}

// Join is Do without the wait: it returns the call, and whether it was started for this caller, who must call
// Wait with the same context. It returns at once, so that it can be called with a lock held that fn takes, too. Its
// error is that of Begin, or of ctx where that has ended and there is no call to join.
func (g *Group[K, V]) Join(ctx context.Context,
	key K, fn func(context.Context) (V, error)) (call *Call[V], started bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if call = g.keyed[key]; call != nil && call.Join(ctx) {
		return call, false, nil
	}
	call, err = g.begin(ctx, &key, fn)
	return call, err == nil, err
}

// Start starts a call that has no key: others can join it by Call.Join alone. The caller must call Wait with the
// same context. Its error is that of Begin, or of ctx where that has ended.
func (g *Group[K, V]) Start(ctx context.Context, fn func(context.Context) (V, error)) (*Call[V], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.begin(ctx, nil, fn)
}

// Background returns the call of key, which it starts if there is none. The call goes on until fn returns or the
// group is closed, whether a caller waits or not; each may call Wait, any number of times. Background returns at
// once, as Join does, and does not call Begin.
func (g *Group[K, V]) Background(key K, fn func(context.Context) (V, error)) *Call[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if call := g.keyed[key]; call != nil && call.keepOn() {
		return call
	}
	call, ctx := newCall[V](context.Background())
	call.keepOn()
	g.start(ctx, call, &key, fn)
	return call
}

// Running reports whether Do would join a call of key.
func (g *Group[K, V]) Running(key K) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	call := g.keyed[key]
	return call != nil && call.joinable()
}

// Close cancels the calls that are running, waits until their functions have returned, and lets no other begin:
// the result of one that is wanted later is context.Canceled.
func (g *Group[K, V]) Close() {
	g.mu.Lock()
	g.closed = true
	for call := range g.running {
		call.cancel()
	}
	g.mu.Unlock()
	g.wg.Wait()
}

// begin starts a call for a caller, if Begin allows it. None starts for one whose context has ended: the call would be
// made, and then cancelled. The lock is held.
func (g *Group[K, V]) begin(ctx context.Context, key *K, fn func(context.Context) (V, error)) (*Call[V], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.Begin != nil {
		if err := g.Begin(ctx); err != nil {
			return nil, err
		}
	}
	call, callContext := newCall[V](ctx)
	call.Join(ctx)
	g.start(callContext, call, key, fn)
	return call, nil
}

// newCall returns a call that has not started, and the context of its function. Its first caller joins it before it is
// started: until then it has no deadline.
func newCall[V any](ctx context.Context) (*Call[V], context.Context) {
	call := &Call[V]{result: Future[V]{done: make(chan struct{})}, span: trace.SpanContextFromContext(ctx)}
	//nolint:gosec // finish calls it
	ctx, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), latestKey{}, &call.deadline))
	call.cancel = cancel
	return call, ctx
}

// start starts a call; key may be nil. The lock is held.
func (g *Group[K, V]) start(ctx context.Context, call *Call[V], key *K, fn func(context.Context) (V, error)) {
	if g.closed {
		call.finish(context.Canceled)
		return
	}
	if g.running == nil {
		g.running, g.keyed = make(map[*Call[V]]struct{}), make(map[K]*Call[V])
	}
	g.running[call] = struct{}{}
	if key != nil {
		g.keyed[*key] = call
	}
	g.wg.Go(func() {
		// Deferred, because fn may end the goroutine.
		err := errNoResult
		defer func() {
			g.forget(key, call)
			call.finish(err)
		}()
		growStack()
		call.result.value, err = Recovered(ctx, fn)
	})
}

func (g *Group[K, V]) forget(key *K, call *Call[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.running, call)
	if key != nil && g.keyed[*key] == call {
		delete(g.keyed, *key)
	}
}

// growStack grows the stack of a new goroutine at once. Most functions call over the network, and a stack that
// grows in the depth of net/http is copied with all that is on it by then.
//
//go:noinline
func growStack() {
	var frame [10 << 10]byte
	runtime.KeepAlive(&frame)
}
