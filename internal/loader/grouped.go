package loader

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"
)

// result is one of several values that were fetched together, or why it could not be
// read.
type result[V any] struct {
	value V
	err   error
}

// together is how values of one parent are fetched.
type together[K, P comparable, V any] struct {
	parent func(K) P
	// from is how many keys of one parent are worth many; fewer are fetched by one.
	from int
	many func(context.Context, P, []K) (map[K]result[V], error)
	// one is asked for what many does not know, too, so that the error is Atlas's own.
	one func(context.Context, K) (V, error)
}

// grouped is a loader that fetches keys of the same parent together.
func grouped[K, P comparable, V any](l *Loaders, planned int, how together[K, P, V]) *batched[K, V] {
	alone := func(key K, p *pending[V]) {
		l.fetch(func(ctx context.Context) (err error) {
			p.value, err = how.one(ctx, key)
			return err
		}, p.finish)
	}
	return newBatched(l, planned, func(_ context.Context, keys []K) []*dataloader.Result[*pending[V]] {
		results := make([]*dataloader.Result[*pending[V]], len(keys))
		groups := make(map[P]map[K]*pending[V], 1)
		for i, key := range keys {
			p := newPending[V]()
			results[i] = &dataloader.Result[*pending[V]]{Data: p}
			parent := how.parent(key)
			if groups[parent] == nil {
				groups[parent] = make(map[K]*pending[V], len(keys))
			}
			groups[parent][key] = p
		}
		for parent, group := range groups {
			if len(group) < how.from {
				for key, p := range group {
					alone(key, p)
				}
				continue
			}
			var found map[K]result[V]
			l.fetch(func(ctx context.Context) (err error) {
				found, err = how.many(ctx, parent, keysOf(group))
				return err
			}, func(err error) {
				for key, p := range group {
					switch r, known := found[key]; {
					case err != nil:
						p.finish(err)
					case known:
						p.value = r.value
						p.finish(r.err)
					default:
						alone(key, p)
					}
				}
			})
		}
		return results
	}, how.one)
}
