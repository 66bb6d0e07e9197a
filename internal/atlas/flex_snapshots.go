package atlas

import (
	"context"
	"time"
)

var (
	opGetFlexSnapshot = operation{
		name:    "getGroupFlexClusterBackupSnapshot",
		path:    "/groups/{groupId}/flexClusters/{name}/backup/snapshots/{snapshotId}",
		version: "2024-11-13",
	}
	opListFlexSnapshots = operation{
		name:    "listGroupFlexClusterBackupSnapshots",
		path:    "/groups/{groupId}/flexClusters/{name}/backup/snapshots",
		version: "2024-11-13",
	}
)

// FlexSnapshot is one snapshot of one Flex cluster (FlexBackupSnapshot20241113 in
// Atlas's OpenAPI document). A nil field was absent or null. Status is PENDING,
// QUEUED, RUNNING, FAILED or COMPLETED, or a value that Atlas adds later.
type FlexSnapshot struct {
	ID             string         `json:"id"`
	Expiration     *time.Time     `json:"expiration"`
	FinishTime     *time.Time     `json:"finishTime"`
	Links          Elements[Link] `json:"links"`
	MongoDBVersion *string        `json:"mongoDBVersion"`
	ScheduledTime  *time.Time     `json:"scheduledTime"`
	StartTime      *time.Time     `json:"startTime"`
	Status         *string        `json:"status"`
}

func (s FlexSnapshot) identity() string { return s.ID }

// GetFlexSnapshot returns one snapshot of one Flex cluster: Atlas operation
// getGroupFlexClusterBackupSnapshot, one call. Every error is an *Error; a snapshot
// without an id is KindMalformed.
func (c *Client) GetFlexSnapshot(ctx context.Context, groupID, clusterName, snapshotID string) (*FlexSnapshot, error) {
	return getOne[FlexSnapshot](ctx, c, opGetFlexSnapshot, groupID, clusterName, snapshotID)
}

// ListFlexSnapshots returns one page of the snapshots of one Flex cluster: Atlas
// operation listGroupFlexClusterBackupSnapshots, one call. Recorded lists begin with
// the oldest snapshot, other than those of restore jobs. Bounds and errors are those
// of every list; see ListOptions.
func (c *Client) ListFlexSnapshots(ctx context.Context,
	groupID, clusterName string, o ListOptions) (*Page[FlexSnapshot], error) {
	return list[FlexSnapshot](ctx, c, opListFlexSnapshots, o, groupID, clusterName)
}
