package contract

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// clientCall is a call of the gateway's client, and the operation that it is.
type clientCall struct {
	operation string
	// partial are those of which the gateway serves a part of the members only.
	partial bool
	call    func(context.Context, *atlas.Client, place) (any, error)
}

// clientCalls are the calls by the name of the method. TestEveryCallOfTheClientIsChecked says when one is missing.
var clientCalls = map[string]clientCall{
	"GetSystemStatus": {"getSystemStatus", true, func(ctx context.Context, c *atlas.Client, _ place) (any, error) {
		return answered(c.GetSystemStatus(ctx))
	}},
	"GetProject": {"getGroup", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetProject(ctx, p.groupID))
	}},
	"ListProjects": {"listGroups", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListProjects(ctx, p.options()))
	}},

	"GetServerlessInstance": {"getGroupServerlessInstance", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetServerlessInstance(ctx, p.groupID, p.clusterName))
	}},
	"ListServerlessInstances": {"listGroupServerlessInstances", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListServerlessInstances(ctx, p.groupID, p.options()))
	}},
	"GetServerlessRestoreJob": {getJob, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetServerlessRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID))
	}},
	"ListServerlessRestoreJobs": {listJobs, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListServerlessRestoreJobs(ctx, p.groupID, p.clusterName, p.options()))
	}},
	"GetServerlessSnapshot": {getSnapshot, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetServerlessSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID))
	}},
	"ListServerlessSnapshots": {"listGroupServerlessBackupSnapshots", false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListServerlessSnapshots(ctx, p.groupID, p.clusterName, p.options()))
	}},

	"GetFlexCluster": {"getGroupFlexCluster", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetFlexCluster(ctx, p.groupID, p.clusterName))
	}},
	"ListFlexClusters": {"listGroupFlexClusters", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListFlexClusters(ctx, p.groupID, p.options()))
	}},
	"GetFlexRestoreJob": {getFlexJob, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetFlexRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID))
	}},
	"ListFlexRestoreJobs": {listFlexJobs, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListFlexRestoreJobs(ctx, p.groupID, p.clusterName, p.options()))
	}},
	"GetFlexSnapshot": {getFlexSnapshot, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetFlexSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID))
	}},
	"ListFlexSnapshots": {"listGroupFlexClusterBackupSnapshots", false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListFlexSnapshots(ctx, p.groupID, p.clusterName, p.options()))
	}},

	"GetCluster": {"getGroupCluster", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetCluster(ctx, p.groupID, p.clusterName))
	}},
	"ListClusters": {"listGroupClusters", true, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListClusters(ctx, p.groupID, p.options()))
	}},
	"GetDedicatedRestoreJob": {getDedicatedJob, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetDedicatedRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID))
	}},
	"ListDedicatedRestoreJobs": {listDedicatedJobs, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListDedicatedRestoreJobs(ctx, p.groupID, p.clusterName, p.options()))
	}},
	"GetDedicatedSnapshot": {getWholeSnapshot, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetDedicatedSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID))
	}},
	"ListDedicatedSnapshots": {"listGroupClusterBackupSnapshots", false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListDedicatedSnapshots(ctx, p.groupID, p.clusterName, p.options()))
	}},
	"GetShardedSnapshot": {getShardedSnapshot, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.GetShardedSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID))
	}},
	"ListShardedSnapshots": {listShardedSnapshots, false, func(ctx context.Context, c *atlas.Client, p place) (any, error) {
		return answered(c.ListShardedSnapshots(ctx, p.groupID, p.clusterName))
	}},
}

// callOf finds the client's call of an operation.
func callOf(operation string) clientCall {
	for _, c := range clientCalls {
		if c.operation == operation {
			return c
		}
	}
	return clientCall{}
}

// options is the page of a place as the client asks for it.
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
