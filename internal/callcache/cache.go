package callcache

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"atlas-restore-gateway/internal/flight"
)

// Options are the settings of a Cache. The zero value stores nothing, and shares calls that are running.
type Options struct {
	// MaxBytes bounds the store, as far as the sizes are right that kinds give; 0 stores nothing.
	MaxBytes int64
	// MissingTTL is how long an error may be used that IsMissing reports; 0 stores no errors.
	MissingTTL time.Duration
	// IsMissing reports whether an error says that what was asked for does not exist. It may be nil.
	IsMissing func(error) bool
	// Allow is called before a call is made or joined, and Begin before one is made, both with the context of the
	// caller. Their error is the answer for this caller. Begin must return at once and must not use the cache. Both
	// may be nil.
	Allow, Begin func(context.Context) error
	// Shared is a store behind this one; nil is none. What a kind without a Codec returns is not in it.
	Shared Shared
}

// Cache makes calls, and stores their results. Its keys are comparable structs that name a call within its kind;
// what can be asked for is added by NewKind. It is safe for concurrent use, and must be closed.
type Cache[K comparable] struct {
	// ForgottenAt returns until when what was read of a call is not to be used; zero where all is. It is called for each
	// result, and must return at once. It may be nil, and is set before the cache is used.
	ForgottenAt func(K) time.Time

	options Options
	store   *otter.Cache[storeKey[K], *entry] // nil when nothing is stored
	flights flight.Group[storeKey[K], *entry]
	kinds   int
	counts  counters
}

// storeKey names a call.
type storeKey[K comparable] struct {
	kind int
	call K
}

// entry is the result of a call.
type entry struct {
	value      any // of the kind's type; unspecified with an error
	err        error
	ttl        time.Duration // 0: it is not stored
	age        time.Duration // when it was stored
	readAt     time.Time     // when its call began
	freshUntil time.Time
	size       uint32
	secret     bool
	kind       *kindCounters
}

// missingSize is about how many bytes an error holds, and entrySize what an entry takes beside its value: the key
// with its texts, and its place in the store.
const (
	missingSize = 500
	entrySize   = 270
	maxSize     = 1 << 30
)

// New makes a cache without kinds.
func New[K comparable](o Options) (*Cache[K], error) {
	c := &Cache[K]{options: o}
	c.flights.Begin = o.Begin
	if o.MaxBytes <= 0 {
		return c, nil
	}
	store, err := otter.New(&otter.Options[storeKey[K], *entry]{
		MaximumWeight: uint64(o.MaxBytes),
		Weigher:       func(_ storeKey[K], e *entry) uint32 { return e.size + entrySize },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[storeKey[K], *entry]) time.Duration {
			return e.Value.ttl
		}),
		OnAtomicDeletion: func(e otter.DeletionEvent[storeKey[K], *entry]) { c.counts.deleted(e.Value, e.Cause) },
	})
	c.store = store
	return c, err
}

// Close cancels the calls that are running and waits for them.
func (c *Cache[K]) Close() {
	c.flights.Close()
	if c.store != nil {
		c.store.StopAllGoroutines()
	}
}

// isForgotten reports whether a result that was read then is true no longer.
func (c *Cache[K]) isForgotten(key K, readAt time.Time) bool {
	return c.ForgottenAt != nil && !readAt.After(c.ForgottenAt(key))
}

func (c *Cache[K]) put(key storeKey[K], e *entry) {
	if c.store == nil || e.ttl <= 0 {
		return
	}
	c.counts.entries(e).Add(1)
	c.store.Set(key, e)
}
