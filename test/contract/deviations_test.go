package contract

import "slices"

// Two tables hold every way in which answers are known to differ from the official document: simulatorDeviations those
// of the simulator, tier by tier and each with what proves that Atlas does the same, and recordedDeviations those that
// only Atlas has been seen to do. An entry that nothing shows any more fails a test; so does a difference that has no
// entry.

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
	{jobOperations, 200, "/desiredTimestamp/date", nullField, proof{recording: recordedJob}},
	{jobOperations, 200, "/desiredTimestamp/increment", nullField, proof{recording: recordedJob}},
	{jobOperations, 200, "/desiredTimestamp/time", undocumentedField, proof{recording: recordedJob}},

	// Projects. The pattern of the name knows no blank, and real names have them.
	{[]string{"getGroup", "listGroups"}, 200, "/name", outOfPattern, proof{recording: recordedProjects}},

	// Errors of every operation.
	{nil, 0, "/parameters/*", otherType, proof{recording: recordedNotFound}},
	{nil, 401, "/errorCode", missingField, proof{recording: recordedUnauthorized}},
	{nil, 502, "", undocumentedStatus, proof{recording: recordedBadGateway}},
	{nil, 502, "", otherMediaType, proof{recording: recordedBadGateway}},
	{nil, 405, "", undocumentedStatus, proof{
		documented: "among the document's common responses, though named by other operations only",
	}},
	{nil, 406, "", undocumentedStatus, proof{
		documented: "MongoDB's list of error codes has INVALID_VERSION_DATE with this status",
	}},
	{sunsetOperations, 410, "", undocumentedStatus, proof{
		documented: "among the document's common responses, with VERSION_GONE for a resource past its sunset",
	}},
	{[]string{"getSystemStatus", "listGroupServerlessInstances"}, 400, "", undocumentedStatus, proof{
		inferred: "both have parameters with a pattern or a type, and every operation beside them documents the status",
	}},
}

var serverlessDeviations = []deviation{
	// Restore jobs.
	{serverlessJobOperations, 200, "/desiredTimestamp/increment", outOfSchema, proof{
		documented: "the description calls it the order of an operation within a second; its least value, 1199145600, " +
			"is that of a time in seconds and stands there by mistake",
	}},
	{serverlessJobOperations, 200, "/targetClusterName", missingField, proof{recording: recordedDownload, lacks: "targetClusterName"}},
	{serverlessJobOperations, 200, "/targetGroupId", missingField, proof{recording: recordedDownload, lacks: "targetGroupId"}},
	{serverlessJobOperations, 200, "/deliveryType", outOfEnum, proof{
		inferred: "the API adds values to enumerations without a new version, so a client must survive one that it does " +
			"not know; the seed has one such job",
	}},

	// Snapshots on demand have a frequency that is not in the enumeration.
	{
		[]string{"getGroupServerlessBackupSnapshot", "listGroupServerlessBackupSnapshots"},
		200, "/frequencyType", outOfEnum, proof{recording: recordedTaken},
	},

	// Serverless instances, which ran on Flex hardware in the API's last months.
	{instanceOperations, 200, "/providerSettings/effectiveInstanceSizeName", outOfEnum, proof{recording: recordedInstance}},
	{instanceOperations, 200, "/providerSettings/nextBackupDate", undocumentedField, proof{recording: recordedInstance}},
	{instanceOperations, 200, "/providerSettings/tenantBackupEnabled", undocumentedField, proof{recording: recordedInstance}},
}
