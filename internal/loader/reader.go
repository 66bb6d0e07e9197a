package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Reader reads from Atlas. Its methods are documented at restore.Service, which implements it.
type Reader interface {
	Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error)
	BatchedJobs(ctx context.Context,
		tier restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error)
	Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error)
	ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error)
	Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error)
	Snapshots(ctx context.Context, cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error)
	ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error)
	Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error)
	ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*restore.Cluster, error)
	Clusters(ctx context.Context, groupID string) (*restore.Clusters, error)
	BackupSchedule(ctx context.Context, key restore.ClusterKey) (*atlas.BackupSchedule, error)
	RestoredCollections(ctx context.Context, q restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error)
	SnapshotExports(ctx context.Context, q restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error)
	ExportBuckets(ctx context.Context, q restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error)
	BackupCompliancePolicy(ctx context.Context, groupID string) (*restore.CompliancePolicy, error)
	RestoreEvents(ctx context.Context, q restore.EventQuery) (*restore.Events, error)
	Project(ctx context.Context, groupID string) (*atlas.Project, error)
	Projects(ctx context.Context) (*restore.Projects, error)
	Organizations(ctx context.Context) (*restore.Organizations, error)
}

var _ Reader = (*restore.Service)(nil)

// PerProject implements all methods of a Reader that read one project: all but Projects and Organizations. A Reader in
// front of other Readers embeds it, and does in Choose, once for all methods, what has to happen before
// a project is read.
type PerProject struct {
	// Choose returns the Reader that reads the project for the caller in ctx, and a function to call
	// after the read. When Choose fails, so does the read, with the same error.
	Choose func(ctx context.Context, groupID string) (r Reader, release func(), err error)
}

// readProject calls read with the Reader that is chosen for the project.
func readProject[T any](ctx context.Context, p PerProject, groupID string, read func(Reader) (T, error)) (T, error) {
	r, release, err := p.Choose(ctx, groupID)
	if err != nil {
		var none T
		return none, err
	}
	defer release()
	return read(r)
}

// Job reads one restore job.
func (p PerProject) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	return readProject(ctx, p, key.GroupID, func(r Reader) (*restore.Job, error) { return r.Job(ctx, tier, key) })
}

// BatchedJobs reads several jobs of one cluster.
func (p PerProject) BatchedJobs(ctx context.Context,
	tier restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	return readProject(ctx, p, cluster.GroupID, func(r Reader) (map[string]restore.JobResult, error) {
		return r.BatchedJobs(ctx, tier, cluster, ids)
	})
}

// Jobs reads a list of jobs of one cluster.
func (p PerProject) Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error) {
	return readProject(ctx, p, q.Cluster.GroupID, func(r Reader) (*restore.Jobs, error) { return r.Jobs(ctx, q) })
}

// ProjectJobs reads a list of jobs of a whole project.
func (p PerProject) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	return readProject(ctx, p, q.GroupID, func(r Reader) (*restore.ProjectJobs, error) { return r.ProjectJobs(ctx, q) })
}

// Snapshot reads one snapshot.
func (p PerProject) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return readProject(ctx, p, key.GroupID, func(r Reader) (*restore.Snapshot, error) { return r.Snapshot(ctx, key) })
}

// Snapshots reads several snapshots of one cluster.
func (p PerProject) Snapshots(ctx context.Context,
	cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	return readProject(ctx, p, cluster.GroupID, func(r Reader) (map[string]*restore.Snapshot, error) {
		return r.Snapshots(ctx, cluster, ids)
	})
}

// ClusterSnapshots reads a list of snapshots of one cluster.
func (p PerProject) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return readProject(ctx, p, q.Cluster.GroupID, func(r Reader) (*restore.Snapshots, error) {
		return r.ClusterSnapshots(ctx, q)
	})
}

// Cluster reads one cluster.
func (p PerProject) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return readProject(ctx, p, key.GroupID, func(r Reader) (*restore.Cluster, error) { return r.Cluster(ctx, key) })
}

// ClustersNamed reads several clusters of one project.
func (p PerProject) ClustersNamed(ctx context.Context,
	groupID string, names []string) (map[string]*restore.Cluster, error) {
	return readProject(ctx, p, groupID, func(r Reader) (map[string]*restore.Cluster, error) {
		return r.ClustersNamed(ctx, groupID, names)
	})
}

// Clusters reads all clusters of one project.
func (p PerProject) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return readProject(ctx, p, groupID, func(r Reader) (*restore.Clusters, error) { return r.Clusters(ctx, groupID) })
}

// BackupSchedule reads the backup schedule of one cluster.
func (p PerProject) BackupSchedule(ctx context.Context, key restore.ClusterKey) (*atlas.BackupSchedule, error) {
	return readProject(ctx, p, key.GroupID, func(r Reader) (*atlas.BackupSchedule, error) {
		return r.BackupSchedule(ctx, key)
	})
}

// RestoredCollections reads collections of one collection restore.
func (p PerProject) RestoredCollections(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.RestoredCollection], error) {
	return readProject(ctx, p, q.Cluster.GroupID, func(r Reader) (*restore.Slice[*atlas.RestoredCollection], error) {
		return r.RestoredCollections(ctx, q)
	})
}

// SnapshotExports reads exports of snapshots of one cluster.
func (p PerProject) SnapshotExports(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error) {
	return readProject(ctx, p, q.Cluster.GroupID, func(r Reader) (*restore.Slice[*atlas.SnapshotExport], error) {
		return r.SnapshotExports(ctx, q)
	})
}

// ExportBuckets reads buckets of one project to which snapshots can be exported.
func (p PerProject) ExportBuckets(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error) {
	return readProject(ctx, p, q.Cluster.GroupID, func(r Reader) (*restore.Slice[*atlas.ExportBucket], error) {
		return r.ExportBuckets(ctx, q)
	})
}

// BackupCompliancePolicy reads the backup compliance policy of one project.
func (p PerProject) BackupCompliancePolicy(ctx context.Context, groupID string) (*restore.CompliancePolicy, error) {
	return readProject(ctx, p, groupID, func(r Reader) (*restore.CompliancePolicy, error) {
		return r.BackupCompliancePolicy(ctx, groupID)
	})
}

// RestoreEvents reads events of one project about restores.
func (p PerProject) RestoreEvents(ctx context.Context, q restore.EventQuery) (*restore.Events, error) {
	return readProject(ctx, p, q.GroupID, func(r Reader) (*restore.Events, error) { return r.RestoreEvents(ctx, q) })
}

// Project reads one project.
func (p PerProject) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return readProject(ctx, p, groupID, func(r Reader) (*atlas.Project, error) { return r.Project(ctx, groupID) })
}
