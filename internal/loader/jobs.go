package loader

import (
	"context"

	"atlas-restore-gateway/internal/restore"
)

// ServerlessJob reads one restore job of one serverless instance, or of the cluster
// that it became. Like every method here it returns as soon as ctx ends, and else
// what the method of Reader returns.
func (l *Loaders) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.serverlessJobs.load(ctx, key)
}

// FlexJob reads one restore job of one Flex cluster.
func (l *Loaders) FlexJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.flexJobs.load(ctx, key)
}

// DedicatedJob reads one restore job of one Dedicated cluster.
func (l *Loaders) DedicatedJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.dedicatedJobs.load(ctx, key)
}

// Job reads one restore job, whatever the tier of its cluster.
func (l *Loaders) Job(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return l.jobs.load(ctx, key)
}

// ServerlessJobs reads jobs of one serverless instance, or of the cluster that it
// became.
func (l *Loaders) ServerlessJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := l.serverlessLists.load(ctx, q)
	return l.linked(jobs), err
}

// ClusterJobs reads jobs of one cluster.
func (l *Loaders) ClusterJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	jobs, err := l.clusterLists.load(ctx, q)
	return l.linked(jobs), err
}

// ProjectJobs reads jobs of a whole project. What it asks for is read side by side
// within a bound of its own.
func (l *Loaders) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	jobs, err := l.reader.ProjectJobs(ctx, q)
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
	l.linkedSnapshots.expect(snapshots)
	l.linkedClusters.expect(clusters)
	return jobs
}
