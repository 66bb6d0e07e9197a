package atlas

import (
	"context"
	"reflect"
	"strings"
	"testing"
)

// anOperation is one operation of the client, with its types taken away.
type anOperation struct {
	name    string // its operationId
	path    string // with {group}, {name} and {id}
	version string
	list    bool
	noPages bool // a list that knows no paging
	// example is a resource with every field that Atlas documents or was recorded to send.
	example string
	call    func(ctx context.Context, c *Client, group, name, id string, o ListOptions) (any, error)
}

// untyped takes the type away and keeps nil what was nil.
func untyped[T any](value *T, err error) (any, error) {
	if value == nil {
		return nil, err
	}
	return value, err
}

var operations = []anOperation{
	{
		name: "getGroupServerlessBackupRestoreJob", path: "/groups/{group}/serverless/{name}/backup/restoreJobs/{id}",
		version: "2023-01-01",
		example: exampleServerlessRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetServerlessRestoreJob(ctx, group, name, id))
		},
	},
	{
		name: "listGroupServerlessBackupRestoreJobs", path: "/groups/{group}/serverless/{name}/backup/restoreJobs",
		version: "2023-01-01",
		example: exampleServerlessRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListServerlessRestoreJobs(ctx, group, name, o))
		},
	},
	{
		name: "getGroupServerlessBackupSnapshot", path: "/groups/{group}/serverless/{name}/backup/snapshots/{id}",
		version: "2023-01-01",
		example: exampleServerlessSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetServerlessSnapshot(ctx, group, name, id))
		},
	},
	{
		name: "listGroupServerlessBackupSnapshots", path: "/groups/{group}/serverless/{name}/backup/snapshots",
		version: "2023-01-01",
		example: exampleServerlessSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListServerlessSnapshots(ctx, group, name, o))
		},
	},
	{
		name: "getGroupServerlessInstance", path: "/groups/{group}/serverless/{name}", version: "2023-01-01",
		example: exampleServerlessInstance,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(c.GetServerlessInstance(ctx, group, name))
		},
	},
	{
		name: "listGroupServerlessInstances", path: "/groups/{group}/serverless", version: "2023-01-01",
		example: exampleServerlessInstance, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(c.ListServerlessInstances(ctx, group, o))
		},
	},
	{
		name: "getGroupFlexClusterBackupRestoreJob", path: "/groups/{group}/flexClusters/{name}/backup/restoreJobs/{id}",
		version: "2024-11-13",
		example: exampleFlexRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetFlexRestoreJob(ctx, group, name, id))
		},
	},
	{
		name: "listGroupFlexClusterBackupRestoreJobs", path: "/groups/{group}/flexClusters/{name}/backup/restoreJobs",
		version: "2024-11-13",
		example: exampleFlexRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListFlexRestoreJobs(ctx, group, name, o))
		},
	},
	{
		name: "getGroupFlexClusterBackupSnapshot", path: "/groups/{group}/flexClusters/{name}/backup/snapshots/{id}",
		version: "2024-11-13",
		example: exampleFlexSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetFlexSnapshot(ctx, group, name, id))
		},
	},
	{
		name: "listGroupFlexClusterBackupSnapshots", path: "/groups/{group}/flexClusters/{name}/backup/snapshots",
		version: "2024-11-13",
		example: exampleFlexSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListFlexSnapshots(ctx, group, name, o))
		},
	},
	{
		name: "getGroupFlexCluster", path: "/groups/{group}/flexClusters/{name}", version: "2024-11-13",
		example: exampleFlexCluster,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(c.GetFlexCluster(ctx, group, name))
		},
	},
	{
		name: "listGroupFlexClusters", path: "/groups/{group}/flexClusters", version: "2024-11-13",
		example: exampleFlexCluster, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(c.ListFlexClusters(ctx, group, o))
		},
	},
	{
		name: "getGroupClusterBackupRestoreJob", path: "/groups/{group}/clusters/{name}/backup/restoreJobs/{id}",
		version: "2023-01-01",
		example: exampleDedicatedRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetDedicatedRestoreJob(ctx, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupRestoreJobs", path: "/groups/{group}/clusters/{name}/backup/restoreJobs",
		version: "2023-01-01",
		example: exampleDedicatedRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListDedicatedRestoreJobs(ctx, group, name, o))
		},
	},
	{
		name: "getGroupClusterBackupSnapshot", path: "/groups/{group}/clusters/{name}/backup/snapshots/{id}",
		version: "2023-01-01",
		example: exampleDedicatedSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetDedicatedSnapshot(ctx, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupSnapshots", path: "/groups/{group}/clusters/{name}/backup/snapshots",
		version: "2023-01-01",
		example: exampleDedicatedSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(c.ListDedicatedSnapshots(ctx, group, name, o))
		},
	},
	{
		name: "getGroupClusterBackupSnapshotShardedCluster",
		path: "/groups/{group}/clusters/{name}/backup/snapshots/shardedCluster/{id}", version: "2023-01-01",
		example: exampleShardedSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(c.GetShardedSnapshot(ctx, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupSnapshotShardedClusters",
		path: "/groups/{group}/clusters/{name}/backup/snapshots/shardedClusters", version: "2023-01-01",
		example: exampleShardedSnapshot, list: true, noPages: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(c.ListShardedSnapshots(ctx, group, name))
		},
	},
	{
		name: "getGroupCluster", path: "/groups/{group}/clusters/{name}", version: "2024-08-05",
		example: exampleCluster,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(c.GetCluster(ctx, group, name))
		},
	},
	{
		name: "listGroupClusters", path: "/groups/{group}/clusters", version: "2024-08-05",
		example: exampleCluster, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(c.ListClusters(ctx, group, o))
		},
	},
	{
		name: "getGroup", path: "/groups/{group}", version: "2023-01-01",
		example: exampleProject,
		call: func(ctx context.Context, c *Client, group, _, _ string, _ ListOptions) (any, error) {
			return untyped(c.GetProject(ctx, group))
		},
	},
	{
		name: "listGroups", path: "/groups", version: "2023-01-01",
		example: exampleProject, list: true,
		call: func(ctx context.Context, c *Client, _, _, _ string, o ListOptions) (any, error) {
			return untyped(c.ListProjects(ctx, o))
		},
	},
}

// body is an answer of the operation that holds these resources, of which a single
// one has only the first.
func (op anOperation) body(resources ...string) string {
	if !op.list {
		return resources[0]
	}
	return `{"links":[],"results":[` + strings.Join(resources, ",") + `],"totalCount":1}`
}

// id is that of the resource that do asks for.
func (op anOperation) id() string {
	if op.path == "/groups/{group}" {
		return testGroup
	}
	return testJob
}

// do calls the operation with the arguments that tests use.
func (op anOperation) do(t *testing.T, c *Client) (any, error) {
	t.Helper()
	return op.call(t.Context(), c, testGroup, testCluster, testJob, ListOptions{})
}

// results are the resources of what the operation returned.
func (op anOperation) results(value any) []any {
	if !op.list {
		return []any{value}
	}
	slice := reflect.ValueOf(value).Elem().FieldByName("Results")
	all := make([]any, slice.Len())
	for i := range all {
		all[i] = slice.Index(i).Addr().Interface()
	}
	return all
}
