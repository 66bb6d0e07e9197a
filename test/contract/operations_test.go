package contract

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// operation is one operation that the simulator has, and how the SDK calls it. A new one needs a row in the table of
// its tier; TestSimulator_hasARowForEveryOperation fails without it.
type operation struct {
	id   string // the operationId in the document
	list bool
	// whole is a list without pages.
	whole bool
	// cluster is whose backups it shows; "" where there is none.
	cluster string
	call    func(context.Context, *admin.APIClient, place) (any, reply, error)
}

// place is where an operation looks, in the document's names for the parts of a path. The pages are for lists.
type place struct {
	groupID, clusterName, restoreJobID, snapshotID string

	pageNum, itemsPerPage *int
	includeCount          *bool
}

// operations are all of them, tier by tier.
var operations = slices.Concat(commonOperations, serverlessOperations, flexOperations, dedicatedOperations)

// commonOperations are those without a tier.
var commonOperations = []operation{
	{
		id: "getSystemStatus",
		call: func(ctx context.Context, c *admin.APIClient, _ place) (any, reply, error) {
			return result(c.RootApi.GetSystemStatus(ctx).Execute())
		},
	},
	{
		id: "listGroups", list: true,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ProjectsApi.ListGroupsWithParams(ctx, &admin.ListGroupsApiParams{
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "listOrgs", list: true,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.OrganizationsApi.ListOrgsWithParams(ctx, &admin.ListOrgsApiParams{
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroup",
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ProjectsApi.GetGroup(ctx, p.groupID).Execute())
		},
	},
}

var serverlessOperations = []operation{
	{
		id: "listGroupServerlessInstances", list: true,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ServerlessInstancesApi.ListServerlessInstancesWithParams(ctx,
				&admin.ListServerlessInstancesApiParams{
					GroupId: p.groupID, PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
				}).Execute())
		},
	},
	{
		id: "getGroupServerlessInstance", cluster: atlassim.SeedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.ServerlessInstancesApi.GetServerlessInstance(ctx, p.groupID, p.clusterName).Execute())
		},
	},
	{
		id: "listGroupServerlessBackupRestoreJobs", list: true, cluster: atlassim.SeedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListServerlessRestoreJobsWithParams(ctx, &admin.ListServerlessRestoreJobsApiParams{
				GroupId: p.groupID, ClusterName: p.clusterName,
				PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
			}).Execute())
		},
	},
	{
		id: "getGroupServerlessBackupRestoreJob", cluster: atlassim.SeedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetServerlessRestoreJob(ctx, p.groupID, p.clusterName, p.restoreJobID).Execute())
		},
	},
	{
		id: "listGroupServerlessBackupSnapshots", list: true, cluster: atlassim.SeedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.ListServerlessBackupSnapshotsWithParams(ctx,
				&admin.ListServerlessBackupSnapshotsApiParams{
					GroupId: p.groupID, ClusterName: p.clusterName,
					PageNum: p.pageNum, ItemsPerPage: p.itemsPerPage, IncludeCount: p.includeCount,
				}).Execute())
		},
	},
	{
		id: "getGroupServerlessBackupSnapshot", cluster: atlassim.SeedClusterName,
		call: func(ctx context.Context, c *admin.APIClient, p place) (any, reply, error) {
			return result(c.CloudBackupsApi.GetServerlessBackupSnapshot(ctx, p.groupID, p.clusterName, p.snapshotID).Execute())
		},
	},
}

// paged are the lists that have pages.
func (op operation) paged() bool { return op.list && !op.whole }

// placeOf is where an example lies.
func placeOf(x atlassim.Example) place {
	return place{groupID: x.GroupID, clusterName: x.ClusterName, restoreJobID: x.RestoreJobID}
}

// rowOf finds an operation by its operationId.
func rowOf(t *testing.T, id string) operation {
	t.Helper()
	for _, op := range operations {
		if op.id == id {
			return op
		}
	}
	t.Fatalf("there is no row for %s", id)
	return operation{}
}

// read calls an operation that succeeds.
func read[T any](t *testing.T, c *admin.APIClient, id string, p place) *T {
	t.Helper()
	value, _, err := rowOf(t, id).call(t.Context(), c, p)
	if err != nil {
		t.Fatal(err)
	}
	typed, ok := value.(*T)
	if !ok {
		t.Fatalf("%s gives a %T", id, value)
	}
	return typed
}

// reply is the status and header of an answer; zero without an answer.
type reply struct {
	status int
	header http.Header
}

// result returns what the SDK returns without its type, and closes the body, which the SDK has read.
func result[T any](value *T, response *http.Response, err error) (any, reply, error) {
	if response == nil {
		return value, reply{}, err
	}
	if closing := response.Body.Close(); err == nil {
		err = closing
	}
	return value, reply{status: response.StatusCode, header: response.Header}, err
}
