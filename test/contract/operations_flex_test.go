package contract

import (
	"context"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// flexOperations are those of the Flex API.
var flexOperations = []operation{
	{
		id: "listGroupFlexClusters", list: true,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexClustersApi.ListFlexClustersWithParams(ctx, &admin.ListFlexClustersApiParams{
				GroupId: p.groupID, PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupFlexCluster", cluster: atlassim.SeedFlexClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexClustersApi.GetFlexCluster(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	{
		id: "listGroupFlexClusterBackupRestoreJobs", list: true, cluster: atlassim.SeedFlexClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexRestoreJobsApi.ListFlexRestoreJobsWithParams(ctx, &admin.ListFlexRestoreJobsApiParams{
				GroupId: p.groupID, Name: p.clusterName,
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupFlexClusterBackupRestoreJob", cluster: atlassim.SeedFlexClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexRestoreJobsApi.GetFlexRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID).Execute())
		},
	},
	{
		id: "listGroupFlexClusterBackupSnapshots", list: true, cluster: atlassim.SeedFlexClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexSnapshotsApi.ListFlexBackupSnapshotsWithParams(ctx, &admin.ListFlexBackupSnapshotsApiParams{
				GroupId: p.groupID, Name: p.clusterName,
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupFlexClusterBackupSnapshot", cluster: atlassim.SeedFlexClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.FlexSnapshotsApi.GetFlexBackupSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID).Execute())
		},
	},
}
