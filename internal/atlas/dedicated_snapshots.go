package atlas

import "time"

// DedicatedSnapshots are the snapshots of one Dedicated cluster that is a replica set. Of a Flex cluster Atlas answers
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API.
var DedicatedSnapshots = newResource[DedicatedSnapshot](roleReadOnly, "2023-01-01",
	"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/{snapshotId}",
	"getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots")

// ShardedSnapshots are the snapshots of one sharded cluster. Their list is the only one without pages: it has all of
// them, and its bound is the one on answers.
var ShardedSnapshots = Resource[DedicatedSnapshot]{
	get: declare(roleReadOnly, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}",
		"getGroupClusterBackupSnapshotShardedCluster"),
	list: declare(roleReadOnly, "2023-01-01",
		"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters",
		"listGroupClusterBackupSnapshotShardedClusters"),
	unpaged: true,
}

// DedicatedSnapshot is one snapshot of one Dedicated cluster, a replica set (DiskBackupReplicaSet in Atlas's OpenAPI
// document) or sharded (DiskBackupShardedClusterSnapshot). A nil field was absent or null:
// a snapshot that is still queued has no CreatedAt, CloudProvider or MongodVersion.
// Status is queued, inProgress, completed or failed, or a value that Atlas adds later.
type DedicatedSnapshot struct {
	ID               string           `json:"id"`
	CloudProvider    *string          `json:"cloudProvider"`
	ConfigServerType *string          `json:"configServerType"` // of a sharded cluster
	CopyRegions      Elements[string] `json:"copyRegions"`
	CreatedAt        *time.Time       `json:"createdAt"`
	Description      *string          `json:"description"`
	ExpiresAt        *time.Time       `json:"expiresAt"`
	FrequencyType    *string          `json:"frequencyType"`
	Links            Elements[Link]   `json:"links"`
	MasterKeyUUID    *string          `json:"masterKeyUUID"`
	// Members are the shards and, unless it is embedded, the config server; of a sharded cluster.
	Members          Elements[SnapshotMember] `json:"members"`
	MongodVersion    *string                  `json:"mongodVersion"`
	PolicyItems      Elements[string]         `json:"policyItems"`
	ReplicaSetName   *string                  `json:"replicaSetName"` // of a replica set
	SnapshotIDs      Elements[string]         `json:"snapshotIds"`    // of a sharded cluster
	SnapshotType     *string                  `json:"snapshotType"`
	Status           *string                  `json:"status"`
	StorageSizeBytes *int64                   `json:"storageSizeBytes"`
	Type             *string                  `json:"type"`
}

func (s DedicatedSnapshot) identity() string { return s.ID }

// SnapshotMember is the snapshot of one part of a sharded cluster
// (DiskBackupShardedClusterSnapshotMember in Atlas's OpenAPI document).
type SnapshotMember struct {
	CloudProvider  *string `json:"cloudProvider"`
	ID             *string `json:"id"`
	ReplicaSetName *string `json:"replicaSetName"`
}
