package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Snapshot reads one snapshot.
func (l *Loaders) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return l.snapshot.load(ctx, key)
}

// LinkedSnapshot reads the snapshot of a job, together with those of the other jobs of
// its list. It is nil when Atlas no longer has it.
func (l *Loaders) LinkedSnapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return l.linkedSnapshots.load(ctx, key)
}

func (l *Loaders) readSnapshots(ctx context.Context, cluster restore.ClusterKey, keys []restore.SnapshotKey) (map[restore.SnapshotKey]*restore.Snapshot, error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.SnapshotID
	}
	found, err := l.reader.Snapshots(ctx, cluster, ids)
	if err != nil {
		return nil, err
	}
	byKey := make(map[restore.SnapshotKey]*restore.Snapshot, len(found))
	for _, key := range keys {
		byKey[key] = found[key.SnapshotID]
	}
	return byKey, nil
}

// Cluster reads one cluster.
func (l *Loaders) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return l.cluster.load(ctx, key)
}

// LinkedCluster reads the target of a job, together with those of the other jobs of
// its list. It is nil when the cluster is no more.
func (l *Loaders) LinkedCluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return l.linkedClusters.load(ctx, key)
}

func (l *Loaders) readClusters(ctx context.Context, groupID string, keys []restore.ClusterKey) (map[restore.ClusterKey]*restore.Cluster, error) {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.Name
	}
	found, err := l.reader.ClustersNamed(ctx, groupID, names)
	if err != nil {
		return nil, err
	}
	byKey := make(map[restore.ClusterKey]*restore.Cluster, len(found))
	for _, key := range keys {
		byKey[key] = found[key.Name]
	}
	return byKey, nil
}

// ClusterSnapshots reads all snapshots of one cluster.
func (l *Loaders) ClusterSnapshots(ctx context.Context, cluster restore.ClusterKey) ([]*restore.Snapshot, error) {
	return l.clusterSnapshots.load(ctx, cluster)
}

// Clusters reads all clusters of a project.
func (l *Loaders) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return l.clusters.load(ctx, groupID)
}

// Project reads one project.
func (l *Loaders) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return l.project.load(ctx, groupID)
}

// Projects reads all projects that the credential can see.
func (l *Loaders) Projects(ctx context.Context) ([]*atlas.Project, error) {
	return l.projects.load(ctx, struct{}{})
}
