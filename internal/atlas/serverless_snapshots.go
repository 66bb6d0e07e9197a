package atlas

import "time"

// ServerlessSnapshots are the snapshots of one serverless instance, past their documented sunset.
var ServerlessSnapshots = newResource[ServerlessSnapshot](roleReadOnly, "2023-01-01",
	"/groups/{groupId}/serverless/{clusterName}/backup/snapshots/{snapshotId}",
	"getGroupServerlessBackupSnapshot", "listGroupServerlessBackupSnapshots")

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
