package loader

import (
	"context"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// DefaultConcurrency is how many calls one operation has under way at once.
const DefaultConcurrency = 16

// How long a batch waits for keys. Where nobody can tell how many will come it is
// short: waiting costs every caller, a second batch costs one. Where that is known the
// batch leaves with the last key, and the wait only ends it when a key never comes.
const (
	// inputCapacity is how many keys a batch holds that has not looked yet. The library's
	// own 1000 take 24 kB for each batch.
	inputCapacity = 16

	batchWait   = time.Millisecond
	plannedWait = 100 * time.Millisecond
)

// Plan says how many different things an operation's root fields can ask for by their
// keys, so that a batch leaves as soon as nothing more can join it. 0 means that it is
// not known.
type Plan struct {
	Jobs                          JobCounts
	Snapshots, Clusters, Projects int
	// Prefetch is what is to be read before the fields are executed, or nil.
	Prefetch *Prefetch
}

// JobCounts are how many different jobs are asked for, by the tier that is asked.
type JobCounts [restore.Dedicated + 1]int

// Loaders are the loaders of one operation. What they read, failures included, is
// kept as long as they live and no longer.
type Loaders struct {
	ctx    context.Context //nolint:containedctx // the operation's, whose life the loaders share
	cancel context.CancelFunc
	wg     sync.WaitGroup
	slots  chan struct{}
	reader Reader
	plan   Plan

	// Each is nil until it is used.
	mu                    sync.Mutex
	jobsByKey             [len(JobCounts{})]*batched[restore.Key, *restore.Job] // by the tier that is asked
	jobs                  *batched[restore.JobQuery, *restore.Jobs]
	snapshots             *batched[restore.SnapshotKey, *restore.Snapshot]
	clustersByKey         *batched[restore.ClusterKey, *restore.Cluster]
	clusterSnapshots      *batched[restore.SnapshotQuery, *restore.Snapshots]
	clusters              *batched[string, *restore.Clusters]
	project, projectsByID *batched[string, *atlas.Project]
	projects              *batched[struct{}, *restore.Projects]

	read            [][]*restore.Job // what was read together, each time
	linkedSnapshots *siblings[restore.SnapshotKey, *restore.Snapshot]
	linkedClusters  *siblings[restore.ClusterKey, *restore.Cluster]
}

// New makes the loaders of one operation. Fetches belong to ctx, the operation's
// context, and not to the field that asked first: one caller leaving fails no
// other. At most concurrency calls are under way at once. Close must be called.
func New(ctx context.Context, reader Reader, concurrency int, plan Plan) *Loaders {
	l := &Loaders{reader: reader, plan: plan, slots: make(chan struct{}, max(concurrency, 1))}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// use makes a loader when it is first used: most operations use one of many.
func use[L any](l *Loaders, loader **L, build func() *L) *L {
	l.mu.Lock()
	defer l.mu.Unlock()
	if *loader == nil {
		*loader = build()
	}
	return *loader
}

// alone is the plan of what gains nothing from company: a key is fetched at once.
const alone = 1

// Close ends what is still being fetched and waits for it.
func (l *Loaders) Close() {
	l.cancel()
	l.wg.Wait()
}

// batched is a dataloader whose values may still be on their way.
type batched[K comparable, V any] struct {
	loader func() *dataloader.Loader[K, *pending[V]] // made when it is first used
	ctx    context.Context                           //nolint:containedctx // the operation's
	first  *first[K, V]                              // nil where a batch can have several keys
	ahead  map[K]result[V]                           // what was read before anybody asked
}

// newBatched is a dataloader of so many planned keys. Many fetches a batch; one, which may
// be nil, the first key where a batch has one.
func newBatched[K comparable, V any](l *Loaders, planned int, many dataloader.BatchFunc[K, *pending[V]], one func(context.Context, K) (V, error)) *batched[K, V] {
	wait := batchWait
	b := &batched[K, V]{ctx: l.ctx}
	if planned == alone && one != nil {
		b.first = &first[K, V]{slots: l.slots, fetch: one}
	}
	if planned > 0 {
		wait = plannedWait
	}
	b.loader = sync.OnceValue(func() *dataloader.Loader[K, *pending[V]] {
		return dataloader.NewBatchedLoader(many,
			dataloader.WithWait[K, *pending[V]](wait),
			dataloader.WithInputCapacity[K, *pending[V]](inputCapacity),
			dataloader.WithBatchCapacity[K, *pending[V]](planned))
	})
	return b
}

// load returns as soon as the value is there or ctx ends.
func (b *batched[K, V]) load(ctx context.Context, key K) (V, error) {
	if r, ok := b.ahead[key]; ok {
		return r.value, r.err
	}
	if b.first != nil {
		if value, known, err := b.first.load(ctx, key); known {
			return value, err
		}
	}
	return wait(ctx, b.loader().Load(b.ctx, key))
}

// loadAll is load for several keys, all of which are asked for before the first is
// waited for.
func (b *batched[K, V]) loadAll(ctx context.Context, keys []K) ([]V, []error) {
	thunks := mapped(keys, func(key K) dataloader.Thunk[*pending[V]] { return b.loader().Load(b.ctx, key) })
	values, errs := make([]V, len(keys)), make([]error, len(keys))
	for i, thunk := range thunks {
		values[i], errs[i] = wait(ctx, thunk)
	}
	return values, errs
}

func mapped[From, To any](in []From, to func(From) To) []To {
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = to(v)
	}
	return out
}

type contextKey struct{}

// With puts the loaders into a context.
func (l *Loaders) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From takes the loaders of the operation out of its context. Without any, which
// is a mistake in the wiring, it panics.
func From(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }
