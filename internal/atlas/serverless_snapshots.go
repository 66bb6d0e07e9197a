package atlas

import (
	"context"
	"time"
)

var (
	opGetServerlessSnapshot = operation{
		name:    "getGroupServerlessBackupSnapshot",
		path:    "/groups/{groupId}/serverless/{clusterName}/backup/snapshots/{snapshotId}",
		version: "2023-01-01",
	}
	opListServerlessSnapshots = operation{
		name:    "listGroupServerlessBackupSnapshots",
		path:    "/groups/{groupId}/serverless/{clusterName}/backup/snapshots",
		version: "2023-01-01",
	}
)

// ServerlessSnapshot is one snapshot of one serverless instance
// (ServerlessBackupSnapshot in Atlas's OpenAPI document). A nil field was absent or
// null. Status is queued, inProgress, completed or failed, or a value that Atlas adds later.
type ServerlessSnapshot struct {
	ID                     string         `json:"id"`
	CreatedAt              *time.Time     `json:"createdAt"`
	ExpiresAt              *time.Time     `json:"expiresAt"`
	FrequencyType          *string        `json:"frequencyType"`
	Links                  Elements[Link] `json:"links"`
	MongodVersion          *string        `json:"mongodVersion"`
	ServerlessInstanceName *string        `json:"serverlessInstanceName"`
	SnapshotType           *string        `json:"snapshotType"`
	Status                 *string        `json:"status"`
	StorageSizeBytes       *int64         `json:"storageSizeBytes"`
}

func (s ServerlessSnapshot) identity() string { return s.ID }

//nolint:unparam // it names no project
func (s ServerlessSnapshot) fullName() (groupID, name *string) { return nil, s.ServerlessInstanceName }

// GetServerlessSnapshot returns one snapshot of one serverless instance: Atlas
// operation getGroupServerlessBackupSnapshot, one call, past its documented sunset.
// Every error is an *Error; a snapshot without an id is KindMalformed.
func (c *Client) GetServerlessSnapshot(ctx context.Context,
	groupID, clusterName, snapshotID string) (*ServerlessSnapshot, error) {
	return getOne[ServerlessSnapshot](ctx, c, opGetServerlessSnapshot, groupID, clusterName, snapshotID)
}

// ListServerlessSnapshots returns one page of the snapshots of one serverless
// instance: Atlas operation listGroupServerlessBackupSnapshots, one call, past its
// documented sunset. Bounds and errors are those of every list; see ListOptions.
func (c *Client) ListServerlessSnapshots(ctx context.Context,
	groupID, clusterName string, o ListOptions) (*Page[ServerlessSnapshot], error) {
	return list[ServerlessSnapshot](ctx, c, opListServerlessSnapshots, o, groupID, clusterName)
}
