package loader

import (
	"context"

	"atlas-restore-gateway/internal/restore"
)

// Snapshot reads one snapshot.
func (l *Loaders) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return l.snapshotLoader().load(ctx, key)
}

// SnapshotsByKey is Snapshot for several snapshots: two and more of one cluster are listed.
func (l *Loaders) SnapshotsByKey(ctx context.Context, keys []restore.SnapshotKey) ([]*restore.Snapshot, []error) {
	return l.snapshotLoader().loadAll(ctx, keys)
}

func (l *Loaders) snapshotLoader() keyLoader[restore.SnapshotKey, *restore.Snapshot] {
	return lazily(l, &l.snapshotsByKey, func() keyLoader[restore.SnapshotKey, *restore.Snapshot] {
		return newGrouped(l, l.plan.Snapshots, groupBy[restore.SnapshotKey, restore.ClusterKey, *restore.Snapshot]{
			name:   "snapshot",
			parent: restore.SnapshotKey.Cluster, minKeys: 2, one: l.reader.Snapshot, many: l.readSnapshots,
		})
	})
}

// LinkedSnapshot reads the snapshot of a job, together with those of the other jobs of its list.
// It returns nil when the snapshot no longer exists.
func (l *Loaders) LinkedSnapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return lazily(l, &l.linkedSnapshots, func() *linked[restore.SnapshotKey, restore.ClusterKey, *restore.Snapshot] {
		return newLinked(l, restore.SnapshotKey.Cluster, l.readSnapshots, snapshotOf)
	}).load(ctx, key)
}

func snapshotOf(j *restore.Job) (restore.SnapshotKey, bool) {
	if j.SnapshotID == nil || *j.SnapshotID == "" {
		return restore.SnapshotKey{}, false
	}
	return restore.SnapshotKey{GroupID: j.GroupID, ClusterName: j.ClusterName, SnapshotID: *j.SnapshotID}, true
}

func (l *Loaders) readSnapshots(ctx context.Context,
	cluster restore.ClusterKey, keys []restore.SnapshotKey) (map[restore.SnapshotKey]result[*restore.Snapshot], error) {
	return readByID(keys, func(k restore.SnapshotKey) string { return k.SnapshotID },
		func(ids []string) (map[string]*restore.Snapshot, error) {
			return l.reader.Snapshots(ctx, cluster, ids)
		}, func(s *restore.Snapshot) error { return s.Err })
}

// readByID reads the values of keys of one parent by their ids. A key whose id is not found is
// missing from the result, and a value that could not be read is its error.
func readByID[K comparable, V any](keys []K, id func(K) string,
	read func(ids []string) (map[string]V, error), errOf func(V) error) (map[K]result[V], error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = id(key)
	}
	found, err := read(ids)
	if err != nil {
		return nil, err
	}
	byKey := make(map[K]result[V], len(found))
	for _, key := range keys {
		value, ok := found[id(key)]
		if !ok {
			continue
		}
		if err := errOf(value); err != nil {
			byKey[key] = result[V]{err: err}
		} else {
			byKey[key] = result[V]{value: value}
		}
	}
	return byKey, nil
}

// ClusterSnapshots reads a list of snapshots of one cluster.
func (l *Loaders) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return lazily(l, &l.clusterSnapshots, func() *unbatched[restore.SnapshotQuery, *restore.Snapshots] {
		return newUnbatched(l, l.reader.ClusterSnapshots)
	}).load(ctx, q)
}
