package callcache

import (
	"context"
	"time"
)

// Shared is a store of encoded results that several processes use. It is safe for concurrent use.
type Shared interface {
	// Find returns a result, and how long ago it was true.
	Find(ctx context.Context, kind string, key ...string) (value []byte, age time.Duration, ok bool)
	// FindOrClaim is Find for a caller who loads the result where there is none, and then calls Put or Release: meanwhile
	// others wait for it in their FindOrClaim, for a short time. It returns when ctx ends.
	FindOrClaim(ctx context.Context, kind string, key ...string) (value []byte, age time.Duration, ok bool)
	// Put stores a result that was true age ago, for ttl from now on, and Release stores none. They return at once.
	Put(value []byte, age, ttl time.Duration, kind string, key ...string)
	Release(kind string, key ...string)
}

// Codec encodes the values of a kind for the shared store. All but the error functions is required.
type Codec[K comparable, V any] struct {
	// Kind names the kind and the version of its format: what was stored under another name is not read.
	Kind string
	// Key returns what names a call within the kind.
	Key func(K) []string
	// Encode returns false for a value that cannot be shared. What it returns must hold no secret that is not to be shared.
	Encode func(V) ([]byte, bool)
	// Decode returns the value, which was read at this time of the local clock.
	Decode func(data []byte, readAt time.Time) (V, error)
	// EncodeError and DecodeError are those of the errors that Options.IsMissing reports; nil where they are not shared.
	EncodeError func(error) ([]byte, bool)
	DecodeError func([]byte) (error, error)
}

// What an encoded result begins with.
const (
	isValue byte = iota
	isMissing
)

// sharedEntry returns the result of the shared store. Where there is none it returns nil, and the caller loads and
// shares it.
func (k *Kind[K, V]) sharedEntry(ctx context.Context, key K, noCache bool) *entry {
	codec := k.codec()
	if codec == nil || noCache {
		return nil
	}
	data, age, ok := k.cache.options.Shared.FindOrClaim(ctx, codec.Kind, codec.Key(key)...)
	if !ok {
		return nil
	}
	e := k.decoded(data, age)
	if e != nil && k.cache.isForgotten(key, e.readAt) {
		return nil
	}
	return e
}

// Fetch stores the value of the shared store in this one, if there is one, and returns it. Nothing is loaded.
func (k *Kind[K, V]) Fetch(ctx context.Context, key K) (value V, ok bool) {
	codec := k.codec()
	if codec == nil || NoCache(ctx) {
		return value, false
	}
	data, age, ok := k.cache.options.Shared.Find(ctx, codec.Kind, codec.Key(key)...)
	if !ok {
		return value, false
	}
	e := k.decoded(data, age)
	if e == nil || e.err != nil || k.cache.isForgotten(key, e.readAt) {
		return value, false
	}
	k.cache.put(storeKey[K]{k.index, key}, e)
	return e.value.(V), true
}

// IsShared reports whether the kind is in a shared store.
func (k *Kind[K, V]) IsShared() bool { return k.codec() != nil }

// codec returns nil where the kind is not in the shared store.
func (k *Kind[K, V]) codec() *Codec[K, V] {
	if k.cache.store == nil || k.cache.options.Shared == nil {
		return nil
	}
	return k.options.Codec
}

// decoded returns a result of the shared store; nil where it cannot be read, or is too old for this process.
func (k *Kind[K, V]) decoded(data []byte, age time.Duration) *entry {
	if len(data) == 0 {
		return nil
	}
	var value V
	var missing, err error
	switch codec := k.options.Codec; {
	case data[0] == isValue:
		value, err = codec.Decode(data[1:], time.Now().Add(-age))
	case data[0] == isMissing && codec.DecodeError != nil:
		missing, err = codec.DecodeError(data[1:])
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	e := k.agedEntry(value, missing, age)
	if e.ttl <= 0 {
		return nil
	}
	k.counters.shared.Add(1)
	return e
}

// share stores a result in the shared store, or has others load it where it is not stored.
func (k *Kind[K, V]) share(key K, e *entry) {
	codec := k.codec()
	if codec == nil {
		return
	}
	data, ok := k.encoded(e)
	if !ok {
		k.cache.options.Shared.Release(codec.Kind, codec.Key(key)...)
		return
	}
	k.cache.options.Shared.Put(data, e.age, e.ttl, codec.Kind, codec.Key(key)...)
}

func (k *Kind[K, V]) encoded(e *entry) (data []byte, ok bool) {
	codec, first := k.options.Codec, isValue
	switch {
	case e.ttl <= 0:
		return nil, false
	case e.err == nil:
		data, ok = codec.Encode(e.value.(V))
	case codec.EncodeError != nil:
		first = isMissing
		data, ok = codec.EncodeError(e.err)
	}
	return append([]byte{first}, data...), ok
}
