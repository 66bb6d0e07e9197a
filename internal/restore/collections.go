package restore

import (
	"cmp"
	"context"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// ClusterSnapshots reads all snapshots of one cluster, newest first: one call for each
// 500, and one more for a Dedicated cluster, whose sharded snapshots stand in a list of
// their own.
func (s *Service) ClusterSnapshots(ctx context.Context, cluster ClusterKey) ([]*Snapshot, error) {
	return find(ctx, s, cluster, func(ctx context.Context, api API) ([]*Snapshot, error) {
		byID := make(map[string]*Snapshot)
		err := s.eachSnapshot(ctx, api, cluster, func(all []*Snapshot) bool {
			for _, snapshot := range all {
				byID[snapshot.SnapshotID] = snapshot
			}
			return true
		})
		if err != nil {
			return nil, err
		}
		all := make([]*Snapshot, 0, len(byID))
		for _, snapshot := range byID {
			all = append(all, snapshot)
		}
		// The APIs list them in different orders.
		slices.SortFunc(all, func(a, b *Snapshot) int { return cmp.Compare(b.SnapshotID, a.SnapshotID) })
		return all, nil
	})
}

// Snapshots reads several snapshots of one cluster: a single one by a call of its own,
// more of them by listing. An id that is in no list is missing from the result: Atlas
// no longer has it.
func (s *Service) Snapshots(ctx context.Context, cluster ClusterKey, ids []string) (map[string]*Snapshot, error) {
	found := make(map[string]*Snapshot, len(ids))
	if len(ids) == 1 {
		snapshot, err := s.Snapshot(ctx, SnapshotKey{cluster.GroupID, cluster.Name, ids[0]})
		if err == nil {
			found[ids[0]] = snapshot
		} else if atlas.CodeOf(err) == "SNAPSHOT_NOT_FOUND" {
			err = nil
		}
		return found, err
	}
	return find(ctx, s, cluster, func(ctx context.Context, api API) (map[string]*Snapshot, error) {
		err := s.eachSnapshot(ctx, api, cluster, func(all []*Snapshot) bool {
			for _, snapshot := range all {
				if slices.Contains(ids, snapshot.SnapshotID) {
					found[snapshot.SnapshotID] = snapshot
				}
			}
			return len(found) < len(ids)
		})
		return found, err
	})
}

// eachSnapshot lists page by page until take says that it has enough.
func (s *Service) eachSnapshot(ctx context.Context, api API, cluster ClusterKey, take func([]*Snapshot) bool) error {
	enough, sharded := false, false
	err := eachPage(ctx, func(ctx context.Context, o atlas.ListOptions) (*page[*Snapshot], error) {
		return s.listSnapshots(ctx, api, cluster, o)
	}, func(all []*Snapshot) bool {
		sharded = sharded || slices.ContainsFunc(all, (*Snapshot).isSharded)
		enough = !take(all)
		return !enough
	})
	// The parts of a sharded cluster's snapshots stand in a list of their own.
	if err != nil || api != Dedicated || enough && !sharded {
		return err
	}
	list, err := s.listSharded(ctx, cluster)
	if err != nil {
		if judge(Dedicated, err) == stop {
			return err
		}
		return nil // no sharded cluster
	}
	take(list.items)
	return nil
}

// ClustersNamed reads several clusters of one project: one or two by calls of their own,
// more of them by listing. A name that is in no list is missing from the result: there
// is no such cluster.
func (s *Service) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*Cluster, error) {
	found := make(map[string]*Cluster, len(names))
	if len(names) > 2 {
		all, err := s.Clusters(ctx, groupID)
		if atlas.IsNotFound(err) {
			return found, nil // no project, and so no cluster
		} else if err != nil {
			return nil, err
		}
		for _, c := range all.Clusters {
			found[c.Name] = c
		}
		for _, name := range names {
			if found[name] == nil && len(all.Failures) > 0 {
				// It may be in the list that could not be read.
				return nil, all.Failures[0]
			}
		}
		return found, nil
	}
	for _, name := range names {
		c, err := s.Cluster(ctx, ClusterKey{groupID, name})
		if atlas.IsNotFound(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		found[name] = c
	}
	return found, nil
}
