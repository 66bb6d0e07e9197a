package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// minListed is from how many clusters of a project, and from how many projects, on a list is read:
// to list clusters takes two or three calls, and a list of projects can be long.
const minListed = 3

// Cluster reads one cluster.
func (l *Loaders) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return l.clusterLoader().load(ctx, key)
}

// ClustersByKey is Cluster for several clusters: minListed and more of one project are listed.
func (l *Loaders) ClustersByKey(ctx context.Context, keys []restore.ClusterKey) ([]*restore.Cluster, []error) {
	return l.clusterLoader().loadAll(ctx, keys)
}

func (l *Loaders) clusterLoader() keyLoader[restore.ClusterKey, *restore.Cluster] {
	return lazily(l, &l.clustersByKey, func() keyLoader[restore.ClusterKey, *restore.Cluster] {
		return newGrouped(l, l.plan.Clusters, groupBy[restore.ClusterKey, string, *restore.Cluster]{
			name:   "cluster",
			parent: projectOf, minKeys: minListed, one: l.reader.Cluster, many: l.listedClusters,
		})
	})
}

func projectOf(k restore.ClusterKey) string { return k.GroupID }

func (l *Loaders) listedClusters(ctx context.Context,
	groupID string, keys []restore.ClusterKey) (map[restore.ClusterKey]result[*restore.Cluster], error) {
	all, err := l.reader.Clusters(ctx, groupID)
	if err != nil {
		return nil, err
	}
	found := make(map[restore.ClusterKey]result[*restore.Cluster], len(keys))
	for _, key := range keys {
		if failure := all.MayHide(key.Name); failure != nil {
			// A cluster that is missing may be on the list that could not be read.
			found[key] = result[*restore.Cluster]{err: failure}
		}
	}
	for _, c := range all.Clusters {
		found[c.ClusterKey] = result[*restore.Cluster]{value: c}
	}
	return found, nil
}

// LinkedCluster reads the target of a job, together with those of the other jobs of its list. It
// returns nil when the cluster no longer exists.
func (l *Loaders) LinkedCluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return lazily(l, &l.linkedClusters, func() *linked[restore.ClusterKey, string, *restore.Cluster] {
		return newLinked(l, projectOf, l.readClusters, targetOf)
	}).load(ctx, key)
}

func targetOf(j *restore.Job) (restore.ClusterKey, bool) {
	if j.TargetClusterName == nil || *j.TargetClusterName == "" || j.TargetGroupID == nil {
		return restore.ClusterKey{}, false
	}
	return restore.ClusterKey{GroupID: *j.TargetGroupID, Name: *j.TargetClusterName}, true
}

func (l *Loaders) readClusters(ctx context.Context,
	groupID string, keys []restore.ClusterKey) (map[restore.ClusterKey]result[*restore.Cluster], error) {
	return readByID(keys, func(k restore.ClusterKey) string { return k.Name },
		func(names []string) (map[string]*restore.Cluster, error) {
			return l.reader.ClustersNamed(ctx, groupID, names)
		}, func(c *restore.Cluster) error { return c.Err })
}

// Clusters reads all clusters of a project.
func (l *Loaders) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return lazily(l, &l.clusters, func() *unbatched[string, *restore.Clusters] {
		return newUnbatched(l, l.reader.Clusters)
	}).load(ctx, groupID)
}

// BackupSchedule reads the backup schedule of one Dedicated cluster.
func (l *Loaders) BackupSchedule(ctx context.Context, key restore.ClusterKey) (*atlas.BackupSchedule, error) {
	return lazily(l, &l.backupSchedules, func() *unbatched[restore.ClusterKey, *atlas.BackupSchedule] {
		return newUnbatched(l, l.reader.BackupSchedule)
	}).load(ctx, key)
}

// SnapshotExports reads exports of snapshots of one Dedicated cluster.
func (l *Loaders) SnapshotExports(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.SnapshotExport], error) {
	return lazily(l, &l.exports, func() *unbatched[restore.SliceQuery, *restore.Slice[*atlas.SnapshotExport]] {
		return newUnbatched(l, l.reader.SnapshotExports)
	}).load(ctx, q)
}
