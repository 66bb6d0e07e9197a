package atlas

// One resource of every sort, with every field that Atlas documents or was recorded to
// send and the client keeps. All values differ, so that a mix-up is found.

const exampleRestoreJobFields = `
	"id": "650000000000000000000001", "cancelled": false, "expired": true, "failed": false,
	"deliveryType": "download", "deliveryUrl": ["https://a.example/1", "https://a.example/2"],
	"desiredTimestamp": {"date": "2025-05-01T00:00:01Z", "increment": 11},
	"expiresAt": "2025-05-01T00:00:02Z", "finishedAt": "2025-05-01T00:00:03Z", "timestamp": "2025-05-01T00:00:04Z",
	"links": [{"href": "https://a.example/self", "rel": "self"}],
	"oplogInc": 12, "oplogTs": 13, "pointInTimeUTCSeconds": 4294967295,
	"snapshotId": "650000000000000000000002", "targetClusterName": "target", "targetGroupId": "650000000000000000000003"
`

const exampleServerlessRestoreJob = `{` + exampleRestoreJobFields + `}`

const exampleDedicatedRestoreJob = `{
	"components": [
		{"replicaSetName": "shard-0", "downloadUrl": "https://a.example/3", "privateDownloadDeliveryUrls": [{"deliveryUrl": "https://a.example/4", "endpointId": "e-1"}]},
		{"replicaSetName": "shard-1", "downloadUrl": null, "privateDownloadDeliveryUrls": []}
	],
	"privateDownloadDeliveryUrls": [{"deliveryUrl": "https://a.example/5", "endpointId": "e-2"}],
	"targetDeploymentItemName": "item",
	` + exampleRestoreJobFields + `}`

const exampleFlexRestoreJob = `{
	"id": "650000000000000000000001", "projectId": "5f0000000000000000000001", "instanceName": "instance-1",
	"snapshotId": "650000000000000000000003", "snapshotFinishedDate": "2025-05-01T00:00:01Z", "snapshotUrl": "https://a.example/1",
	"deliveryType": "DOWNLOAD", "status": "COMPLETED",
	"restoreScheduledDate": "2025-05-01T00:00:02Z", "restoreFinishedDate": "2025-05-01T00:00:03.25Z", "expirationDate": "2025-05-01T00:00:04Z",
	"targetProjectId": "650000000000000000000004", "targetDeploymentItemName": "target",
	"links": [{"href": "https://a.example/self", "rel": "self"}]
}`

const exampleServerlessSnapshot = `{
	"id": "650000000000000000000001", "createdAt": "2025-05-01T00:00:01Z", "expiresAt": "2025-05-01T00:00:02Z",
	"frequencyType": "daily", "mongodVersion": "8.0.1", "serverlessInstanceName": "instance-1", "snapshotType": "scheduled",
	"status": "completed", "storageSizeBytes": 9007199254740993, "links": []
}`

const exampleCollectionRestoreJob = `{
	"id": "650000000000000000000001", "collectionSuffix": "_restored", "databaseSuffix": "_old",
	"collections": [{"sourceNamespace": "shop.orders", "targetNamespace": "shop.orders_restored"}],
	"createdAt": "2026-09-01T00:00:01Z", "databases": [{"sourceNamespace": "audit", "targetNamespace": null}],
	"errorMessage": "one collection failed", "finishedAt": "2026-09-01T00:00:02Z",
	"indexStatus": {"failedCollectionCount": 1, "state": "FAILED"}, "indexStrategy": "BUILD", "links": [],
	"oplogInc": 1, "oplogTs": 2, "pointInTimeUtcSeconds": 3, "restoredDocuments": 4, "snapshotId": "650000000000000000000002",
	"state": "PARTIALLY_SUCCESSFUL", "targetClusterName": "other", "targetGroupId": "650000000000000000000003",
	"totalDocuments": 5, "writeStrategy": "OVERWRITE"
}`

const exampleRestoredCollection = `{
	"effectiveTargetNamespace": "shop.orders_restored", "restoredDocuments": 4, "sourceNamespace": "shop.orders",
	"indexStatus": {"errorMessage": "an index failed", "failedIndexes": [{"name": "by_time"}], "state": "FAILED"},
	"state": "FAILED", "targetNamespace": "shop.orders_restored", "totalDocuments": 5
}`

const exampleSnapshotExport = `{
	"id": "650000000000000000000001", "components": [{"exportId": "650000000000000000000004", "replicaSetName": "shard-0"}],
	"createdAt": "2026-05-01T00:00:01Z", "customData": [{"key": "k", "value": "v"}],
	"exportBucketId": "650000000000000000000002", "exportStatus": {"exportedCollections": 1, "totalCollections": 2},
	"finishedAt": "2026-05-01T00:00:02Z", "links": [{"href": "https://a.example/self", "rel": "self"}],
	"prefix": "exported_snapshots/o/p/c/d/t", "snapshotId": "650000000000000000000003", "state": "Failed",
	"stateReason": {"errorCode": "E", "message": "m"}
}`

const exampleExportBucket = `{
	"_id": "650000000000000000000001", "bucketName": "bucket", "cloudProvider": "AWS",
	"iamRoleId": "650000000000000000000002", "links": [], "region": "us-east-1", "requirePrivateNetworking": false,
	"roleId": "650000000000000000000003", "serviceUrl": "https://account.blob.core.example/backups",
	"tenantId": "00000000-0000-0000-0000-000000000001"
}`

const exampleEvent = `{
	"id": "650000000000000000000001", "apiKeyId": "650000000000000000000002", "clusterName": "c", "links": [],
	"created": "2026-05-01T00:00:01Z", "eventTypeName": "CPS_RESTORE_FAILED", "groupId": "5f0000000000000000000001",
	"delegatePrincipal": {"id": "i", "name": "n", "onBehalfOf": {"id": "j", "name": null, "onBehalfOf": null}},
	"isGlobalAdmin": false, "orgId": "650000000000000000000003", "publicKey": "k", "remoteAddress": "192.0.2.1",
	"userId": "650000000000000000000004", "username": "a@b.example"
}`

const exampleOrganization = `{
	"id": "650000000000000000000001", "isDeleted": false, "links": [], "name": "o", "skipDefaultAlertsSettings": true
}`

const exampleFlexSnapshot = `{
	"id": "650000000000000000000001", "scheduledTime": "2025-05-01T00:00:01Z", "startTime": "2025-05-01T00:00:02Z",
	"finishTime": "2025-05-01T00:00:03Z", "expiration": "2025-05-01T00:00:04Z", "mongoDBVersion": "8.0.1", "status": "RUNNING",
	"links": [{"href": "https://a.example/self", "rel": "self"}]
}`

const exampleDedicatedSnapshot = `{
	"id": "650000000000000000000001", "cloudProvider": "AWS", "copyRegions": ["US_EAST_1", "EU_WEST_1"],
	"createdAt": "2025-05-01T00:00:01Z", "description": "by hand", "expiresAt": "2025-05-01T00:00:02Z", "frequencyType": "ondemand",
	"links": [], "masterKeyUUID": "00000000-0000-0000-0000-000000000001", "mongodVersion": "8.0.1", "policyItems": [],
	"replicaSetName": "shard-0", "snapshotType": "onDemand", "status": "inProgress", "storageSizeBytes": 0, "type": "replicaSet"
}`

const exampleShardedSnapshot = `{
	"id": "650000000000000000000001", "cloudProvider": "AWS", "configServerType": "EMBEDDED", "copyRegions": [],
	"createdAt": "2025-05-01T00:00:01Z", "description": "by hand", "expiresAt": "2025-05-01T00:00:02Z", "frequencyType": "weekly",
	"links": [], "masterKeyUUID": "00000000-0000-0000-0000-000000000001",
	"members": [{"cloudProvider": "GCP", "id": "650000000000000000000002", "replicaSetName": "shard-0"}, {"cloudProvider": "AZURE", "id": "650000000000000000000003", "replicaSetName": "config"}],
	"mongodVersion": "8.0.1", "policyItems": ["650000000000000000000004"],
	"snapshotIds": ["650000000000000000000002", "650000000000000000000003"],
	"snapshotType": "fallback", "status": "failed", "storageSizeBytes": 17, "type": "shardedCluster"
}`

const exampleServerlessInstance = `{
	"id": "650000000000000000000001", "createDate": "2025-05-01T00:00:01Z", "groupId": "5f0000000000000000000001", "links": [],
	"mongoDBVersion": "8.0.1", "name": "instance-1", "stateName": "IDLE", "terminationProtectionEnabled": true,
	"providerSettings": {"backingProviderName": "AWS", "providerName": "SERVERLESS", "regionName": "US_EAST_1", "tenantBackupEnabled": true}
}`

const exampleFlexCluster = `{
	"id": "650000000000000000000001", "backupSettings": {"enabled": true}, "clusterType": "REPLICASET", "createDate": "2025-05-01T00:00:01Z",
	"groupId": "5f0000000000000000000001", "links": [], "mongoDBVersion": "8.0.1", "name": "instance-1", "stateName": "CREATING",
	"providerSettings": {"backingProviderName": "AZURE", "providerName": "FLEX", "regionName": "EU_WEST_1"}, "terminationProtectionEnabled": false
}`

const exampleCluster = `{
	"id": "650000000000000000000001", "backupEnabled": true, "clusterType": "SHARDED", "createDate": "2025-05-01T00:00:01Z",
	"groupId": "5f0000000000000000000001", "links": [], "mongoDBVersion": "8.0.1", "name": "instance-1", "paused": false,
	"replicationSpecs": [{"regionConfigs": [
		{"backingProviderName": "AWS", "providerName": "TENANT", "regionName": "US_EAST_1", "electableSpecs": {"instanceSize": "M0"}}
	]}],
	"stateName": "UPDATING", "terminationProtectionEnabled": false
}`

const exampleProject = `{
	"id": "5f0000000000000000000001", "clusterCount": 3, "created": "2025-05-01T00:00:01Z", "links": [{"href": "https://a.example/self", "rel": "self"}],
	"name": "project", "orgId": "650000000000000000000002", "tags": [{"key": "env", "value": "test"}]
}`
