package contract

import "slices"

// Two tables have every known difference between answers and the official document: simulatorDeviations those of the
// simulator, by tier, each with a proof that Atlas does the same, and recordedDeviations those that are only recorded.
// An entry without a difference fails a test, and so does a difference without an entry.

var (
	serverlessJobOperations = []string{"getGroupServerlessBackupRestoreJob", "listGroupServerlessBackupRestoreJobs"}
	// jobOperations show jobs that are told alike; those of Flex clusters are not.
	jobOperations = slices.Concat(serverlessJobOperations, dedicatedJobOperations)

	instanceOperations = []string{"getGroupServerlessInstance", "listGroupServerlessInstances"}
	sunsetOperations   = []string{
		"getGroupServerlessBackupRestoreJob", "listGroupServerlessBackupRestoreJobs",
		"getGroupServerlessBackupSnapshot", "listGroupServerlessBackupSnapshots",
	}
)

var (
	recordedJob = recording{
		path: "/api/atlas/v2/groups/6a793f6b2c88faeba59bae37/clusters/backupRestores-305/backup/restoreJobs/" +
			"6a794733c0eb9e7a17740663",
		status: 200, date: "Mon, 10 Aug 2026 03:40:29 GMT",
	}
	recordedDownload = recording{
		path: "/api/atlas/v2/groups/6a5d9567f2a0a98dd8d59fc6/clusters/backupRestores-170/backup/restoreJobs/" +
			"6a5da2a262e88d96fa0c0bb3",
		status: 200, date: "Mon, 20 Jul 2026 04:27:08 GMT",
	}
	recordedInstance = recording{
		path:   "/api/atlas/v2/groups/693f7913de63462733350931/serverless/cluster-572",
		status: 200, date: "Mon, 15 Dec 2025 02:57:52 GMT",
	}
	recordedProjects = recording{
		path: "/api/atlas/v2/groups", status: 200, date: "Mon, 01 Jun 2026 03:31:28 GMT",
	}
	recordedNotFound = recording{
		path:   "/api/atlas/v2/groups/b0123456789abcdef012345b/flexClusters/cluster-833",
		status: 404, date: "Mon, 10 Aug 2026 03:06:50 GMT",
	}
	recordedUnauthorized = recording{
		path:   "/api/atlas/v2/groups/6a5d952862e88d96fa09469e/clusters/cluster-258",
		status: 401, date: "Mon, 20 Jul 2026 03:26:11 GMT",
	}
	recordedBadGateway = recording{
		path: "/api/atlas/v2/groups/67ec254fc884b924829e78ac/clusters/cluster-140", status: 502,
	}
	recordedTaken = recording{
		path:   "/api/atlas/v2/groups/6a4f644c2f0387b27f028e1a/clusters/backupRestores-7/backup/snapshots",
		status: 200, date: "Thu, 09 Jul 2026 09:31:05 GMT",
	}
)

var simulatorDeviations = slices.Concat(commonDeviations, serverlessDeviations, flexDeviations, dedicatedDeviations)

// commonDeviations are those that several tiers show.
var commonDeviations = []deviation{
	// Restore jobs. None of a serverless instance is recorded; a Dedicated one has the same members.
	{
		operations: jobOperations, status: 200, field: "/desiredTimestamp/date", kind: nullField,
		proof: proof{recording: recordedJob},
	},
	{
		operations: jobOperations, status: 200, field: "/desiredTimestamp/increment", kind: nullField,
		proof: proof{recording: recordedJob},
	},
	{
		operations: jobOperations, status: 200, field: "/desiredTimestamp/time", kind: undocumentedField,
		proof: proof{recording: recordedJob},
	},

	// Projects. The pattern of the name knows no blank, and real names have them.
	{
		operations: []string{"getGroup", "listGroups"}, status: 200, field: "/name", kind: outOfPattern,
		proof: proof{recording: recordedProjects},
	},

	// Errors of every operation.
	{operations: nil, status: 0, field: "/parameters/*", kind: otherType, proof: proof{recording: recordedNotFound}},
	{operations: nil, status: 401, field: "/errorCode", kind: missingField, proof: proof{recording: recordedUnauthorized}},
	{operations: nil, status: 502, field: "", kind: undocumentedStatus, proof: proof{recording: recordedBadGateway}},
	{operations: nil, status: 502, field: "", kind: otherMediaType, proof: proof{recording: recordedBadGateway}},
	{operations: nil, status: 405, field: "", kind: undocumentedStatus, proof: proof{
		documented: "among the document's common responses, though named by other operations only",
	}},
	{operations: nil, status: 406, field: "", kind: undocumentedStatus, proof: proof{
		documented: "MongoDB's list of error codes has INVALID_VERSION_DATE with this status",
	}},
	{operations: sunsetOperations, status: 410, field: "", kind: undocumentedStatus, proof: proof{
		documented: "among the document's common responses, with VERSION_GONE for a resource past its sunset",
	}},
	{
		operations: []string{"getSystemStatus", "listGroupServerlessInstances"}, status: 400, field: "",
		kind: undocumentedStatus, proof: proof{
			inferred: "both have parameters with a pattern or a type, and every operation beside them documents the status",
		}},
}

var serverlessDeviations = []deviation{
	// Restore jobs.
	{
		operations: serverlessJobOperations, status: 200, field: "/desiredTimestamp/increment", kind: outOfSchema,
		proof: proof{
			documented: "the description calls it the order of an operation within a second; its least value, 1199145600, " +
				"is that of a time in seconds and stands there by mistake",
		}},
	{
		operations: serverlessJobOperations, status: 200, field: "/targetClusterName", kind: missingField,
		proof: proof{recording: recordedDownload, lacks: "targetClusterName"},
	},
	{
		operations: serverlessJobOperations, status: 200, field: "/targetGroupId", kind: missingField,
		proof: proof{recording: recordedDownload, lacks: "targetGroupId"},
	},
	{operations: serverlessJobOperations, status: 200, field: "/deliveryType", kind: outOfEnum, proof: proof{
		inferred: "the API adds values to enumerations without a new version, so a client must survive one that it does " +
			"not know; the seed has one such job",
	}},

	// Snapshots on demand have a frequency that is not in the enumeration.
	{
		operations: []string{"getGroupServerlessBackupSnapshot", "listGroupServerlessBackupSnapshots"},
		status:     200, field: "/frequencyType", kind: outOfEnum, proof: proof{recording: recordedTaken},
	},

	// Serverless instances, which ran on Flex hardware in the API's last months.
	{
		operations: instanceOperations, status: 200, field: "/providerSettings/effectiveInstanceSizeName", kind: outOfEnum,
		proof: proof{recording: recordedInstance},
	},
	{
		operations: instanceOperations, status: 200, field: "/providerSettings/nextBackupDate", kind: undocumentedField,
		proof: proof{recording: recordedInstance},
	},
	{
		operations: instanceOperations, status: 200, field: "/providerSettings/tenantBackupEnabled", kind: undocumentedField,
		proof: proof{recording: recordedInstance},
	},
}
