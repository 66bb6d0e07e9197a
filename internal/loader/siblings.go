package loader

import (
	"cmp"
	"context"
	"sync"

	"github.com/graph-gophers/dataloader/v7"
)

// siblings loads what the elements of a list link to. Who reads a list knows already
// what its elements will ask for, so nothing is waited for: the first one that is
// asked for brings all others of its group along.
type siblings[K comparable, V any] struct {
	*batched[K, V]
	related func(a, b K) bool // whether they are fetched by one fetch
	seen    int               // how much of Loaders.read it has looked at, under the lock there

	mu      sync.Mutex
	groups  map[K][]K // each expected key, and all that are fetched with it
	started map[K]*pending[V]
}

// newSiblings makes one that fetches keys of the same parent together. A key that
// fetch does not find has the zero value; the error of one key is not that of the others.
func newSiblings[K, P comparable, V any](l *Loaders, parent func(K) P, fetch func(context.Context, P, []K) (map[K]result[V], error)) *siblings[K, V] {
	s := &siblings[K, V]{
		related: func(a, b K) bool { return parent(a) == parent(b) },
		groups:  make(map[K][]K), started: make(map[K]*pending[V]),
	}
	s.batched = newBatched(l, alone, func(_ context.Context, keys []K) []*dataloader.Result[*pending[V]] {
		results := make([]*dataloader.Result[*pending[V]], len(keys))
		for i, key := range keys {
			p, group := s.start(key)
			results[i] = &dataloader.Result[*pending[V]]{Data: p}
			if len(group) > 0 {
				var found map[K]result[V]
				l.fetch(func(ctx context.Context) (err error) {
					found, err = fetch(ctx, parent(key), keysOf(group))
					return err
				}, func(err error) {
					for k, p := range group {
						p.value = found[k].value
						p.finish(cmp.Or(err, found[k].err))
					}
				})
			}
		}
		return results
	}, nil)
	return s
}

// expect notes keys that will be asked for together.
func (s *siblings[K, V]) expect(keys []K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		if _, known := s.groups[key]; !known {
			s.groups[key] = keys
		}
	}
}

// start is the value of the key, and, when nobody has begun to fetch it, those that
// are to be fetched now.
func (s *siblings[K, V]) start(key K) (*pending[V], map[K]*pending[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, begun := s.started[key]; begun {
		return p, nil
	}
	group := make(map[K]*pending[V])
	for _, k := range append([]K{key}, s.groups[key]...) {
		if _, begun := s.started[k]; !begun && s.related(k, key) {
			p := newPending[V]()
			s.started[k], group[k] = p, p
		}
	}
	return s.started[key], group
}

func keysOf[K comparable, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
