package restore

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"atlas-restore-gateway/internal/atlas"
)

// CacheSettings says how much of Atlas's answers is kept, and for how long.
type CacheSettings struct {
	// Bytes bounds what is kept, about; 0 keeps nothing.
	Bytes int64
	// Final is for jobs that cannot change any more, and snapshots that are complete.
	Final time.Duration
	// Running is for everything that can change: so long a change may stay unseen.
	Running time.Duration
	// Missing is for the answer that something does not exist.
	Missing time.Duration
}

// DefaultCacheSettings is a good measure for most.
var DefaultCacheSettings = CacheSettings{Bytes: 16 << 20, Final: 5 * time.Minute, Running: 2 * time.Second, Missing: time.Second}

// calls makes the calls of Atlas. An answer that is kept costs none, and of several who
// want the same call at once one makes it and all get its answer. All of it belongs
// to one Service and so to one credential.
type calls struct {
	keep  CacheSettings
	kept  *otter.Cache[string, *answer] // nil when nothing is kept
	stats counters

	life context.Context //nolint:containedctx // the life of the service, not of a call
	end  context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex
	flights map[string]*flight
}

// answer is what a call came to.
type answer struct {
	value any
	err   error
	ttl   time.Duration // 0: not to be kept
	until time.Time     // the end of ttl
	bytes uint32
}

// flight is a call under way.
type flight struct {
	done    chan struct{}
	answer  *answer
	waiting int // how many wait for it; when the last one leaves it is ended
	cancel  context.CancelFunc
	patience
}

func newCalls(keep CacheSettings) (*calls, error) {
	life, end := context.WithCancel(context.Background())
	c := &calls{keep: keep, life: life, end: end, flights: make(map[string]*flight)}
	if keep.Bytes <= 0 {
		return c, nil
	}
	kept, err := otter.New(&otter.Options[string, *answer]{
		MaximumWeight:    uint64(keep.Bytes),
		Weigher:          func(key string, a *answer) uint32 { return a.bytes + uint32(len(key)) + 200 }, //nolint:gosec // keys are short
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, *answer]) time.Duration { return e.Value.ttl }),
		OnAtomicDeletion: c.stats.dropped,
	})
	c.kept = kept
	return c, err
}

// close ends the calls under way and waits for them.
func (c *calls) close() {
	c.end()
	c.wg.Wait()
	if c.kept != nil {
		c.kept.StopAllGoroutines()
	}
}

// ErrCallsSpent is a call that was not made, because the operation has made as many as it may
// (atlas.Meter).
var ErrCallsSpent = errors.New("restore: the operation has made as many calls as it may")

// mayCall is an error when the operation, or whoever asked for it, may make no call any
// more. What several wait for is not refused for the sake of the one who began it: the
// error would be the answer of the others, too.
func mayCall(ctx context.Context) error {
	m := atlas.MeterOf(ctx)
	switch {
	case m == nil || atlas.Shared(ctx):
		return nil
	case m.Spent():
		return ErrCallsSpent
	case m.Allow != nil:
		return m.Allow()
	default:
		return nil
	}
}

type freshKey struct{}

// WithNoCache marks a context: what is asked with it is asked of Atlas, whatever is kept.
func WithNoCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

func isFresh(ctx context.Context) bool { return ctx.Value(freshKey{}) != nil }

// worth says how long a value is kept, and about how many bytes it holds.
type worth[T any] func(T) (time.Duration, int)

// call gives the answer of the call that key names: a kept one, that of the same call
// under way, or that of load. Load runs beside its callers, so that one of them
// leaving fails no other; when all have left it is cancelled.
func call[T any](ctx context.Context, c *calls, key string, load func(context.Context) (T, error), worth worth[T]) (T, error) {
	fresh := isFresh(ctx)
	if a, ok := c.lookUp(key, fresh); ok {
		noteLife(ctx, a)
		return result[T](a)
	}
	if err := mayCall(ctx); err != nil {
		var none T
		return none, err
	}
	f, err := c.join(ctx, key, fresh, func(ctx context.Context) *answer {
		value, err := load(ctx)
		a := &answer{value: value, err: err}
		if err == nil {
			var bytes int
			a.ttl, bytes = worth(value)
			a.bytes = uint32(min(bytes, 1<<30)) //nolint:gosec // bounded
		} else if atlas.IsNotFound(err) {
			a.ttl, a.bytes = c.keep.Missing, 500
		}
		a.until = time.Now().Add(a.ttl)
		return a
	})
	if err != nil {
		var none T
		return none, err
	}
	select {
	case <-f.done:
		noteLife(ctx, f.answer)
		return result[T](f.answer)
	case <-ctx.Done():
		c.leave(key, f)
		var none T
		return none, ctx.Err()
	}
}

// lookUp gives an answer that is kept, and counts whether there was one.
func (c *calls) lookUp(key string, fresh bool) (*answer, bool) {
	counted := c.stats.of(key)
	if fresh {
		counted.bypassed.Add(1)
		return nil, false
	}
	if c.kept != nil {
		if a, ok := c.kept.GetIfPresent(key); ok {
			counted.hits.Add(1)
			return a, true
		}
	}
	counted.misses.Add(1)
	return nil, false
}

// set keeps an answer for its time.
func (c *calls) set(key string, a *answer) {
	c.stats.entries(key, a).Add(1)
	c.kept.Set(key, a)
}

// kept is an answer that is kept, unless it is an error, or wanted fresh. Who makes use
// of it counts it as a hit.
func kept[T any](ctx context.Context, c *calls, key string) (T, bool) {
	var none T
	if c.kept == nil || isFresh(ctx) {
		return none, false
	}
	a, ok := c.kept.GetIfPresent(key)
	if !ok || a.err != nil {
		return none, false
	}
	noteLife(ctx, a)
	value, ok := a.value.(T)
	return value, ok
}

// free is whether the answer costs no call: it is kept, or on its way already.
func (c *calls) free(ctx context.Context, key string) bool {
	if isFresh(ctx) {
		return false
	}
	// In this order: an answer is kept before its flight ends.
	c.mu.Lock()
	_, underWay := c.flights[key]
	c.mu.Unlock()
	if underWay || c.kept == nil {
		return underWay
	}
	a, ok := c.kept.GetIfPresent(key)
	return ok && a.err == nil
}

func result[T any](a *answer) (T, error) {
	value, _ := a.value.(T)
	return value, a.err
}

// join makes the caller one who waits for the call, and starts it if there is none. A
// call that must be fresh is not shared: one under way may have been answered before. It
// fails with ErrSpent when the operation may begin no call any more.
func (c *calls) join(ctx context.Context, key string, fresh bool, load func(context.Context) *answer) (*flight, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[key]; ok && !fresh {
		f.waiting++
		f.join(ctx)
		c.stats.of(key).shared.Add(1)
		return f, nil
	}
	if m := atlas.MeterOf(ctx); m != nil && !atlas.Shared(ctx) && !m.Begin() {
		return nil, ErrCallsSpent
	}
	f := &flight{done: make(chan struct{}), waiting: 1}
	f.join(ctx)
	ctx, f.cancel = context.WithCancel(f.with(ctx))
	if !fresh {
		c.flights[key] = f
	}
	c.wg.Go(func() {
		growStack()
		stop := context.AfterFunc(c.life, f.cancel)
		defer stop()
		defer f.cancel()
		f.answer = guarded(ctx, load)
		if c.kept != nil && f.answer.ttl > 0 {
			c.set(key, f.answer)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.drop(key, f)
		close(f.done)
	})
	return f, nil
}

// leave takes a caller out of those who wait.
func (c *calls) leave(key string, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		c.drop(key, f)
		f.cancel()
	}
}

func (c *calls) drop(key string, f *flight) {
	if c.flights[key] == f {
		delete(c.flights, key)
	}
}

// guarded makes an error of a panic: it must not end the process from a goroutine that
// nobody watches.
func guarded(ctx context.Context, load func(context.Context) *answer) (a *answer) {
	defer func() {
		if r := recover(); r != nil {
			a = &answer{err: NewPanicError(r)}
		}
	}()
	return load(ctx)
}

// PanicError is a panic of somebody's fetch. Value and Stack are for the log alone.
type PanicError struct {
	Value any
	Stack []byte
}

// NewPanicError makes an error of what was recovered. It is called where that was, because it
// notes the stack.
func NewPanicError(recovered any) *PanicError {
	return &PanicError{Value: recovered, Stack: debug.Stack()}
}

func (*PanicError) Error() string { return "restore: a fetch panicked" }
