package atlas

import (
	"time"

	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// FlexRestoreJobs are the restore jobs of one Flex cluster. Of a cluster of another tier Atlas answers
// CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API. Recorded lists begin with the job that was scheduled last.
var FlexRestoreJobs = newResource[FlexRestoreJob](roleReadOnly, "2024-11-13",
	"/groups/{groupId}/flexClusters/{name}/backup/restoreJobs/{restoreJobId}",
	"getGroupFlexClusterBackupRestoreJob", "listGroupFlexClusterBackupRestoreJobs")

// FlexRestoreJob is one restore job of one Flex cluster (FlexBackupRestoreJob20241113
// in Atlas's OpenAPI document). A nil field was absent or null. DeliveryType is
// RESTORE or DOWNLOAD, Status PENDING, QUEUED, RUNNING, FAILED or COMPLETED, or a value that
// Atlas adds later. ExpirationDate is set from the beginning, also of a restore; it does not mean that a download
// has expired.
type FlexRestoreJob struct {
	ID                       string     `json:"id"`
	DeliveryType             *string    `json:"deliveryType"`
	ExpirationDate           *time.Time `json:"expirationDate"`
	InstanceName             *string    `json:"instanceName"`
	Links                    Links      `json:"links"`
	ProjectID                *string    `json:"projectId"`
	RestoreFinishedDate      *time.Time `json:"restoreFinishedDate"`
	RestoreScheduledDate     *time.Time `json:"restoreScheduledDate"`
	SnapshotFinishedDate     *time.Time `json:"snapshotFinishedDate"`
	SnapshotID               *string    `json:"snapshotId"`
	SnapshotURL              *string    `json:"snapshotUrl"`
	Status                   *string    `json:"status"`
	TargetDeploymentItemName *string    `json:"targetDeploymentItemName"`
	TargetProjectID          *string    `json:"targetProjectId"`
}

func (j FlexRestoreJob) identity() string { return j.ID }

func (j FlexRestoreJob) fullName() (groupID, name *string) { return j.ProjectID, j.InstanceName }

// ScanJSON decodes the job; see jsonscan.
func (j *FlexRestoreJob) ScanJSON(s *jsonscan.Scanner) {
	for name := range s.Object {
		switch string(name) {
		case "id":
			j.ID = s.Text()
		case "deliveryType":
			j.DeliveryType = s.SharedText()
		case "expirationDate":
			j.ExpirationDate = s.Time()
		case "instanceName":
			j.InstanceName = s.SharedText()
		case "links":
			j.Links = scanLinks(s)
		case "projectId":
			j.ProjectID = s.SharedText()
		case "restoreFinishedDate":
			j.RestoreFinishedDate = s.Time()
		case "restoreScheduledDate":
			j.RestoreScheduledDate = s.Time()
		case "snapshotFinishedDate":
			j.SnapshotFinishedDate = s.Time()
		case "snapshotId":
			j.SnapshotID = s.SharedText()
		case "snapshotUrl":
			j.SnapshotURL = s.SharedText()
		case "status":
			j.Status = s.SharedText()
		case "targetDeploymentItemName":
			j.TargetDeploymentItemName = s.SharedText()
		case "targetProjectId":
			j.TargetProjectID = s.SharedText()
		default:
			s.SkipValue()
		}
	}
}
