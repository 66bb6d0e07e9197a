package callcache

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/tracing"
)

// KindOptions describe one kind of result. TTL, Size and HoldsSecret are required.
type KindOptions[K comparable, V any] struct {
	// Name is what Stats calls the kind. Kinds of one name are counted together.
	Name string
	// TTL returns how long a value may be used; from 0 downwards it is not stored.
	TTL func(V) time.Duration
	// Size returns about how many bytes a value holds.
	Size func(V) int
	// HoldsSecret reports whether a value holds something that no other cache may store.
	HoldsSecret func(V) bool
	// ReadAt returns when a value was read, if that can have been before the call that returned it; nil where it cannot.
	ReadAt func(V) time.Time
	// Codec is that of values in the shared store; nil where they are not in it.
	Codec *Codec[K, V]
}

// Kind is one kind of result in a Cache. Values are shared by all callers, who must not change them.
type Kind[K comparable, V any] struct {
	cache    *Cache[K]
	options  KindOptions[K, V]
	index    int
	counters *kindCounters
}

// NewKind adds a kind of result to a cache. All kinds must be added before the cache is used.
func NewKind[K comparable, V any](c *Cache[K], o KindOptions[K, V]) *Kind[K, V] {
	c.kinds++
	return &Kind[K, V]{cache: c, options: o, index: c.kinds, counters: c.counts.kind(o.Name)}
}

// Get returns the result of the call of key: a stored one, that of the same call if it is running, or that of
// load. With a context of WithNoCache it is always that of load.
//
// load runs beside its callers (see internal/flight): it is cancelled when no caller waits any more. Get
// returns ctx.Err() when ctx ends first.
func (k *Kind[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	var none V
	noCache := NoCache(ctx)
	if e := k.lookUp(key, noCache); e != nil {
		k.recordHit(ctx)
		return k.result(ctx, e)
	}
	if allow := k.cache.options.Allow; allow != nil {
		if err := allow(ctx); err != nil {
			return none, err
		}
	}
	e, err := k.call(ctx, key, noCache, load)
	if err == nil && k.cache.isForgotten(key, e.readAt) {
		// The call that it waited for began too early.
		e, err = k.call(ctx, key, true, load)
	}
	if err != nil {
		recordFreshness(ctx, time.Now(), false)
		return none, err
	}
	return k.result(ctx, e)
}

// lookUp returns the stored result, or nil, and counts which.
func (k *Kind[K, V]) lookUp(key K, noCache bool) *entry {
	if noCache {
		k.counters.bypassed.Add(1)
		return nil
	}
	if e := k.stored(key); e != nil {
		k.counters.hits.Add(1)
		return e
	}
	k.counters.misses.Add(1)
	return nil
}

func (k *Kind[K, V]) stored(key K) *entry {
	if k.cache.store == nil {
		return nil
	}
	e, _ := k.cache.store.GetIfPresent(storeKey[K]{k.index, key})
	if e != nil && k.cache.isForgotten(key, e.readAt) {
		return nil
	}
	return e
}

// call loads the result, or waits for the same call of another caller. Without the cache it does not: that call may
// have been answered before this caller asked.
func (k *Kind[K, V]) call(ctx context.Context,
	key K, noCache bool, load func(context.Context) (V, error)) (*entry, error) {
	id := storeKey[K]{k.index, key}
	loadAndStore := func(ctx context.Context) (*entry, error) {
		if e := k.sharedEntry(ctx, key, noCache); e != nil {
			k.cache.put(id, e)
			return e, nil
		}
		begun := time.Now()
		value, err := load(ctx)
		e := k.entry(value, err)
		if begun.Before(e.readAt) {
			e.readAt = begun
		}
		k.cache.put(id, e)
		k.share(key, e)
		return e, nil
	}
	if noCache {
		call, err := k.cache.flights.Start(ctx, loadAndStore)
		if err != nil {
			return nil, err
		}
		return call.Wait(ctx)
	}
	call, started, err := k.cache.flights.Join(ctx, id, loadAndStore)
	if err != nil {
		return nil, err
	}
	if !started {
		k.counters.coalesced.Add(1)
	}
	return call.Wait(ctx)
}

func (k *Kind[K, V]) entry(value V, err error) *entry {
	age := time.Duration(0)
	if err == nil && k.options.ReadAt != nil {
		if readAt := k.options.ReadAt(value); !readAt.IsZero() {
			age = time.Since(readAt)
		}
	}
	return k.agedEntry(value, err, age)
}

// agedEntry is entry for a result that is this old.
func (k *Kind[K, V]) agedEntry(value V, err error, age time.Duration) *entry {
	e := &entry{value: value, err: err, kind: k.counters, age: age, readAt: time.Now().Add(-age)}
	options := &k.cache.options
	switch {
	case err == nil:
		e.ttl = max(0, k.options.TTL(value)-age)
		e.size = uint32(min(k.options.Size(value), maxSize)) //nolint:gosec // bounded
		e.secret = k.options.HoldsSecret(value)
	case options.IsMissing != nil && options.IsMissing(err):
		e.ttl, e.size = max(0, options.MissingTTL-age), missingSize
	}
	e.freshUntil = time.Now().Add(e.ttl)
	return e
}

func (k *Kind[K, V]) result(ctx context.Context, e *entry) (V, error) {
	recordFreshness(ctx, e.freshUntil, e.secret)
	if e.err != nil {
		var none V
		return none, e.err
	}
	return e.value.(V), nil
}

// Find reports whether a value is stored that accept, which is called with it, reports to be of use. Only then it
// counts as a hit. Nothing is loaded. With a context of WithNoCache there is none.
func (k *Kind[K, V]) Find(ctx context.Context, key K, accept func(V) bool) bool {
	if NoCache(ctx) {
		return false
	}
	e := k.stored(key)
	if e == nil || e.err != nil || !accept(e.value.(V)) {
		return false
	}
	recordFreshness(ctx, e.freshUntil, e.secret)
	k.counters.hits.Add(1)
	k.recordHit(ctx)
	return true
}

// recordHit adds an event to the span of the caller.
func (k *Kind[K, V]) recordHit(ctx context.Context) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent("cache hit", trace.WithAttributes(tracing.KindKey.String(k.options.Name)))
	}
}

// IsFree reports whether Get would make no call: a value is stored, or its call is running.
func (k *Kind[K, V]) IsFree(ctx context.Context, key K) bool {
	if NoCache(ctx) {
		return false
	}
	// In this order: the result of a call is stored before the call ends.
	if k.cache.flights.Running(storeKey[K]{k.index, key}) {
		return true
	}
	e := k.stored(key)
	return e != nil && e.err == nil
}

// Put stores a value that was loaded by another call, for as long as its kind says.
func (k *Kind[K, V]) Put(key K, value V) {
	if k.cache.store != nil {
		e := k.entry(value, nil)
		k.cache.put(storeKey[K]{k.index, key}, e)
		k.share(key, e)
	}
}

// Remove removes the stored value of a call.
func (k *Kind[K, V]) Remove(key K) {
	if k.cache.store != nil {
		k.cache.store.Invalidate(storeKey[K]{k.index, key})
	}
}
