package contract

import "slices"

var (
	dedicatedJobOperations = []string{"getGroupClusterBackupRestoreJob", "listGroupClusterBackupRestoreJobs"}
	flexJobOperations      = []string{"getGroupFlexClusterBackupRestoreJob", "listGroupFlexClusterBackupRestoreJobs"}
	clusterOperations      = []string{"getGroupCluster", "listGroupClusters"}
)

var recordedCluster = recording{
	path:   "/api/atlas/v2/groups/6a793f5f2c88faeba59ba565/clusters/cluster-801",
	status: 200, date: "Mon, 10 Aug 2026 03:03:16 GMT",
}

var flexDeviations = []deviation{
	{operations: flexJobOperations, status: 200, field: "/status", kind: outOfEnum, proof: proof{
		documented: "the description of restoreFinishedDate says that the status becomes CLOSED; the seed has one such job",
	}},
	{operations: flexJobOperations, status: 200, field: "/deliveryType", kind: outOfEnum, proof: proof{
		inferred: "a job of a kind that nobody knew keeps it when its serverless instance becomes a Flex cluster; the " +
			"seed has one",
	}},
	{operations: []string{"listGroupFlexClusters"}, status: 400, field: "", kind: undocumentedStatus, proof: proof{
		inferred: "it has parameters with a pattern or a type, and every Flex operation beside it documents the status",
	}},
}

var dedicatedDeviations = []deviation{
	// Restore jobs.
	{
		operations: dedicatedJobOperations, status: 200, field: "/targetDeploymentItemName", kind: undocumentedField,
		proof: proof{recording: recordedJob},
	},
	{operations: append(slices.Clone(dedicatedJobOperations), "getGroupClusterBackupSchedule"), status: 400, field: "",
		kind: undocumentedStatus, proof: proof{
			documented: "among the document's common responses, though named by other operations only; MongoDB's command " +
				"line tool looks for CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API here",
		}},

	// Snapshots on demand have a frequency that is not in the enumeration.
	{
		operations: []string{
			"getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots",
			"getGroupClusterBackupSnapshotShardedCluster", "listGroupClusterBackupSnapshotShardedClusters",
		},
		status: 200, field: "/frequencyType", kind: outOfEnum, proof: proof{recording: recordedTaken},
	},

	// Clusters.
	{
		operations: clusterOperations, status: 200, field: "/biConnector/readPreference", kind: outOfEnum,
		proof: proof{recording: recordedCluster},
	},
	{
		operations: clusterOperations, status: 200, field: "/effectiveDatabaseEdition", kind: undocumentedField,
		proof: proof{recording: recordedCluster},
	},
	{
		// Of a Free cluster, which the document does not tell from the others.
		operations: clusterOperations, status: 200, field: "/replicationSpecs/*/regionConfigs/*/regionName", kind: otherType,
		proof: proof{recording: recordedCluster},
	},
	{
		operations: clusterOperations, status: 200, field: "/effectiveReplicationSpecs/*/regionConfigs/*/regionName",
		kind:  otherType,
		proof: proof{recording: recordedCluster},
	},
	{
		// A version that the document has dropped since it was recorded.
		operations: clusterOperations, status: 200, field: "", kind: otherMediaType, proof: proof{recording: recording{
			path:   "/api/atlas/v2/groups/6a793f5f2c88faeba59ba565/clusters/cluster-801",
			status: 200, date: "Mon, 10 Aug 2026 03:03:12 GMT",
		}},
	},
	{operations: clusterOperations, status: 400, field: "", kind: undocumentedStatus, proof: proof{
		documented: "among the document's common responses, though named by other operations only; the published logs " +
			"of MongoDB's Terraform provider show CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API with this status",
	}},
}
