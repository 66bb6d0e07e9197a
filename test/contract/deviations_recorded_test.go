package contract

var (
	makingJobs   = []string{"createGroupClusterBackupRestoreJob"}
	takingBackup = []string{"takeGroupClusterBackupSnapshots"}
)

// recordedDeviations are those that only Atlas was seen to show: in operations that the simulator does not have, or in
// values that it does not send.
var recordedDeviations = []deviation{
	// Restore jobs of Dedicated clusters, when they are made.
	{makingJobs, 200, "/desiredTimestamp/date", nullField, proof{recording: recordedJob}},
	{makingJobs, 200, "/desiredTimestamp/increment", nullField, proof{recording: recordedJob}},
	{makingJobs, 200, "/desiredTimestamp/time", undocumentedField, proof{recording: recordedJob}},
	{makingJobs, 200, "/targetDeploymentItemName", undocumentedField, proof{recording: recordedJob}},

	// Snapshots of Dedicated clusters, when they are taken.
	{takingBackup, 200, "/frequencyType", outOfEnum, proof{recording: recordedTaken}},
	{takingBackup, 200, "/copyRegions", undocumentedField, proof{recording: recordedTaken}},
	{takingBackup, 200, "/replicaSetName", undocumentedField, proof{recording: recordedTaken}},

	// Flex clusters.
	{[]string{"listGroupFlexClusters"}, 200, "/versionReleaseSystem", outOfEnum, proof{recording: recording{
		path:   "/api/atlas/v2/groups/b0123456789abcdef012345b/flexClusters",
		status: 200, date: "Mon, 20 Jul 2026 03:25:39 GMT",
	}}},

	// Dedicated clusters, for some weeks.
	{
		[]string{"getGroupCluster"}, 200, "/effectiveIntelligentWorkloadManagementPolicies", undocumentedField,
		proof{recording: recording{
			path:   "/api/atlas/v2/groups/6a5d954ff2a0a98dd8d58c01/clusters/cluster-974",
			status: 200, date: "Mon, 20 Jul 2026 03:26:25 GMT",
		}},
	},

	// Errors.
	{[]string{"deleteGroupCluster"}, 401, "", noBody, proof{recording: recording{
		path:   "/api/atlas/v2/groups/6957f882e5e2997a23eb32ec/clusters/cluster-210",
		status: 401, date: "Fri, 02 Jan 2026 16:56:17 GMT",
	}}},
}
