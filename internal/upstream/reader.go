package upstream

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// chooser says who reads a project for the caller in a context. What it gives was taken,
// and must be released.
type chooser interface {
	choose(ctx context.Context, groupID string) (*lease, error)
	projects(ctx context.Context) (*restore.Projects, error)
}

// Reader reads each project with the credential that is for it. Its methods are those of
// restore.Service, and it is a loader.Reader as that is.
type Reader struct{ chooser chooser }

func read[T any](ctx context.Context, r *Reader, groupID string, ask func(*restore.Service) (T, error)) (T, error) {
	l, err := r.chooser.choose(ctx, groupID)
	if err != nil {
		var none T
		return none, err
	}
	defer l.release()
	return ask(l.Service)
}

// ServerlessJob reads one restore job of one serverless instance, or of the cluster that
// it became. Like every method here it says of a project for which there is no
// credential what Atlas says of one that is not there.
func (r *Reader) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Job, error) { return s.ServerlessJob(ctx, key) })
}

// FlexJob reads one restore job of one Flex cluster.
func (r *Reader) FlexJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Job, error) { return s.FlexJob(ctx, key) })
}

// DedicatedJob reads one restore job of one Dedicated cluster.
func (r *Reader) DedicatedJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Job, error) { return s.DedicatedJob(ctx, key) })
}

// Job reads one restore job, whatever the tier of its cluster.
func (r *Reader) Job(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Job, error) { return s.Job(ctx, key) })
}

// BatchedJobs reads several jobs of one cluster.
func (r *Reader) BatchedJobs(ctx context.Context, api restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	return read(ctx, r, cluster.GroupID, func(s *restore.Service) (map[string]restore.JobResult, error) {
		return s.BatchedJobs(ctx, api, cluster, ids)
	})
}

// ServerlessJobs reads jobs of one serverless instance, or of the cluster that it became.
func (r *Reader) ServerlessJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return read(ctx, r, q.Cluster.GroupID, func(s *restore.Service) (*restore.Jobs, error) { return s.ServerlessJobs(ctx, q) })
}

// ClusterJobs reads jobs of one cluster.
func (r *Reader) ClusterJobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return read(ctx, r, q.Cluster.GroupID, func(s *restore.Service) (*restore.Jobs, error) { return s.ClusterJobs(ctx, q) })
}

// ProjectJobs reads jobs of a whole project.
func (r *Reader) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	return read(ctx, r, q.GroupID, func(s *restore.Service) (*restore.ProjectJobs, error) { return s.ProjectJobs(ctx, q) })
}

// Snapshot reads one snapshot.
func (r *Reader) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Snapshot, error) { return s.Snapshot(ctx, key) })
}

// Snapshots reads several snapshots of one cluster.
func (r *Reader) Snapshots(ctx context.Context, cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	return read(ctx, r, cluster.GroupID, func(s *restore.Service) (map[string]*restore.Snapshot, error) {
		return s.Snapshots(ctx, cluster, ids)
	})
}

// ClusterSnapshots reads snapshots of one cluster.
func (r *Reader) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return read(ctx, r, q.Cluster.GroupID, func(s *restore.Service) (*restore.Snapshots, error) { return s.ClusterSnapshots(ctx, q) })
}

// Cluster reads one cluster.
func (r *Reader) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return read(ctx, r, key.GroupID, func(s *restore.Service) (*restore.Cluster, error) { return s.Cluster(ctx, key) })
}

// ClustersNamed reads several clusters of one project.
func (r *Reader) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*restore.Cluster, error) {
	return read(ctx, r, groupID, func(s *restore.Service) (map[string]*restore.Cluster, error) {
		return s.ClustersNamed(ctx, groupID, names)
	})
}

// Clusters reads all clusters of a project.
func (r *Reader) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return read(ctx, r, groupID, func(s *restore.Service) (*restore.Clusters, error) { return s.Clusters(ctx, groupID) })
}

// Project reads one project.
func (r *Reader) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return read(ctx, r, groupID, func(s *restore.Service) (*atlas.Project, error) { return s.Project(ctx, groupID) })
}

// Projects reads the projects of all credentials.
func (r *Reader) Projects(ctx context.Context) (*restore.Projects, error) {
	return r.chooser.projects(ctx)
}
