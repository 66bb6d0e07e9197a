package loader

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/graph-gophers/dataloader/v7"

	"atlas-restore-gateway/internal/restore"
)

// byCluster is a loader of jobs that asks for those of one cluster together.
func byCluster(l *Loaders, planned int, api restore.API, one func(context.Context, restore.Key) (*restore.Job, error)) *batched[restore.Key, *restore.Job] {
	return newBatched(l, planned, func(_ context.Context, keys []restore.Key) []*dataloader.Result[*pending[*restore.Job]] {
		results := make([]*dataloader.Result[*pending[*restore.Job]], len(keys))
		groups := make(map[restore.ClusterKey]map[string]*pending[*restore.Job], 1)
		for i, key := range keys {
			p := newPending[*restore.Job]()
			results[i] = &dataloader.Result[*pending[*restore.Job]]{Data: p}
			if groups[key.Cluster()] == nil {
				groups[key.Cluster()] = make(map[string]*pending[*restore.Job], len(keys))
			}
			groups[key.Cluster()][key.JobID] = p
		}
		for cluster, group := range groups {
			l.fetch(func(ctx context.Context) error {
				return readGroup(ctx, l.reader, api, cluster, group, one)
			}, func(err error) {
				for _, p := range group {
					p.finish(cmp.Or(err, p.err))
				}
			})
		}
		return results
	})
}

func readGroup(ctx context.Context, reader Reader, api restore.API, cluster restore.ClusterKey, group map[string]*pending[*restore.Job], one func(context.Context, restore.Key) (*restore.Job, error)) error {
	if len(group) == 1 {
		for id, p := range group {
			p.value, p.err = one(ctx, restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id})
		}
		return nil
	}
	results, err := reader.BatchedJobs(ctx, api, cluster, slices.Sorted(maps.Keys(group)))
	if err != nil {
		return err
	}
	for id, p := range group {
		p.value, p.err = results[id].Job, results[id].Err
	}
	return nil
}

// ServerlessJob reads one restore job of one serverless instance, or of the cluster
// that it became. Like every method here it returns as soon as ctx ends, and else
// what the method of Reader returns.
func (l *Loaders) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return use(l, &l.serverlessJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.ServerlessJobs, restore.Serverless, l.reader.ServerlessJob)
	}).load(ctx, key)
}

// FlexJob reads one restore job of one Flex cluster.
func (l *Loaders) FlexJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return use(l, &l.flexJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.FlexJobs, restore.Flex, l.reader.FlexJob)
	}).load(ctx, key)
}

// DedicatedJob reads one restore job of one Dedicated cluster.
func (l *Loaders) DedicatedJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return use(l, &l.dedicatedJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.DedicatedJobs, restore.Dedicated, l.reader.DedicatedJob)
	}).load(ctx, key)
}

// Job reads one restore job, whatever the tier of its cluster.
func (l *Loaders) Job(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return use(l, &l.jobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.Jobs, restore.AnyAPI, l.reader.Job)
	}).load(ctx, key)
}

// ServerlessJobs reads jobs of one serverless instance, or of the cluster that it
// became.
func (l *Loaders) ServerlessJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := use(l, &l.serverlessLists, func() *batched[restore.JobQuery, *restore.Jobs] {
		return each(l, alone, l.reader.ServerlessJobs)
	}).load(ctx, q)
	return l.linked(jobs), err
}

// ClusterJobs reads jobs of one cluster.
func (l *Loaders) ClusterJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := use(l, &l.clusterLists, func() *batched[restore.JobQuery, *restore.Jobs] {
		return each(l, alone, l.reader.ClusterJobs)
	}).load(ctx, q)
	return l.linked(jobs), err
}

// ProjectJobs reads jobs of a whole project. It takes one of the operation's slots, and
// reads its clusters side by side within a bound of its own.
func (l *Loaders) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	p := newPending[*restore.ProjectJobs]()
	l.fetch(func(ctx context.Context) (err error) {
		p.value, err = l.reader.ProjectJobs(ctx, q)
		return err
	}, p.finish)
	jobs, err := p.wait(ctx)
	if err == nil {
		l.linked(&jobs.Jobs)
	}
	return jobs, err
}

// linked notes what the jobs of a list link to: when one of them is asked for its
// snapshot, the others will be, too.
func (l *Loaders) linked(jobs *restore.Jobs) *restore.Jobs {
	if jobs == nil {
		return nil
	}
	snapshots := make([]restore.SnapshotKey, 0, len(jobs.Jobs))
	clusters := make([]restore.ClusterKey, 0, len(jobs.Jobs))
	for _, j := range jobs.Jobs {
		if j.SnapshotID != nil {
			snapshots = append(snapshots, restore.SnapshotKey{GroupID: j.GroupID, ClusterName: j.ClusterName, SnapshotID: *j.SnapshotID})
		}
		if j.TargetClusterName != nil && j.TargetGroupID != nil {
			clusters = append(clusters, restore.ClusterKey{GroupID: *j.TargetGroupID, Name: *j.TargetClusterName})
		}
	}
	l.snapshotLinks().expect(snapshots)
	l.clusterLinks().expect(clusters)
	return jobs
}
