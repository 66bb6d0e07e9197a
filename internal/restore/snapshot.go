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
	ServedBy Tier

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

	// MembersErr is why Members and SnapshotIDs could not be read, or nil. Another call of
	// Atlas brings them than the rest.
	MembersErr error
	// Err is why the snapshot could not be decoded, or may be on a list that could not be
	// read; nil otherwise. It is set where several snapshots are read, and only the
	// SnapshotKey of such a snapshot is known: without an ID where not even that can be read.
	Err error
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

// malformedSnapshot makes the snapshots that stand on a list and cannot be decoded.
func malformedSnapshot(cluster ClusterKey, m *atlas.MalformedResult) *Snapshot {
	if m.ID == "" {
		return nil
	}
	return &Snapshot{SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, m.ID}, Err: m.Err}
}

// isSharded is whether it is one of a whole sharded cluster.
func (s *Snapshot) isSharded() bool { return s.Type != nil && *s.Type == "shardedCluster" }

// Snapshot reads one snapshot, whatever the tier of its cluster, by one call once it
// is known where the cluster is, and one more for a snapshot of a sharded cluster: where
// that one fails, the error is MembersErr.
func (s *Service) Snapshot(ctx context.Context, key SnapshotKey) (*Snapshot, error) {
	return find(ctx, s, key.Cluster(), func(ctx context.Context, api Tier) (*Snapshot, error) {
		return s.getSnapshot(ctx, api, key)
	})
}

// getSnapshot asks one API for a snapshot. Of a sharded cluster the parts, or all of it,
// stand at another operation, whose answers are cached by themselves: so one that fails is
// never part of a cached answer.
func (s *Service) getSnapshot(ctx context.Context, api Tier, key SnapshotKey) (*Snapshot, error) {
	snapshot, err := s.cache.snapshots.Get(ctx, snapshotKey(api, key), func(ctx context.Context) (*Snapshot, error) {
		return s.readSnapshot(ctx, api, key)
	})
	switch {
	case api != Dedicated:
		return snapshot, err
	case err == nil && snapshot.isSharded():
		sharded, err := s.getSharded(ctx, key)
		if err != nil {
			return snapshot.withoutMembers(err), nil
		}
		return sharded, nil
	case isWrongSnapshotEndpoint(err):
		return s.getSharded(ctx, key)
	case atlas.IsNotFound(err) && judge(Dedicated, err) != disowns && judge(Dedicated, err) != stop:
		sharded, other := s.getSharded(ctx, key)
		if other == nil {
			return sharded, nil
		}
		if !atlas.IsNotFound(other) && !isWrongSnapshotEndpoint(other) {
			// Nothing tells that there is no such snapshot.
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
		v, err := s.atlas.GetShardedSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromSharded, key.Cluster(), v, err)
	})
}

// withoutMembers is a copy of a snapshot whose parts could not be read. The snapshot itself
// may be cached.
func (s *Snapshot) withoutMembers(err error) *Snapshot {
	out := *s
	out.MembersErr = err
	return &out
}

// isWrongSnapshotEndpoint reports whether Atlas said that the snapshots of the cluster are
// those of a replica set, asked as of a sharded cluster, or the other way round.
func isWrongSnapshotEndpoint(err error) bool {
	return atlas.CodeOf(err) == "INCORRECT_BACKUP_API_ENDPOINT"
}

func (s *Service) readSnapshot(ctx context.Context, api Tier, key SnapshotKey) (*Snapshot, error) {
	switch api {
	case Flex:
		v, err := s.atlas.GetFlexSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromFlex, key.Cluster(), v, err)
	case Dedicated:
		v, err := s.atlas.GetDedicatedSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromDedicated, key.Cluster(), v, err)
	default:
		v, err := s.atlas.GetServerlessSnapshot(ctx, key.GroupID, key.ClusterName, key.SnapshotID)
		return mapped(s.snapshotFromServerless, key.Cluster(), v, err)
	}
}

// listSnapshots reads one page of the snapshots of a cluster.
func (s *Service) listSnapshots(ctx context.Context, api Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Snapshot], error) {
	return s.cache.snapshotPages.Get(ctx, pageKey(api, cluster, o), func(ctx context.Context) (*page[*Snapshot], error) {
		return s.readSnapshots(ctx, api, cluster, o)
	})
}

// listSharded reads the snapshots of a whole sharded cluster.
func (s *Service) listSharded(ctx context.Context, cluster ClusterKey) (*page[*Snapshot], error) {
	return s.cache.shardedSnapshotPages.Get(ctx, pageKey(Dedicated, cluster, atlas.ListOptions{}), func(ctx context.Context) (*page[*Snapshot], error) {
		p, err := s.atlas.ListShardedSnapshots(ctx, cluster.GroupID, cluster.Name)
		return mappedPage(s.snapshotFromSharded, malformedSnapshot, cluster, p, err)
	})
}

func (s *Service) readSnapshots(ctx context.Context, api Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Snapshot], error) {
	switch api {
	case Flex:
		p, err := s.atlas.ListFlexSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromFlex, malformedSnapshot, cluster, p, err)
	case Dedicated:
		p, err := s.atlas.ListDedicatedSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromDedicated, malformedSnapshot, cluster, p, err)
	default:
		p, err := s.atlas.ListServerlessSnapshots(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.snapshotFromServerless, malformedSnapshot, cluster, p, err)
	}
}
