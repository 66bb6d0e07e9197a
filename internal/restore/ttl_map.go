package restore

import (
	"time"

	"github.com/maypok86/otter/v2"
)

// ttlMap is a bounded map whose entries expire. It is safe for concurrent use.
//
// The time is held beside the value and not by the store, which would need a goroutine to delete what has expired.
type ttlMap[K comparable, V any] struct {
	entries *otter.Cache[K, ttlEntry[V]]
	ttl     time.Duration
}

type ttlEntry[V any] struct {
	value V
	until time.Time
}

func newTTLMap[K comparable, V any](maxEntries int, ttl time.Duration) *ttlMap[K, V] {
	return &ttlMap[K, V]{otter.Must(&otter.Options[K, ttlEntry[V]]{MaximumSize: maxEntries}), ttl}
}

func (m *ttlMap[K, V]) get(key K) (value V, ok bool) {
	entry, ok := m.entries.GetIfPresent(key)
	if !ok || !time.Now().Before(entry.until) {
		return value, false
	}
	return entry.value, true
}

func (m *ttlMap[K, V]) set(key K, value V) {
	m.entries.Set(key, ttlEntry[V]{value, time.Now().Add(m.ttl)})
}

func (m *ttlMap[K, V]) remove(key K) { m.entries.Invalidate(key) }
