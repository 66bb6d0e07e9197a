package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Snapshot reads one snapshot.
func (l *Loaders) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return l.snapshotLoader().load(ctx, key)
}

// SnapshotsByKey is Snapshot for several snapshots: those of one cluster are listed.
func (l *Loaders) SnapshotsByKey(ctx context.Context, keys []restore.SnapshotKey) ([]*restore.Snapshot, []error) {
	return l.snapshotLoader().loadAll(ctx, keys)
}

func (l *Loaders) snapshotLoader() *batched[restore.SnapshotKey, *restore.Snapshot] {
	return use(l, &l.snapshots, func() *batched[restore.SnapshotKey, *restore.Snapshot] {
		return grouped(l, l.plan.Snapshots, together[restore.SnapshotKey, restore.ClusterKey, *restore.Snapshot]{
			parent: restore.SnapshotKey.Cluster, from: 2, one: l.reader.Snapshot,
			many: func(ctx context.Context, cluster restore.ClusterKey, keys []restore.SnapshotKey) (map[restore.SnapshotKey]result[*restore.Snapshot], error) {
				return l.readSnapshots(ctx, cluster, keys)
			},
		})
	})
}

// LinkedSnapshot reads the snapshot of a job, together with those of the other jobs of
// its list. It is nil when Atlas no longer has it.
func (l *Loaders) LinkedSnapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return expected(l, l.snapshotLinks(), snapshotOf).load(ctx, key)
}

func (l *Loaders) snapshotLinks() *siblings[restore.SnapshotKey, *restore.Snapshot] {
	return use(l, &l.linkedSnapshots, func() *siblings[restore.SnapshotKey, *restore.Snapshot] {
		return newSiblings(l, restore.SnapshotKey.Cluster, l.readSnapshots)
	})
}

func (l *Loaders) readSnapshots(ctx context.Context, cluster restore.ClusterKey, keys []restore.SnapshotKey) (map[restore.SnapshotKey]result[*restore.Snapshot], error) {
	found, err := l.reader.Snapshots(ctx, cluster, mapped(keys, func(k restore.SnapshotKey) string { return k.SnapshotID }))
	if err != nil {
		return nil, err
	}
	byKey := make(map[restore.SnapshotKey]result[*restore.Snapshot], len(found))
	for _, key := range keys {
		switch s := found[key.SnapshotID]; {
		case s == nil:
		case s.Err != nil:
			byKey[key] = result[*restore.Snapshot]{err: s.Err}
		default:
			byKey[key] = result[*restore.Snapshot]{value: s}
		}
	}
	return byKey, nil
}

// Cluster reads one cluster.
func (l *Loaders) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return l.clusterLoader().load(ctx, key)
}

// ClustersByKey is Cluster for several clusters: three and more of one project are
// listed.
func (l *Loaders) ClustersByKey(ctx context.Context, keys []restore.ClusterKey) ([]*restore.Cluster, []error) {
	return l.clusterLoader().loadAll(ctx, keys)
}

func (l *Loaders) clusterLoader() *batched[restore.ClusterKey, *restore.Cluster] {
	return use(l, &l.clustersByKey, func() *batched[restore.ClusterKey, *restore.Cluster] {
		return grouped(l, l.plan.Clusters, together[restore.ClusterKey, string, *restore.Cluster]{
			parent: func(k restore.ClusterKey) string { return k.GroupID }, from: minListed, one: l.reader.Cluster, many: l.listedClusters,
		})
	})
}

// minListed is how many clusters of a project, and how many projects, are worth a list: to
// list the clusters takes two or three calls, and one of projects can be long.
const minListed = 3

func (l *Loaders) listedClusters(ctx context.Context, groupID string, keys []restore.ClusterKey) (map[restore.ClusterKey]result[*restore.Cluster], error) {
	all, err := l.reader.Clusters(ctx, groupID)
	if err != nil {
		return nil, err
	}
	found := make(map[restore.ClusterKey]result[*restore.Cluster], len(keys))
	for _, key := range keys {
		if failure := all.MayHide(key.Name); failure != nil {
			// What is not there may be on the list that could not be read.
			found[key] = result[*restore.Cluster]{err: failure}
		}
	}
	for _, c := range all.Clusters {
		found[c.ClusterKey] = result[*restore.Cluster]{value: c}
	}
	return found, nil
}

// LinkedCluster reads the target of a job, together with those of the other jobs of
// its list. It is nil when the cluster is no more.
func (l *Loaders) LinkedCluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return expected(l, l.clusterLinks(), targetOf).load(ctx, key)
}

func (l *Loaders) clusterLinks() *siblings[restore.ClusterKey, *restore.Cluster] {
	return use(l, &l.linkedClusters, func() *siblings[restore.ClusterKey, *restore.Cluster] {
		return newSiblings(l, func(k restore.ClusterKey) string { return k.GroupID }, l.readClusters)
	})
}

func (l *Loaders) readClusters(ctx context.Context, groupID string, keys []restore.ClusterKey) (map[restore.ClusterKey]result[*restore.Cluster], error) {
	found, err := l.reader.ClustersNamed(ctx, groupID, mapped(keys, func(k restore.ClusterKey) string { return k.Name }))
	if err != nil {
		return nil, err
	}
	byKey := make(map[restore.ClusterKey]result[*restore.Cluster], len(found))
	for _, key := range keys {
		switch c := found[key.Name]; {
		case c == nil:
		case c.Err != nil:
			byKey[key] = result[*restore.Cluster]{err: c.Err}
		default:
			byKey[key] = result[*restore.Cluster]{value: c}
		}
	}
	return byKey, nil
}

// ClusterSnapshots reads snapshots of one cluster.
func (l *Loaders) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return use(l, &l.clusterSnapshots, func() *batched[restore.SnapshotQuery, *restore.Snapshots] {
		return each(l, alone, l.reader.ClusterSnapshots)
	}).load(ctx, q)
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

// ProjectsByID is Project for several projects: from three on, all are listed.
func (l *Loaders) ProjectsByID(ctx context.Context, groupIDs []string) ([]*atlas.Project, []error) {
	return use(l, &l.projectsByID, func() *batched[string, *atlas.Project] {
		return grouped(l, l.plan.Projects, together[string, struct{}, *atlas.Project]{
			parent: func(string) struct{} { return struct{}{} }, from: minListed, one: l.reader.Project,
			many: l.listedProjects,
		})
	}).loadAll(ctx, groupIDs)
}

func (l *Loaders) listedProjects(ctx context.Context, _ struct{}, _ []string) (map[string]result[*atlas.Project], error) {
	all, err := l.reader.Projects(ctx)
	if err != nil {
		return nil, err
	}
	// What is missing, because a list could not be read perhaps, is asked for by itself.
	found := make(map[string]result[*atlas.Project], len(all.Projects))
	for _, p := range all.Projects {
		found[p.ID] = result[*atlas.Project]{value: p}
	}
	return found, nil
}

// Projects reads all projects that there are to see.
func (l *Loaders) Projects(ctx context.Context) (*restore.Projects, error) {
	return use(l, &l.projects, func() *batched[struct{}, *restore.Projects] {
		return each(l, alone, func(ctx context.Context, _ struct{}) (*restore.Projects, error) { return l.reader.Projects(ctx) })
	}).load(ctx, struct{}{})
}
