package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Snapshot reads one snapshot.
func (l *Loaders) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return use(l, &l.snapshot, func() *batched[restore.SnapshotKey, *restore.Snapshot] {
		return each(l, alone, l.reader.Snapshot)
	}).load(ctx, key)
}

// LinkedSnapshot reads the snapshot of a job, together with those of the other jobs of
// its list. It is nil when Atlas no longer has it.
func (l *Loaders) LinkedSnapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return l.snapshotLinks().load(ctx, key)
}

func (l *Loaders) snapshotLinks() *siblings[restore.SnapshotKey, *restore.Snapshot] {
	return use(l, &l.linkedSnapshots, func() *siblings[restore.SnapshotKey, *restore.Snapshot] {
		return newSiblings(l, restore.SnapshotKey.Cluster, l.readSnapshots)
	})
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
	return use(l, &l.cluster, func() *batched[restore.ClusterKey, *restore.Cluster] {
		return each(l, alone, l.reader.Cluster)
	}).load(ctx, key)
}

// LinkedCluster reads the target of a job, together with those of the other jobs of
// its list. It is nil when the cluster is no more.
func (l *Loaders) LinkedCluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return l.clusterLinks().load(ctx, key)
}

func (l *Loaders) clusterLinks() *siblings[restore.ClusterKey, *restore.Cluster] {
	return use(l, &l.linkedClusters, func() *siblings[restore.ClusterKey, *restore.Cluster] {
		return newSiblings(l, func(k restore.ClusterKey) string { return k.GroupID }, l.readClusters)
	})
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
	return use(l, &l.clusterSnapshots, func() *batched[restore.ClusterKey, []*restore.Snapshot] {
		return each(l, alone, l.reader.ClusterSnapshots)
	}).load(ctx, cluster)
}

// Clusters reads all clusters of a project.
func (l *Loaders) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return use(l, &l.clusters, func() *batched[string, *restore.Clusters] {
		return each(l, alone, l.reader.Clusters)
	}).load(ctx, groupID)
}

// Project reads one project.
func (l *Loaders) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return use(l, &l.project, func() *batched[string, *atlas.Project] {
		return each(l, alone, l.reader.Project)
	}).load(ctx, groupID)
}

// Projects reads all projects that the credential can see.
func (l *Loaders) Projects(ctx context.Context) ([]*atlas.Project, error) {
	return use(l, &l.projects, func() *batched[struct{}, []*atlas.Project] {
		return each(l, alone, func(ctx context.Context, _ struct{}) ([]*atlas.Project, error) { return l.reader.Projects(ctx) })
	}).load(ctx, struct{}{})
}
