package contract

import (
	"context"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// dedicatedOperations are those of the API of Dedicated and Free clusters. What a replica set and a sharded cluster
// have in common is asked of the replica set; jobs and snapshots of the sharded one have tests of their own.
var dedicatedOperations = []operation{
	{
		id: "listGroupClusters", list: true,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ClustersApi.ListClustersWithParams(ctx, &admin.ListClustersApiParams{
				GroupId: p.groupID, PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupCluster", cluster: atlassim.SeedDedicatedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ClustersApi.GetCluster(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	{
		id: "listGroupClusterBackupRestoreJobs", list: true, cluster: atlassim.SeedReplicaSetClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListBackupRestoreJobsWithParams(ctx, &admin.ListBackupRestoreJobsApiParams{
				GroupId: p.groupID, ClusterName: p.clusterName,
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupClusterBackupRestoreJob", cluster: atlassim.SeedReplicaSetClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetBackupRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID).Execute())
		},
	},
	{
		id: "listGroupClusterBackupSnapshots", list: true, cluster: atlassim.SeedReplicaSetClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListBackupSnapshotsWithParams(ctx, &admin.ListBackupSnapshotsApiParams{
				GroupId: p.groupID, ClusterName: p.clusterName,
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupClusterBackupSchedule", cluster: atlassim.SeedReplicaSetClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetBackupSchedule(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	{
		id: "getGroupClusterBackupSnapshot", cluster: atlassim.SeedReplicaSetClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetClusterBackupSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID).Execute())
		},
	},
	{
		id: "listGroupClusterBackupSnapshotShardedClusters", list: true, whole: true,
		cluster: atlassim.SeedDedicatedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListBackupShardedClusters(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	{
		id: "getGroupClusterBackupSnapshotShardedCluster", cluster: atlassim.SeedDedicatedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetBackupShardedCluster(ctx, p.groupID, p.clusterName, p.snapshotID).Execute())
		},
	},
}
