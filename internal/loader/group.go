package loader

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/tracing"
)

// How long a batch waits for keys. Where the number of keys is not known the wait is short: it
// delays every caller, and a second batch delays only one. Where the number is planned the batch
// leaves with the last key, and the wait is for a key that is never asked for.
const (
	batchWait   = time.Millisecond
	plannedWait = 100 * time.Millisecond

	// inputCapacity is the buffer of a dataloader's keys. The default, 1000, takes 24 kB.
	inputCapacity = 16
)

// result is one of several values that were fetched together, or why it could not be read.
type result[V any] struct {
	value V
	err   error
}

// groupBy is how keys of one parent are fetched together.
type groupBy[K, P comparable, V any] struct {
	name   string // of the keys, in traces
	parent func(K) P
	// minKeys is how many keys of one parent are fetched by many. Fewer are fetched by one.
	minKeys int
	many    func(context.Context, P, []K) (map[K]result[V], error)
	// one also fetches each key that is missing from the result of many, so that the error is
	// Atlas's own.
	one func(context.Context, K) (V, error)
}

// newGrouped makes a loader that fetches keys of one parent together. Where one key is planned
// there is nothing to group.
func newGrouped[K, P comparable, V any](l *Loaders, planned int, by groupBy[K, P, V]) keyLoader[K, V] {
	if planned == 1 {
		return newUnbatched(l, by.one)
	}
	wait := batchWait
	if planned > 0 {
		wait = plannedWait
	}
	// Made when it is first used: where everything was prefetched it is not.
	return &grouped[K, V]{ctx: l.ctx, batches: sync.OnceValue(func() *dataloader.Loader[K, *flight.Future[V]] {
		return dataloader.NewBatchedLoader(by.fetch(l),
			dataloader.WithWait[K, *flight.Future[V]](wait),
			dataloader.WithInputCapacity[K, *flight.Future[V]](inputCapacity),
			dataloader.WithBatchCapacity[K, *flight.Future[V]](planned))
	})}
}

// grouped is a dataloader of futures: its own thunks wait for the slowest key of a batch, and do not
// return when a context ends. The fetches are no calls of a flight.Group, because the loaders keep
// the results, and because a fetch goes on when no caller waits any more.
type grouped[K comparable, V any] struct {
	ctx     context.Context //nolint:containedctx // of the operation
	batches func() *dataloader.Loader[K, *flight.Future[V]]
}

func (g *grouped[K, V]) load(ctx context.Context, key K) (V, error) {
	return wait(ctx, g.batches().Load(g.ctx, key))
}

func (g *grouped[K, V]) loadAll(ctx context.Context, keys []K) ([]V, []error) {
	// All keys are in the batch before the first is waited for.
	thunks := make([]dataloader.Thunk[*flight.Future[V]], len(keys))
	for i, key := range keys {
		thunks[i] = g.batches().Load(g.ctx, key)
	}
	values, errs := make([]V, len(keys)), make([]error, len(keys))
	for i, thunk := range thunks {
		values[i], errs[i] = wait(ctx, thunk)
	}
	return values, errs
}

// wait waits for a value or for the end of ctx. The thunk blocks until the batch leaves.
func wait[V any](ctx context.Context, thunk dataloader.Thunk[*flight.Future[V]]) (V, error) {
	f, err := thunk()
	if err != nil {
		var none V
		return none, err
	}
	return f.Wait(ctx)
}

// fetch returns the function that fetches a batch of keys.
func (by groupBy[K, P, V]) fetch(l *Loaders) dataloader.BatchFunc[K, *flight.Future[V]] {
	return func(_ context.Context, keys []K) []*dataloader.Result[*flight.Future[V]] {
		results := make([]*dataloader.Result[*flight.Future[V]], len(keys))
		groups := make(map[P]map[K]*flight.Future[V], 1)
		for i, key := range keys {
			f := flight.NewFuture[V]()
			results[i] = &dataloader.Result[*flight.Future[V]]{Data: f}
			parent := by.parent(key)
			if groups[parent] == nil {
				groups[parent] = make(map[K]*flight.Future[V], len(keys))
			}
			groups[parent][key] = f
		}
		for parent, group := range groups {
			by.fetchGroup(l, parent, group)
		}
		return results
	}
}

func (by groupBy[K, P, V]) fetchGroup(l *Loaders, parent P, group map[K]*flight.Future[V]) {
	fetchOne := func(key K, f *flight.Future[V]) {
		start(l, func(ctx context.Context) (V, error) { return by.one(ctx, key) }, f.Resolve)
	}
	if len(group) < by.minKeys {
		for key, f := range group {
			fetchOne(key, f)
		}
		return
	}
	start(l, func(ctx context.Context) (map[K]result[V], error) {
		ctx, span := tracing.Batch(ctx, by.name, len(group))
		defer span.End()
		return by.many(ctx, parent, slices.Collect(maps.Keys(group)))
	}, func(found map[K]result[V], err error) {
		for key, f := range group {
			switch r, ok := found[key]; {
			case err != nil:
				var none V
				f.Resolve(none, err)
			case ok:
				f.Resolve(r.value, r.err)
			default:
				fetchOne(key, f)
			}
		}
	})
}
