package contract

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
	{flexJobOperations, 200, "/status", outOfEnum, proof{
		documented: "the description of restoreFinishedDate says that the status becomes CLOSED; the seed has one such job",
	}},
	{flexJobOperations, 200, "/deliveryType", outOfEnum, proof{
		inferred: "a job of a kind that nobody knew keeps it when its serverless instance becomes a Flex cluster; the " +
			"seed has one",
	}},
	{[]string{"listGroupFlexClusters"}, 400, "", undocumentedStatus, proof{
		inferred: "it has parameters with a pattern or a type, and every Flex operation beside it documents the status",
	}},
}

var dedicatedDeviations = []deviation{
	// Restore jobs.
	{dedicatedJobOperations, 200, "/targetDeploymentItemName", undocumentedField, proof{recording: recordedJob}},
	{dedicatedJobOperations, 400, "", undocumentedStatus, proof{
		documented: "among the document's common responses, though named by other operations only; MongoDB's command " +
			"line tool looks for CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API here",
	}},

	// Snapshots on demand have a frequency that is not in the enumeration.
	{
		[]string{
			"getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots",
			"getGroupClusterBackupSnapshotShardedCluster", "listGroupClusterBackupSnapshotShardedClusters",
		},
		200, "/frequencyType", outOfEnum, proof{recording: recordedTaken},
	},

	// Clusters.
	{clusterOperations, 200, "/biConnector/readPreference", outOfEnum, proof{recording: recordedCluster}},
	{clusterOperations, 200, "/effectiveDatabaseEdition", undocumentedField, proof{recording: recordedCluster}},
	{
		// Of a Free cluster, which the document does not tell from the others.
		clusterOperations, 200, "/replicationSpecs/*/regionConfigs/*/regionName", otherType,
		proof{recording: recordedCluster},
	},
	{
		clusterOperations, 200, "/effectiveReplicationSpecs/*/regionConfigs/*/regionName", otherType,
		proof{recording: recordedCluster},
	},
	{
		// A version that the document has dropped since it was recorded.
		clusterOperations, 200, "", otherMediaType, proof{recording: recording{
			path:   "/api/atlas/v2/groups/6a793f5f2c88faeba59ba565/clusters/cluster-801",
			status: 200, date: "Mon, 10 Aug 2026 03:03:12 GMT",
		}},
	},
	{clusterOperations, 400, "", undocumentedStatus, proof{
		documented: "among the document's common responses, though named by other operations only; the published logs " +
			"of MongoDB's Terraform provider show CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API with this status",
	}},
}
