package atlas

import "time"

// FlexSnapshots are the snapshots of one Flex cluster. Recorded lists begin with the oldest one, other than those of restore jobs.
var FlexSnapshots = newResource[FlexSnapshot](roleReadOnly, "2024-11-13",
	"/groups/{groupId}/flexClusters/{name}/backup/snapshots/{snapshotId}",
	"getGroupFlexClusterBackupSnapshot", "listGroupFlexClusterBackupSnapshots")

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
