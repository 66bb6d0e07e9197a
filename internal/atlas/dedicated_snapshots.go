package atlas

import "time"

// DedicatedSnapshots are the snapshots of one Dedicated cluster that is a replica set. Of a Flex cluster Atlas answers
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API.
var DedicatedSnapshots = newResource[DedicatedSnapshot](roleReadOnly, "2023-01-01",
	"/groups/{groupId}/clusters/{clusterName}/backup/snapshots/{snapshotId}",
	"getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots")

// DedicatedSnapshot is one snapshot of one Dedicated cluster that is a replica set
// (DiskBackupReplicaSet in Atlas's OpenAPI document). A nil field was absent or null:
// a snapshot that is still queued has no CreatedAt, CloudProvider or MongodVersion.
// Status is queued, inProgress, completed or failed, or a value that Atlas adds later.
type DedicatedSnapshot struct {
	ID               string           `json:"id"`
	CloudProvider    *string          `json:"cloudProvider"`
	CopyRegions      Elements[string] `json:"copyRegions"`
	CreatedAt        *time.Time       `json:"createdAt"`
	Description      *string          `json:"description"`
	ExpiresAt        *time.Time       `json:"expiresAt"`
	FrequencyType    *string          `json:"frequencyType"`
	Links            Elements[Link]   `json:"links"`
	MasterKeyUUID    *string          `json:"masterKeyUUID"`
	MongodVersion    *string          `json:"mongodVersion"`
	PolicyItems      Elements[string] `json:"policyItems"`
	ReplicaSetName   *string          `json:"replicaSetName"`
	SnapshotType     *string          `json:"snapshotType"`
	Status           *string          `json:"status"`
	StorageSizeBytes *int64           `json:"storageSizeBytes"`
	Type             *string          `json:"type"`
}

func (s DedicatedSnapshot) identity() string { return s.ID }
