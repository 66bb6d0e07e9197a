package flight

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// Call is a call that has begun. Each caller that has joined it waits for it once.
type Call[V any] struct {
	result   Future[V]
	cancel   context.CancelFunc
	deadline latest
	span     trace.SpanContext // of the caller that has started it

	mu         sync.Mutex
	waiting    int  // callers that have joined and still wait
	background bool // it goes on without any
	abandoned  bool // the last caller has left
}

// Join adds a caller. It reports false when that is too late, because all others have stopped waiting: then the
// call is cancelled. A caller that has joined must call Wait with the same context.
func (c *Call[V]) Join(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.abandoned {
		return false
	}
	c.waiting++
	c.deadline.add(ctx)
	c.link(ctx)
	return true
}

// link links the span of a caller to that of the caller that has started the call, if that is sampled: its trace has what
// the call does.
func (c *Call[V]) link(ctx context.Context) {
	span := trace.SpanFromContext(ctx)
	if span.IsRecording() && c.span.IsSampled() && !c.span.Equal(span.SpanContext()) {
		span.AddLink(trace.Link{SpanContext: c.span})
	}
}

// Wait returns the result of the call. When ctx ends first it returns ctx.Err(), and the call is cancelled if
// no other caller waits.
func (c *Call[V]) Wait(ctx context.Context) (V, error) {
	select {
	case <-c.result.done:
		return c.result.value, c.result.err
	case <-ctx.Done():
		c.leave()
		var none V
		return none, ctx.Err()
	}
}

func (c *Call[V]) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting--; c.waiting <= 0 && !c.background {
		c.abandoned = true
		c.cancel()
	}
}

// keepOn makes the call go on without callers. It reports false when it is too late for that.
func (c *Call[V]) keepOn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.background = !c.abandoned
	c.deadline.add(context.Background())
	return c.background
}

func (c *Call[V]) joinable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.abandoned
}

// finish publishes the result and ends the context of the call.
func (c *Call[V]) finish(err error) {
	c.cancel()
	c.result.Resolve(c.result.value, err)
}
