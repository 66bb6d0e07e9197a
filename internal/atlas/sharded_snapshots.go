package atlas

import "time"

// ShardedSnapshots are the snapshots of one sharded cluster. Their list is the only one without pages: it has all of
// them, and its bound is the one on answers.
var ShardedSnapshots = Resource[ShardedSnapshot]{
	get: declare(roleReadOnly, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}",
		"getGroupClusterBackupSnapshotShardedCluster"),
	list: declare(roleReadOnly, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters",
		"listGroupClusterBackupSnapshotShardedClusters"),
	unpaged: true,
}

// ShardedSnapshot is one snapshot of one Dedicated cluster that is sharded
// (DiskBackupShardedClusterSnapshot in Atlas's OpenAPI document). A nil field was
// absent or null. Status is queued, inProgress, completed or failed, or a value that Atlas
// adds later. CloudProvider and CopyRegions are documented of a DedicatedSnapshot only; no
// recording says whether Atlas sends them here.
type ShardedSnapshot struct {
	ID               string           `json:"id"`
	CloudProvider    *string          `json:"cloudProvider"`
	ConfigServerType *string          `json:"configServerType"`
	CopyRegions      Elements[string] `json:"copyRegions"`
	CreatedAt        *time.Time       `json:"createdAt"`
	Description      *string          `json:"description"`
	ExpiresAt        *time.Time       `json:"expiresAt"`
	FrequencyType    *string          `json:"frequencyType"`
	Links            Elements[Link]   `json:"links"`
	MasterKeyUUID    *string          `json:"masterKeyUUID"`
	// Members are the shards and, unless it is embedded, the config server.
	Members          Elements[SnapshotMember] `json:"members"`
	MongodVersion    *string                  `json:"mongodVersion"`
	PolicyItems      Elements[string]         `json:"policyItems"`
	SnapshotIDs      Elements[string]         `json:"snapshotIds"`
	SnapshotType     *string                  `json:"snapshotType"`
	Status           *string                  `json:"status"`
	StorageSizeBytes *int64                   `json:"storageSizeBytes"`
	Type             *string                  `json:"type"`
}

// SnapshotMember is the snapshot of one part of a sharded cluster
// (DiskBackupShardedClusterSnapshotMember in Atlas's OpenAPI document).
type SnapshotMember struct {
	CloudProvider  *string `json:"cloudProvider"`
	ID             *string `json:"id"`
	ReplicaSetName *string `json:"replicaSetName"`
}

func (s ShardedSnapshot) identity() string { return s.ID }
