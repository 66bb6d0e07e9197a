package restore

import (
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

	// MembersErr is the error because of which Members and SnapshotIDs could not be read, or nil. They are read by a call
	// of their own.
	MembersErr error
	// Err is the error because of which the snapshot could not be decoded, or because of which a list on which it may
	// stand could not be read; nil otherwise. It is set where several snapshots are read, and only the SnapshotKey of such
	// a snapshot is known: without an ID where not even that can be read.
	Err error
}

// SnapshotStatus is the status of a snapshot.
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
	"PENDING": SnapshotPending, "QUEUED": SnapshotQueued, "RUNNING": SnapshotInProgress, "COMPLETED": SnapshotCompleted,
	"FAILED": SnapshotFailed,
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
		CopyRegions: from.CopyRegions, PolicyItems: from.PolicyItems, ReplicaSet: from.ReplicaSetName,
		MasterKeyUUID: from.MasterKeyUUID, Members: from.Members, SnapshotIDs: from.SnapshotIDs,
	}
}

// malformedSnapshot makes a snapshot that stands on a list and cannot be decoded.
func malformedSnapshot(cluster ClusterKey, m *atlas.MalformedResult) *Snapshot {
	if m.ID == "" {
		return nil
	}
	return &Snapshot{SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, m.ID}, Err: m.Err}
}

// isSharded reports whether the snapshot is one of a sharded cluster, with all its parts.
func (s *Snapshot) isSharded() bool { return s.Type != nil && *s.Type == "shardedCluster" }
