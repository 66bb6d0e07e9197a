package contract

var (
	makingJobs   = []string{"createGroupClusterBackupRestoreJob"}
	takingBackup = []string{"takeGroupClusterBackupSnapshots"}
)

// recordedDeviations are those that Atlas was recorded to show: in operations that the simulator does not have, or that
// change something, or in values that it does not send.
var recordedDeviations = []deviation{
	// Restore jobs of Dedicated clusters, when they are made.
	{
		operations: makingJobs, status: 200, field: "/desiredTimestamp/date", kind: nullField,
		proof: proof{recording: recordedJob},
	},
	{
		operations: makingJobs, status: 200, field: "/desiredTimestamp/increment", kind: nullField,
		proof: proof{recording: recordedJob},
	},
	{
		operations: makingJobs, status: 200, field: "/desiredTimestamp/time", kind: undocumentedField,
		proof: proof{recording: recordedJob},
	},
	{
		operations: makingJobs, status: 200, field: "/targetDeploymentItemName", kind: undocumentedField,
		proof: proof{recording: recordedJob},
	},

	// Snapshots of Dedicated clusters, when they are taken.
	{
		operations: takingBackup, status: 200, field: "/frequencyType", kind: outOfEnum,
		proof: proof{recording: recordedTaken},
	},
	{
		operations: takingBackup, status: 200, field: "/copyRegions", kind: undocumentedField,
		proof: proof{recording: recordedTaken},
	},
	{
		operations: takingBackup, status: 200, field: "/replicaSetName", kind: undocumentedField,
		proof: proof{recording: recordedTaken},
	},

	// Flex clusters.
	{
		operations: []string{"listGroupFlexClusters"}, status: 200, field: "/versionReleaseSystem", kind: outOfEnum,
		proof: proof{recording: recording{
			path:   "/api/atlas/v2/groups/b0123456789abcdef012345b/flexClusters",
			status: 200, date: "Mon, 20 Jul 2026 03:25:39 GMT",
		}}},

	// Dedicated clusters, for some weeks.
	{
		operations: []string{"getGroupCluster"}, status: 200, field: "/effectiveIntelligentWorkloadManagementPolicies",
		kind: undocumentedField,
		proof: proof{recording: recording{
			path:   "/api/atlas/v2/groups/6a5d954ff2a0a98dd8d58c01/clusters/cluster-974",
			status: 200, date: "Mon, 20 Jul 2026 03:26:25 GMT",
		}},
	},

	// Errors.
	{operations: []string{"deleteGroupCluster"}, status: 401, field: "", kind: noBody, proof: proof{recording: recording{
		path:   "/api/atlas/v2/groups/6957f882e5e2997a23eb32ec/clusters/cluster-210",
		status: 401, date: "Fri, 02 Jan 2026 16:56:17 GMT",
	}}},
}
