package loader

import (
	"context"
	"slices"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/restore"
)

// Job reads one restore job. Like every method here it returns what the method of Reader returns,
// or the error of ctx as soon as that ends.
func (l *Loaders) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	if r, ok := l.prefetchedJob(tier, key); ok {
		return r.value, r.err
	}
	return l.jobLoader(tier).load(ctx, key)
}

// JobsByKey is Job for several jobs: it returns one value and one error for each key, of which at
// least one is nil. Those of one cluster are read together.
func (l *Loaders) JobsByKey(ctx context.Context, tier restore.Tier, keys []restore.Key) ([]*restore.Job, []error) {
	return l.jobLoader(tier).loadAll(ctx, keys)
}

// jobName is the name of jobs in traces.
const jobName = "job"

func (l *Loaders) jobLoader(tier restore.Tier) keyLoader[restore.Key, *restore.Job] {
	return lazily(l, &l.jobsByKey[tier], func() keyLoader[restore.Key, *restore.Job] {
		return newGrouped(l, l.plan.Jobs[tier], groupBy[restore.Key, restore.ClusterKey, *restore.Job]{
			name:   jobName,
			parent: restore.Key.Cluster, minKeys: 2,
			one: func(ctx context.Context, key restore.Key) (*restore.Job, error) { return l.reader.Job(ctx, tier, key) },
			many: func(ctx context.Context,
				cluster restore.ClusterKey, keys []restore.Key) (map[restore.Key]result[*restore.Job], error) {
				return l.batchedJobs(ctx, tier, cluster, keys)
			},
		})
	})
}

// batchedJobs reads several jobs of one cluster.
func (l *Loaders) batchedJobs(ctx context.Context, tier restore.Tier,
	cluster restore.ClusterKey, keys []restore.Key) (map[restore.Key]result[*restore.Job], error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.JobID
	}
	slices.Sort(ids)
	jobs, err := l.reader.BatchedJobs(ctx, tier, cluster, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[restore.Key]result[*restore.Job], len(jobs))
	read := make([]*restore.Job, 0, len(jobs))
	for id, job := range jobs {
		found[restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}] = result[*restore.Job]{
			job.Job, job.Err,
		}
		if job.Job != nil {
			read = append(read, job.Job)
		}
	}
	l.expectLinks(read)
	return found, nil
}

// Jobs reads a list of jobs of one cluster.
func (l *Loaders) Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := lazily(l, &l.jobs, func() *unbatched[restore.JobQuery, *restore.Jobs] {
		return newUnbatched(l, l.reader.Jobs)
	}).load(ctx, q)
	if jobs != nil {
		l.expectLinks(jobs.Jobs)
	}
	return jobs, err
}

// RestoredCollections reads collections of one collection restore.
func (l *Loaders) RestoredCollections(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error) {
	return lazily(l, &l.collections, func() *unbatched[restore.SliceQuery, *restore.Slice[*atlas.RestoredCollection]] {
		return newUnbatched(l, l.reader.RestoredCollections)
	}).load(ctx, q)
}

// ProjectJobs reads a list of jobs of a whole project. It takes one of the operation's slots, and
// reads several clusters at once within a bound of its own.
func (l *Loaders) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	jobs, err := inSlotOf(ctx, l,
		func(ctx context.Context) (*restore.ProjectJobs, error) { return l.reader.ProjectJobs(ctx, q) })
	if err == nil {
		l.expectLinks(jobs.Jobs.Jobs)
	}
	return jobs, err
}

// inSlotOf calls read in one of the operation's slots, detached from the caller.
func inSlotOf[T any](ctx context.Context, l *Loaders, read func(context.Context) (T, error)) (T, error) {
	f := flight.NewFuture[T]()
	start(l, read, f.Resolve)
	return f.Wait(ctx)
}
