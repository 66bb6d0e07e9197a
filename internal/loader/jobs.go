package loader

import (
	"context"

	"atlas-restore-gateway/internal/restore"
)

// Job reads one restore job. Like every method here it returns as soon as ctx ends, and else
// what the method of Reader returns.
func (l *Loaders) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	return l.jobLoader(tier).load(ctx, key)
}

// JobsByKey is Job for several jobs: one value and one error for each key, of which at least
// one is nil. Those of one cluster are read together.
func (l *Loaders) JobsByKey(ctx context.Context, tier restore.Tier, keys []restore.Key) ([]*restore.Job, []error) {
	return l.jobLoader(tier).loadAll(ctx, keys)
}

func (l *Loaders) jobLoader(tier restore.Tier) *batched[restore.Key, *restore.Job] {
	return use(l, &l.jobsByKey[tier], func() *batched[restore.Key, *restore.Job] {
		return grouped(l, l.plan.Jobs[tier], together[restore.Key, restore.ClusterKey, *restore.Job]{
			parent: restore.Key.Cluster, from: 2,
			one: func(ctx context.Context, key restore.Key) (*restore.Job, error) { return l.reader.Job(ctx, tier, key) },
			many: func(ctx context.Context, cluster restore.ClusterKey, keys []restore.Key) (map[restore.Key]result[*restore.Job], error) {
				return l.readTogether(ctx, tier, cluster, keys)
			},
		})
	})
}

// Jobs reads a list of jobs of one cluster.
func (l *Loaders) Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := use(l, &l.jobs, func() *batched[restore.JobQuery, *restore.Jobs] {
		return each(l, alone, l.reader.Jobs)
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
