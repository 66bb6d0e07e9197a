package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// Snapshot reads one snapshot of a cluster of any tier, by one call once the tier is known, and one more for a snapshot
// of a sharded cluster: the error of that one is MembersErr.
func (s *Service) Snapshot(ctx context.Context, key SnapshotKey) (*Snapshot, error) {
	return askTiers(ctx, s, key.Cluster(), func(ctx context.Context, tier Tier) (*Snapshot, error) {
		return s.getSnapshot(ctx, tier, key)
	})
}

// getSnapshot asks one API for a snapshot. That of a sharded cluster, or its parts, is returned by another operation,
// whose answers are cached by themselves: so a failure of it is never part of a cached answer.
func (s *Service) getSnapshot(ctx context.Context, tier Tier, key SnapshotKey) (*Snapshot, error) {
	snapshot, err := s.cache.snapshots.Get(ctx, snapshotKey(tier, key), func(ctx context.Context) (*Snapshot, error) {
		return snapshotAPIs[tier].get(ctx, s, key.Cluster(), key.GroupID, key.ClusterName, key.SnapshotID)
	})
	switch {
	case tier != Dedicated:
		return snapshot, err
	case err == nil && snapshot.isSharded():
		sharded, err := s.getSharded(ctx, key)
		if err != nil {
			return snapshot.withoutMembers(err), nil
		}
		return sharded, nil
	case isWrongSnapshotEndpoint(err):
		return s.getSharded(ctx, key)
	case atlas.IsNotFound(err) && classify(Dedicated, err) != outcomeNotHere && classify(Dedicated, err) != outcomeStop:
		sharded, other := s.getSharded(ctx, key)
		if other == nil {
			return sharded, nil
		}
		if !atlas.IsNotFound(other) && !isWrongSnapshotEndpoint(other) {
			// It is not known that there is no such snapshot.
			return nil, other
		}
		return nil, err
	default:
		return snapshot, err
	}
}

// getSharded asks for a snapshot of a sharded cluster.
func (s *Service) getSharded(ctx context.Context, key SnapshotKey) (*Snapshot, error) {
	return s.cache.shardedSnapshots.Get(ctx, snapshotKey(Dedicated, key), func(ctx context.Context) (*Snapshot, error) {
		return shardedSnapshots.get(ctx, s, key.Cluster(), key.GroupID, key.ClusterName, key.SnapshotID)
	})
}

// withoutMembers returns a copy of a snapshot whose parts could not be read. The snapshot itself may be cached.
func (s *Snapshot) withoutMembers(err error) *Snapshot {
	out := *s
	out.MembersErr = err
	return &out
}

// isWrongSnapshotEndpoint reports whether Atlas said that a sharded cluster was asked for as a replica set, or the
// other way round.
func isWrongSnapshotEndpoint(err error) bool {
	return atlas.CodeOf(err) == "INCORRECT_BACKUP_API_ENDPOINT"
}

// listSnapshots reads one page of the snapshots of a cluster.
func (s *Service) listSnapshots(ctx context.Context,
	tier Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Snapshot], error) {
	return snapshotAPIs[tier].cachedList(ctx, s, s.cache.snapshotPages, pageKey(tier, cluster, o),
		cluster.GroupID, cluster.Name)
}

// listSharded reads the snapshots of a sharded cluster, with all their parts.
func (s *Service) listSharded(ctx context.Context, cluster ClusterKey) (*page[*Snapshot], error) {
	return shardedSnapshots.cachedList(ctx, s, s.cache.shardedSnapshotPages,
		pageKey(Dedicated, cluster, atlas.ListOptions{}), cluster.GroupID, cluster.Name)
}
