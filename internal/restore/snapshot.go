package restore

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Snapshot is one snapshot, under one set of names whichever API it came from. A nil
// field is one that Atlas left out, or that the API does not have.
type Snapshot struct {
	SnapshotKey
	ServedBy API

	Status         *SnapshotStatus
	CreatedAt      *time.Time
	ExpiresAt      *time.Time
	MongoDBVersion *string
	Links          []atlas.Link

	// Of serverless and Dedicated snapshots.
	FrequencyType    *string
	SnapshotType     *string
	StorageSizeBytes *int64

	// Of Flex snapshots.
	ScheduledTime *time.Time
	StartTime     *time.Time
	FinishTime    *time.Time

	// Of Dedicated snapshots.
	Description   *string
	Type          *string
	CloudProvider *string
	CopyRegions   []string
	PolicyItems   []string
	ReplicaSet    *string
	MasterKeyUUID *string

	// Of snapshots of sharded clusters.
	Members     []atlas.SnapshotMember
	SnapshotIDs []string
}

// SnapshotStatus is where a snapshot stands.
type SnapshotStatus int

// The statuses: serverless and Dedicated snapshots are queued, in progress, completed
// or failed; Flex snapshots pending, queued, running, completed or failed. Atlas may
// add others: those are SnapshotUnknown.
const (
	SnapshotUnknown SnapshotStatus = iota
	SnapshotPending
	SnapshotQueued
	SnapshotInProgress
	SnapshotCompleted
	SnapshotFailed
)

var snapshotStatuses = map[string]SnapshotStatus{
	"queued": SnapshotQueued, "inProgress": SnapshotInProgress, "completed": SnapshotCompleted, "failed": SnapshotFailed,
	"PENDING": SnapshotPending, "QUEUED": SnapshotQueued, "RUNNING": SnapshotInProgress, "COMPLETED": SnapshotCompleted, "FAILED": SnapshotFailed,
}

func (s *Service) snapshotStatus(name *string) *SnapshotStatus {
	if name == nil {
		return nil
	}
	status, ok := snapshotStatuses[*name]
	if !ok {
		s.unknown.report("snapshot status", *name)
	}
	return &status
}

func (s *Service) snapshotFromServerless(cluster ClusterKey, from *atlas.ServerlessSnapshot) *Snapshot {
	return &Snapshot{
		SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, from.ID}, ServedBy: Serverless,
		Status: s.snapshotStatus(from.Status), CreatedAt: from.CreatedAt, ExpiresAt: from.ExpiresAt,
		MongoDBVersion: from.MongodVersion, Links: from.Links,
		FrequencyType: from.FrequencyType, SnapshotType: from.SnapshotType, StorageSizeBytes: from.StorageSizeBytes,
	}
}

func (s *Service) snapshotFromFlex(cluster ClusterKey, from *atlas.FlexSnapshot) *Snapshot {
	return &Snapshot{
		SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, from.ID}, ServedBy: Flex,
		Status: s.snapshotStatus(from.Status), ExpiresAt: from.Expiration,
		MongoDBVersion: from.MongoDBVersion, Links: from.Links,
		ScheduledTime: from.ScheduledTime, StartTime: from.StartTime, FinishTime: from.FinishTime,
	}
}

func (s *Service) snapshotFromDedicated(cluster ClusterKey, from *atlas.DedicatedSnapshot) *Snapshot {
	return &Snapshot{
		SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, from.ID}, ServedBy: Dedicated,
		Status: s.snapshotStatus(from.Status), CreatedAt: from.CreatedAt, ExpiresAt: from.ExpiresAt,
		MongoDBVersion: from.MongodVersion, Links: from.Links,
		FrequencyType: from.FrequencyType, SnapshotType: from.SnapshotType, StorageSizeBytes: from.StorageSizeBytes,
		Description: from.Description, Type: from.Type, CloudProvider: from.CloudProvider,
		CopyRegions: from.CopyRegions, PolicyItems: from.PolicyItems, ReplicaSet: from.ReplicaSetName, MasterKeyUUID: from.MasterKeyUUID,
	}
}

func (s *Service) snapshotFromSharded(cluster ClusterKey, from *atlas.ShardedSnapshot) *Snapshot {
	return &Snapshot{
		SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, from.ID}, ServedBy: Dedicated,
		Status: s.snapshotStatus(from.Status), CreatedAt: from.CreatedAt, ExpiresAt: from.ExpiresAt,
		MongoDBVersion: from.MongodVersion, Links: from.Links,
		FrequencyType: from.FrequencyType, SnapshotType: from.SnapshotType, StorageSizeBytes: from.StorageSizeBytes,
		Description: from.Description, Type: from.Type,
		CopyRegions: from.CopyRegions, PolicyItems: from.PolicyItems, MasterKeyUUID: from.MasterKeyUUID,
		Members: from.Members, SnapshotIDs: from.SnapshotIDs,
	}
}

// isSharded is whether it is one of a whole sharded cluster.
func (s *Snapshot) isSharded() bool { return s.Type != nil && *s.Type == "shardedCluster" }

// Snapshot reads one snapshot, whatever the tier of its cluster, by one call once it
// is known where the cluster is, and one more for a snapshot of a sharded cluster.
func (s *Service) Snapshot(ctx context.Context, key SnapshotKey) (*Snapshot, error) {
	return find(ctx, s, key.Cluster(), func(ctx context.Context, api API) (*Snapshot, error) {
		return s.getSnapshot(ctx, api, key)
	})
}

func (s *Service) getSnapshot(ctx context.Context, api API, key SnapshotKey) (*Snapshot, error) {
	return call(ctx, s.calls, keyOf("snapshot", api, key.GroupID, key.ClusterName, key.SnapshotID), func(ctx context.Context) (*Snapshot, error) {
		return s.readSnapshot(ctx, api, key)
	}, s.keep.snapshot)
}

func (s *Service) readSnapshot(ctx context.Context, api API, key SnapshotKey) (*Snapshot, error) {
	switch api {
	case Flex:
		v, _, err := s.atlas.GetFlexSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromFlex, key.Cluster(), v, err)
	case Dedicated:
		v, _, err := s.atlas.GetDedicatedSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		snapshot, err := mapped(s.snapshotFromDedicated, key.Cluster(), v, err)
		if verdict := judge(Dedicated, err); err == nil && snapshot.isSharded() || err != nil && (verdict == owns || verdict == unclear) {
			// The parts of it, or the whole of it, are to be had elsewhere only.
			if sharded, _, err := s.atlas.GetShardedSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID); err == nil {
				return s.snapshotFromSharded(key.Cluster(), sharded), nil
			}
		}
		return snapshot, err
	default:
		v, _, err := s.atlas.GetServerlessSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromServerless, key.Cluster(), v, err)
	}
}

// listSnapshots reads one page of the snapshots of a cluster.
func (s *Service) listSnapshots(ctx context.Context, api API, cluster ClusterKey, o atlas.ListOptions) (*page[*Snapshot], error) {
	return call(ctx, s.calls, keyOf("snapshots", api, cluster.GroupID, cluster.Name, pageKey(o)), func(ctx context.Context) (*page[*Snapshot], error) {
		return s.readSnapshots(ctx, api, cluster, o)
	}, s.keep.snapshots)
}

// listSharded reads the snapshots of a whole sharded cluster.
func (s *Service) listSharded(ctx context.Context, cluster ClusterKey) (*page[*Snapshot], error) {
	return call(ctx, s.calls, keyOf("sharded", Dedicated, cluster.GroupID, cluster.Name), func(ctx context.Context) (*page[*Snapshot], error) {
		p, _, err := s.atlas.ListShardedSnapshots(ctx, cluster.GroupID, cluster.Name)
		return mappedPage(s.snapshotFromSharded, cluster, p, err)
	}, s.keep.snapshots)
}

func (s *Service) readSnapshots(ctx context.Context, api API, cluster ClusterKey, o atlas.ListOptions) (*page[*Snapshot], error) {
	switch api {
	case Flex:
		p, _, err := s.atlas.ListFlexSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromFlex, cluster, p, err)
	case Dedicated:
		p, _, err := s.atlas.ListDedicatedSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromDedicated, cluster, p, err)
	default:
		p, _, err := s.atlas.ListServerlessSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromServerless, cluster, p, err)
	}
}
