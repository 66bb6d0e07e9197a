package loader

import (
	"context"
	"sync"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// DefaultConcurrency is how many fetches of one operation run at once.
const DefaultConcurrency = 16

// Plan says how many different things an operation's root fields ask for by their keys, so that
// a batch leaves with the last of them. 0 means that the number is not known.
type Plan struct {
	Jobs                          JobCounts
	Snapshots, Clusters, Projects int
	// Prefetch is what to read before the fields are executed, or nil.
	Prefetch *Prefetch
}

// JobCounts are how many different jobs are asked for, by the tier that is asked.
type JobCounts [restore.Collection + 1]int

// Loaders are the loaders of one operation. They keep values and errors until the operation ends.
type Loaders struct {
	ctx    context.Context //nolint:containedctx // of the operation, which the loaders live as long as
	cancel context.CancelFunc
	wg     sync.WaitGroup
	slots  chan struct{}
	reader Reader
	plan   Plan

	prefetched map[restore.Key]result[*restore.Job] // of the tier of plan.Prefetch

	// Each loader is nil until it is used (see lazily).
	mu               sync.Mutex
	jobsByKey        [len(JobCounts{})]keyLoader[restore.Key, *restore.Job] // by the tier that is asked
	jobs             *unbatched[restore.JobQuery, *restore.Jobs]
	snapshotsByKey   keyLoader[restore.SnapshotKey, *restore.Snapshot]
	linkedSnapshots  *linked[restore.SnapshotKey, restore.ClusterKey, *restore.Snapshot]
	clusterSnapshots *unbatched[restore.SnapshotQuery, *restore.Snapshots]
	clustersByKey    keyLoader[restore.ClusterKey, *restore.Cluster]
	linkedClusters   *linked[restore.ClusterKey, string, *restore.Cluster]
	clusters         *unbatched[string, *restore.Clusters]
	backupSchedules  *unbatched[restore.ClusterKey, *atlas.BackupSchedule]
	collections      *unbatched[restore.SliceQuery, *restore.Slice[*atlas.RestoredCollection]]
	exports          *unbatched[restore.SliceQuery, *restore.Slice[*atlas.SnapshotExport]]
	buckets          *unbatched[restore.SliceQuery, *restore.Slice[*atlas.ExportBucket]]
	policies         *unbatched[string, *restore.CompliancePolicy]
	organizations    *unbatched[struct{}, *restore.Organizations]
	project          *unbatched[string, *atlas.Project]
	projectsByID     keyLoader[string, *atlas.Project]
	projects         *unbatched[struct{}, *restore.Projects]

	jobLists [][]*restore.Job // the jobs of each list and of each batch that was read: see linked
}

// New makes the loaders of one operation. Fetches that several callers wait for run in ctx, the
// context of the operation, so that one caller that leaves fails no other. At most concurrency
// fetches run at once. Close must be called.
func New(ctx context.Context, reader Reader, concurrency int, plan Plan) *Loaders {
	l := &Loaders{reader: reader, plan: plan, slots: make(chan struct{}, max(concurrency, 1))}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// Close cancels the fetches that still run, and waits until they have returned.
func (l *Loaders) Close() {
	l.cancel()
	l.wg.Wait()
}

// lazily makes a loader when it is first used: most operations use one of many.
func lazily[L comparable](l *Loaders, loader *L, build func() L) L {
	l.mu.Lock()
	defer l.mu.Unlock()
	var none L
	if *loader == none {
		*loader = build()
	}
	return *loader
}

// keyLoader loads values by their keys, each key once.
type keyLoader[K comparable, V any] interface {
	// load returns when the value is there or ctx ends.
	load(ctx context.Context, key K) (V, error)
	// loadAll is load for several keys at once.
	loadAll(ctx context.Context, keys []K) ([]V, []error)
}

type contextKey struct{}

// With puts the loaders into a context.
func (l *Loaders) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From returns the loaders that With put into the context of an operation. It panics where there
// are none.
func From(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }
