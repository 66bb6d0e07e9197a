package atlas

import "time"

// SnapshotExports are the exports of snapshots of one Dedicated cluster to a bucket of the customer. Only the list is
// used: one export has all that the list has of it.
var SnapshotExports = Resource[SnapshotExport]{
	list: declare(roleBackupManager, "2023-01-01", "/groups/{groupId}/clusters/{clusterName}/backup/exports",
		"listGroupClusterBackupExports"),
}

// SnapshotExport is one export of one snapshot (DiskBackupExportJob in Atlas's OpenAPI document). A nil field was
// absent or null. State is Queued, InProgress, Successful, Failed or Cancelled, or a value that Atlas adds later.
type SnapshotExport struct {
	ID             string                         `json:"id"`
	Components     Elements[SnapshotExportMember] `json:"components"` // of a sharded cluster
	CreatedAt      *time.Time                     `json:"createdAt"`
	CustomData     Elements[Tag]                  `json:"customData"`
	ExportBucketID *string                        `json:"exportBucketId"`
	ExportStatus   *ExportStatus                  `json:"exportStatus"`
	FinishedAt     *time.Time                     `json:"finishedAt"`
	Links          Elements[Link]                 `json:"links"`
	Prefix         *string                        `json:"prefix"`
	SnapshotID     *string                        `json:"snapshotId"`
	State          *string                        `json:"state"`
	StateReason    *StateReason                   `json:"stateReason"`
}

func (e SnapshotExport) identity() string { return e.ID }

// SnapshotExportMember is the export of one replica set of a sharded cluster.
type SnapshotExportMember struct {
	ExportID       *string `json:"exportId"`
	ReplicaSetName *string `json:"replicaSetName"`
}

// ExportStatus says how many collections are exported.
type ExportStatus struct {
	ExportedCollections *int64 `json:"exportedCollections"`
	TotalCollections    *int64 `json:"totalCollections"`
}

// StateReason says why an export is in its state.
type StateReason struct {
	ErrorCode *string `json:"errorCode"`
	Message   *string `json:"message"`
}
