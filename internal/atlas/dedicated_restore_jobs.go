package atlas

import (
	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// DedicatedRestoreJobs are the restore jobs of one Dedicated cluster. Of a Flex cluster Atlas answers
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API.
var DedicatedRestoreJobs = newResource[DedicatedRestoreJob](roleBackupManager, "2023-01-01",
	"/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}",
	"getGroupClusterBackupRestoreJob", "listGroupClusterBackupRestoreJobs")

// DedicatedRestoreJob is one restore job of one Dedicated cluster
// (DiskBackupSnapshotRestoreJob in Atlas's OpenAPI document): the fields of a
// serverless one, and more. A nil field was absent or null.
type DedicatedRestoreJob struct {
	ServerlessRestoreJob

	// Components are the parts of a sharded cluster, each with its own download.
	Components                  Elements[Component]  `json:"components"`
	PrivateDownloadDeliveryURLs Elements[PrivateURL] `json:"privateDownloadDeliveryUrls"`
	// TargetDeploymentItemName is recorded and not documented.
	TargetDeploymentItemName *string `json:"targetDeploymentItemName"`
}

// ScanJSON decodes the job; see jsonscan.
func (j *DedicatedRestoreJob) ScanJSON(s *jsonscan.Scanner) {
	for name := range s.Object {
		switch string(name) {
		case "components":
			s.Fallback(&j.Components, jsonOptions)
		case "privateDownloadDeliveryUrls":
			s.Fallback(&j.PrivateDownloadDeliveryURLs, jsonOptions)
		case "targetDeploymentItemName":
			j.TargetDeploymentItemName = s.SharedText()
		default:
			j.scanField(s, name)
		}
	}
}

// Component is the part of a restore job that concerns one replica set of a sharded
// cluster (DiskBackupRestoreMember in Atlas's OpenAPI document).
type Component struct {
	DownloadURL                 *string              `json:"downloadUrl"`
	PrivateDownloadDeliveryURLs Elements[PrivateURL] `json:"privateDownloadDeliveryUrls"`
	ReplicaSetName              *string              `json:"replicaSetName"`
}

// PrivateURL is a download through one private endpoint
// (ApiPrivateDownloadDeliveryUrl in Atlas's OpenAPI document).
type PrivateURL struct {
	DeliveryURL *string `json:"deliveryUrl"`
	EndpointID  *string `json:"endpointId"`
}
