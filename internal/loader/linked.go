package loader

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/restore"
)

// linked loads what the jobs of a list link to. The jobs hold the keys of their links, so no batch has to
// wait for keys: the first key that is loaded is fetched together with all others of its list that have
// the same parent.
type linked[K, P comparable, V any] struct {
	loaders *Loaders
	parent  func(K) P
	// fetch fetches keys of one parent. A key that is missing from its result has the zero value.
	fetch func(context.Context, P, []K) (map[K]result[V], error)
	// link returns what a job links to, if it does.
	link func(*restore.Job) (K, bool)

	mu      sync.Mutex
	seen    int       // how many of Loaders.jobLists are in lists
	lists   map[K][]K // each key that a list links to, and all keys of that list
	futures map[K]*flight.Future[V]
}

func newLinked[K, P comparable, V any](l *Loaders, parent func(K) P,
	fetch func(context.Context, P, []K) (map[K]result[V], error), link func(*restore.Job) (K, bool)) *linked[K, P, V] {
	return &linked[K, P, V]{
		loaders: l, parent: parent, fetch: fetch, link: link,
		lists: make(map[K][]K), futures: make(map[K]*flight.Future[V]),
	}
}

// load returns the value of the key when it is there, or when ctx ends. An error is that of the key
// alone, unless its fetch failed as a whole.
func (l *linked[K, P, V]) load(ctx context.Context, key K) (V, error) {
	f, group := l.futureOf(key)
	if len(group) > 0 {
		start(l.loaders, func(ctx context.Context) (map[K]result[V], error) {
			return l.fetch(ctx, l.parent(key), slices.Collect(maps.Keys(group)))
		}, func(found map[K]result[V], err error) {
			for k, f := range group {
				f.Resolve(found[k].value, cmp.Or(err, found[k].err))
			}
		})
	}
	return f.Wait(ctx)
}

// futureOf returns the future of the key and, for the first caller, the futures of all keys that
// are to be fetched now.
func (l *linked[K, P, V]) futureOf(key K) (*flight.Future[V], map[K]*flight.Future[V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.futures[key]; f != nil {
		return f, nil
	}
	l.addLists()
	group := make(map[K]*flight.Future[V])
	for _, k := range append([]K{key}, l.lists[key]...) {
		if l.futures[k] == nil && l.parent(k) == l.parent(key) {
			f := flight.NewFuture[V]()
			l.futures[k], group[k] = f, f
		}
	}
	return l.futures[key], group
}

// addLists adds the lists that were read since the last call. A list is not added when it is read,
// because most operations follow no link.
func (l *linked[K, P, V]) addLists() {
	l.loaders.mu.Lock()
	defer l.loaders.mu.Unlock()
	for ; l.seen < len(l.loaders.jobLists); l.seen++ {
		jobs := l.loaders.jobLists[l.seen]
		keys := make([]K, 0, len(jobs))
		for _, j := range jobs {
			if key, ok := l.link(j); ok {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			if _, ok := l.lists[key]; !ok {
				l.lists[key] = keys
			}
		}
	}
}

// expectLinks records jobs that were read together, whose links will be followed together.
func (l *Loaders) expectLinks(jobs []*restore.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobLists = append(l.jobLists, jobs)
}
