// Package lru makes the bounded maps of the gateway that evict the least recently used entry at
// once. They hold state (circuits, budgets, clients of tokens), of which the bound and the order of
// eviction must be exact. The cache of answers is otter (internal/callcache), which evicts later,
// and by frequency.
package lru

import "github.com/hashicorp/golang-lru/v2/simplelru"

// Map is a map of a bounded number of entries. It is not safe for concurrent use.
type Map[K comparable, V any] = simplelru.LRU[K, V]

// New makes a map of at most size entries. It panics when size is less than one.
func New[K comparable, V any](size int) *Map[K, V] {
	m, err := simplelru.NewLRU[K, V](size, nil)
	if err != nil {
		panic("lru: the size must be at least one")
	}
	return m
}
