package atlas

import (
	"cmp"
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
	noPages bool   // a list that knows no paging
	noCount bool   // a list that Atlas does not count
	named   string // the field that names a resource; "" is id
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
			return untyped(ServerlessRestoreJobs.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupServerlessBackupRestoreJobs", path: "/groups/{group}/serverless/{name}/backup/restoreJobs",
		version: "2023-01-01",
		example: exampleServerlessRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(ServerlessRestoreJobs.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupServerlessBackupSnapshot", path: "/groups/{group}/serverless/{name}/backup/snapshots/{id}",
		version: "2023-01-01",
		example: exampleServerlessSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(ServerlessSnapshots.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupServerlessBackupSnapshots", path: "/groups/{group}/serverless/{name}/backup/snapshots",
		version: "2023-01-01",
		example: exampleServerlessSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(ServerlessSnapshots.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupServerlessInstance", path: "/groups/{group}/serverless/{name}", version: "2023-01-01",
		example: exampleServerlessInstance,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(ServerlessInstances.Get(ctx, c, group, name))
		},
	},
	{
		name: "listGroupServerlessInstances", path: "/groups/{group}/serverless", version: "2023-01-01",
		example: exampleServerlessInstance, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(ServerlessInstances.List(ctx, c, o, group))
		},
	},
	{
		name: "getGroupFlexClusterBackupRestoreJob", path: "/groups/{group}/flexClusters/{name}/backup/restoreJobs/{id}",
		version: "2024-11-13",
		example: exampleFlexRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(FlexRestoreJobs.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupFlexClusterBackupRestoreJobs", path: "/groups/{group}/flexClusters/{name}/backup/restoreJobs",
		version: "2024-11-13",
		example: exampleFlexRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(FlexRestoreJobs.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupFlexClusterBackupSnapshot", path: "/groups/{group}/flexClusters/{name}/backup/snapshots/{id}",
		version: "2024-11-13",
		example: exampleFlexSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(FlexSnapshots.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupFlexClusterBackupSnapshots", path: "/groups/{group}/flexClusters/{name}/backup/snapshots",
		version: "2024-11-13",
		example: exampleFlexSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(FlexSnapshots.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupFlexCluster", path: "/groups/{group}/flexClusters/{name}", version: "2024-11-13",
		example: exampleFlexCluster,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(FlexClusters.Get(ctx, c, group, name))
		},
	},
	{
		name: "listGroupFlexClusters", path: "/groups/{group}/flexClusters", version: "2024-11-13",
		example: exampleFlexCluster, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(FlexClusters.List(ctx, c, o, group))
		},
	},
	{
		name: "getGroupClusterBackupRestoreJob", path: "/groups/{group}/clusters/{name}/backup/restoreJobs/{id}",
		version: "2023-01-01",
		example: exampleDedicatedRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(DedicatedRestoreJobs.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupRestoreJobs", path: "/groups/{group}/clusters/{name}/backup/restoreJobs",
		version: "2023-01-01",
		example: exampleDedicatedRestoreJob, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(DedicatedRestoreJobs.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupClusterBackupSnapshot", path: "/groups/{group}/clusters/{name}/backup/snapshots/{id}",
		version: "2023-01-01",
		example: exampleDedicatedSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(DedicatedSnapshots.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupSnapshots", path: "/groups/{group}/clusters/{name}/backup/snapshots",
		version: "2023-01-01",
		example: exampleDedicatedSnapshot, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(DedicatedSnapshots.List(ctx, c, o, group, name))
		},
	},
	{
		name: "getGroupClusterBackupSnapshotShardedCluster",
		path: "/groups/{group}/clusters/{name}/backup/snapshots/shardedCluster/{id}", version: "2023-01-01",
		example: exampleShardedSnapshot,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(ShardedSnapshots.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupSnapshotShardedClusters",
		path: "/groups/{group}/clusters/{name}/backup/snapshots/shardedClusters", version: "2023-01-01",
		example: exampleShardedSnapshot, list: true, noPages: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(ShardedSnapshots.List(ctx, c, ListOptions{}, group, name))
		},
	},
	{
		name: "getCollectionRestoreJob", path: "/groups/{group}/clusters/{name}/collectionRestoreJobs/{id}",
		version: "2025-03-12",
		example: exampleCollectionRestoreJob,
		call: func(ctx context.Context, c *Client, group, name, id string, _ ListOptions) (any, error) {
			return untyped(CollectionRestoreJobs.Get(ctx, c, group, name, id))
		},
	},
	{
		name: "listCollectionRestoreJobs", path: "/groups/{group}/clusters/{name}/collectionRestoreJobs",
		version: "2025-03-12",
		example: exampleCollectionRestoreJob, list: true, noCount: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(CollectionRestoreJobs.List(ctx, c, o, group, name))
		},
	},
	{
		name: "listRestoreJobCollections", path: "/groups/{group}/clusters/{name}/collectionRestoreJobs/{id}/collections",
		version: "2025-03-12",
		example: exampleRestoredCollection, list: true, noCount: true, named: "sourceNamespace",
		call: func(ctx context.Context, c *Client, group, name, id string, o ListOptions) (any, error) {
			return untyped(RestoredCollections.List(ctx, c, o, group, name, id))
		},
	},
	{
		name: "listGroupClusterBackupExports", path: "/groups/{group}/clusters/{name}/backup/exports", version: "2023-01-01",
		example: exampleSnapshotExport, list: true,
		call: func(ctx context.Context, c *Client, group, name, _ string, o ListOptions) (any, error) {
			return untyped(SnapshotExports.List(ctx, c, o, group, name))
		},
	},
	{
		name: "listGroupBackupExportBuckets", path: "/groups/{group}/backup/exportBuckets", version: "2024-05-30",
		example: exampleExportBucket, list: true, named: "_id",
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(ExportBuckets.List(ctx, c, o, group))
		},
	},
	{
		name: "listGroupEvents", path: "/groups/{group}/events", version: "2023-01-01",
		example: exampleEvent, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(Events.List(ctx, c, o, group))
		},
	},
	{
		name: "listOrgs", path: "/orgs", version: "2023-01-01",
		example: exampleOrganization, list: true,
		call: func(ctx context.Context, c *Client, _, _, _ string, o ListOptions) (any, error) {
			return untyped(Organizations.List(ctx, c, o))
		},
	},
	{
		name: "getGroupCluster", path: "/groups/{group}/clusters/{name}", version: "2024-08-05",
		example: exampleCluster,
		call: func(ctx context.Context, c *Client, group, name, _ string, _ ListOptions) (any, error) {
			return untyped(Clusters.Get(ctx, c, group, name))
		},
	},
	{
		name: "listGroupClusters", path: "/groups/{group}/clusters", version: "2024-08-05",
		example: exampleCluster, list: true,
		call: func(ctx context.Context, c *Client, group, _, _ string, o ListOptions) (any, error) {
			return untyped(Clusters.List(ctx, c, o, group))
		},
	},
	{
		name: "getGroup", path: "/groups/{group}", version: "2023-01-01",
		example: exampleProject,
		call: func(ctx context.Context, c *Client, group, _, _ string, _ ListOptions) (any, error) {
			return untyped(Projects.Get(ctx, c, group))
		},
	},
	{
		name: "listGroups", path: "/groups", version: "2023-01-01",
		example: exampleProject, list: true,
		call: func(ctx context.Context, c *Client, _, _, _ string, o ListOptions) (any, error) {
			return untyped(Projects.List(ctx, c, o))
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

// minimal is a resource of which Atlas sends nothing but what names it.
func (op anOperation) minimal() string {
	return `{"` + cmp.Or(op.named, "id") + `":"` + op.id() + `"}`
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
