package contract

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// clientCall is a call of the gateway's client, and its operation.
type clientCall struct {
	operation string
	// partial are those of which the gateway serves a part of the members only.
	partial bool
	call    func(context.Context, *atlas.Client, place) (any, error)
}

// clientCalls are the calls by their names. TestClient_hasACheckForEveryCall fails where one is missing.
var clientCalls = map[string]clientCall{
	"GetSystemStatus": {
		operation: "getSystemStatus", partial: true, call: func(ctx context.Context, c *atlas.Client, _ place) (any, error) {
			return answered(c.GetSystemStatus(ctx))
		}},
	"GetProject": {
		operation: "getGroup", partial: true, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Projects.Get(ctx, c, p.groupID))
		}},
	"ListProjects": {
		operation: "listGroups", partial: true, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Projects.List(ctx, c, p.options()))
		}},

	"GetServerlessInstance": {
		operation: "getGroupServerlessInstance", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessInstances.Get(ctx, c, p.groupID, p.clusterName))
		}},
	"ListServerlessInstances": {
		operation: "listGroupServerlessInstances", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessInstances.List(ctx, c, p.options(), p.groupID))
		}},
	"GetServerlessRestoreJob": {
		operation: getJob, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessRestoreJobs.Get(ctx, c, p.groupID, p.clusterName, p.restoreJobID))
		}},
	"ListServerlessRestoreJobs": {
		operation: listJobs, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessRestoreJobs.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},
	"GetServerlessSnapshot": {
		operation: getSnapshot, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessSnapshots.Get(ctx, c, p.groupID, p.clusterName, p.snapshotID))
		}},
	"ListServerlessSnapshots": {
		operation: "listGroupServerlessBackupSnapshots", partial: false,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ServerlessSnapshots.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},

	"GetFlexCluster": {
		operation: "getGroupFlexCluster", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexClusters.Get(ctx, c, p.groupID, p.clusterName))
		}},
	"ListFlexClusters": {
		operation: "listGroupFlexClusters", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexClusters.List(ctx, c, p.options(), p.groupID))
		}},
	"GetFlexRestoreJob": {
		operation: getFlexJob, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexRestoreJobs.Get(ctx, c, p.groupID, p.clusterName, p.restoreJobID))
		}},
	"ListFlexRestoreJobs": {
		operation: listFlexJobs, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexRestoreJobs.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},
	"GetFlexSnapshot": {
		operation: getFlexSnapshot, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexSnapshots.Get(ctx, c, p.groupID, p.clusterName, p.snapshotID))
		}},
	"ListFlexSnapshots": {
		operation: "listGroupFlexClusterBackupSnapshots", partial: false,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.FlexSnapshots.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},

	"GetCluster": {
		operation: "getGroupCluster", partial: true, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Clusters.Get(ctx, c, p.groupID, p.clusterName))
		}},
	"ListClusters": {
		operation: "listGroupClusters", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Clusters.List(ctx, c, p.options(), p.groupID))
		}},
	"GetDedicatedRestoreJob": {
		operation: getDedicatedJob, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.DedicatedRestoreJobs.Get(ctx, c, p.groupID, p.clusterName, p.restoreJobID))
		}},
	"ListDedicatedRestoreJobs": {
		operation: listDedicatedJobs, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.DedicatedRestoreJobs.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},
	"GetDedicatedSnapshot": {
		operation: getWholeSnapshot, partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.DedicatedSnapshots.Get(ctx, c, p.groupID, p.clusterName, p.snapshotID))
		}},
	"ListDedicatedSnapshots": {
		operation: "listGroupClusterBackupSnapshots", partial: false,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.DedicatedSnapshots.List(ctx, c, p.options(), p.groupID, p.clusterName))
		}},
	"GetBackupSchedule": {
		operation: "getGroupClusterBackupSchedule", partial: true,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(c.GetBackupSchedule(ctx, p.groupID, p.clusterName))
		}},
	"ListOrganizations": {
		operation: "listOrgs", partial: false, call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.Organizations.List(ctx, c, p.options()))
		}},
	"GetShardedSnapshot": {
		operation: getShardedSnapshot, partial: false,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ShardedSnapshots.Get(ctx, c, p.groupID, p.clusterName, p.snapshotID))
		}},
	"ListShardedSnapshots": {
		operation: listShardedSnapshots, partial: false,
		call: func(ctx context.Context, c *atlas.Client, p place) (any, error) {
			return answered(atlas.ShardedSnapshots.List(ctx, c, atlas.ListOptions{}, p.groupID, p.clusterName))
		}},
}

// callOf returns the client's call of an operation.
func callOf(operation string) clientCall {
	for _, c := range clientCalls {
		if c.operation == operation {
			return c
		}
	}
	return clientCall{}
}

// options returns the page of a place as options of the client.
func (p place) options() atlas.ListOptions {
	// Atlas counts where it is not told not to.
	o := atlas.ListOptions{Count: p.includeCount == nil || *p.includeCount}
	if p.pageNum != nil {
		o.PageNum = *p.pageNum
	}
	if p.itemsPerPage != nil {
		o.ItemsPerPage = *p.itemsPerPage
	}
	return o
}

// answered returns what the client returns, without its type.
func answered[T any](value *T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return value, nil
}
