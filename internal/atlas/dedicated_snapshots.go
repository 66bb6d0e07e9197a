package atlas

import (
	"context"
	"time"
)

var (
	opGetDedicatedSnapshot = operation{
		name:    "getGroupClusterBackupSnapshot",
		path:    "/groups/{groupId}/clusters/{clusterName}/backup/snapshots/{snapshotId}",
		version: "2023-01-01",
	}
	opListDedicatedSnapshots = operation{
		name:    "listGroupClusterBackupSnapshots",
		path:    "/groups/{groupId}/clusters/{clusterName}/backup/snapshots",
		version: "2023-01-01",
	}
)

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

// GetDedicatedSnapshot returns one snapshot of one Dedicated cluster that is a
// replica set: Atlas operation getGroupClusterBackupSnapshot, one call. Of a Flex
// cluster Atlas answers CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API. Every error is an
// *Error; a snapshot without an id is KindMalformed.
func (c *Client) GetDedicatedSnapshot(ctx context.Context,
	groupID, clusterName, snapshotID string) (*DedicatedSnapshot, error) {
	return getOne[DedicatedSnapshot](ctx, c, opGetDedicatedSnapshot, groupID, clusterName, snapshotID)
}

// ListDedicatedSnapshots returns one page of the snapshots of one Dedicated cluster
// that is a replica set: Atlas operation listGroupClusterBackupSnapshots, one call.
// Bounds and errors are those of every list; see ListOptions.
func (c *Client) ListDedicatedSnapshots(ctx context.Context,
	groupID, clusterName string, o ListOptions) (*Page[DedicatedSnapshot], error) {
	return list[DedicatedSnapshot](ctx, c, opListDedicatedSnapshots, o, groupID, clusterName)
}
