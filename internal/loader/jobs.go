package loader

import (
	"context"

	"atlas-restore-gateway/internal/restore"
)

// byCluster is a loader of jobs that asks for those of one cluster together.
func byCluster(l *Loaders, planned int, api restore.Tier, one func(context.Context, restore.Key) (*restore.Job, error)) *batched[restore.Key, *restore.Job] {
	return grouped(l, planned, together[restore.Key, restore.ClusterKey, *restore.Job]{
		parent: restore.Key.Cluster, from: 2, one: one,
		many: func(ctx context.Context, cluster restore.ClusterKey, keys []restore.Key) (map[restore.Key]result[*restore.Job], error) {
			return l.readTogether(ctx, api, cluster, keys)
		},
	})
}

// ServerlessJob reads one restore job of one serverless instance, or of the cluster
// that it became. Like every method here it returns as soon as ctx ends, and else
// what the method of Reader returns.
func (l *Loaders) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.serverlessJobLoader().load(ctx, key)
}

// ServerlessJobsByKey is ServerlessJob for several jobs: one value and one error for
// each key, of which at least one is nil.
func (l *Loaders) ServerlessJobsByKey(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
	return l.serverlessJobLoader().loadAll(ctx, keys)
}

func (l *Loaders) serverlessJobLoader() *batched[restore.Key, *restore.Job] {
	return use(l, &l.serverlessJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.ServerlessJobs, restore.Serverless, l.reader.ServerlessJob)
	})
}

// FlexJob reads one restore job of one Flex cluster.
func (l *Loaders) FlexJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.flexJobLoader().load(ctx, key)
}

// FlexJobsByKey is FlexJob for several jobs.
func (l *Loaders) FlexJobsByKey(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
	return l.flexJobLoader().loadAll(ctx, keys)
}

func (l *Loaders) flexJobLoader() *batched[restore.Key, *restore.Job] {
	return use(l, &l.flexJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.FlexJobs, restore.Flex, l.reader.FlexJob)
	})
}

// DedicatedJob reads one restore job of one Dedicated cluster.
func (l *Loaders) DedicatedJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.dedicatedJobLoader().load(ctx, key)
}

// DedicatedJobsByKey is DedicatedJob for several jobs.
func (l *Loaders) DedicatedJobsByKey(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
	return l.dedicatedJobLoader().loadAll(ctx, keys)
}

func (l *Loaders) dedicatedJobLoader() *batched[restore.Key, *restore.Job] {
	return use(l, &l.dedicatedJobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.DedicatedJobs, restore.Dedicated, l.reader.DedicatedJob)
	})
}

// Job reads one restore job, whatever the tier of its cluster.
func (l *Loaders) Job(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.jobLoader().load(ctx, key)
}

// JobsByKey is Job for several jobs.
func (l *Loaders) JobsByKey(ctx context.Context, keys []restore.Key) ([]*restore.Job, []error) {
	return l.jobLoader().loadAll(ctx, keys)
}

func (l *Loaders) jobLoader() *batched[restore.Key, *restore.Job] {
	return use(l, &l.jobs, func() *batched[restore.Key, *restore.Job] {
		return byCluster(l, l.plan.Jobs, restore.AnyTier, l.reader.Job)
	})
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

// linked notes what the jobs of a list link to.
func (l *Loaders) linked(jobs *restore.Jobs) *restore.Jobs {
	if jobs != nil {
		l.expectLinks(jobs.Jobs)
	}
	return jobs
}

// expectLinks notes jobs that were read together: when one of them is asked for its
// snapshot, the others will be, too.
func (l *Loaders) expectLinks(jobs []*restore.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = append(l.read, jobs)
}

// expected has links look at what was read since they did so last: most operations
// follow none, and need no keys made for them.
func expected[K comparable, V any](l *Loaders, links *siblings[K, V], key func(*restore.Job) (K, bool)) *siblings[K, V] {
	// Until all of it is known: who comes meanwhile must not go ahead alone.
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; links.seen < len(l.read); links.seen++ {
		jobs := l.read[links.seen]
		keys := make([]K, 0, len(jobs))
		for _, j := range jobs {
			if k, links := key(j); links {
				keys = append(keys, k)
			}
		}
		links.expect(keys)
	}
	return links
}

func snapshotOf(j *restore.Job) (restore.SnapshotKey, bool) {
	if j.SnapshotID == nil || *j.SnapshotID == "" {
		return restore.SnapshotKey{}, false
	}
	return restore.SnapshotKey{GroupID: j.GroupID, ClusterName: j.ClusterName, SnapshotID: *j.SnapshotID}, true
}

func targetOf(j *restore.Job) (restore.ClusterKey, bool) {
	if j.TargetClusterName == nil || *j.TargetClusterName == "" || j.TargetGroupID == nil {
		return restore.ClusterKey{}, false
	}
	return restore.ClusterKey{GroupID: *j.TargetGroupID, Name: *j.TargetClusterName}, true
}
