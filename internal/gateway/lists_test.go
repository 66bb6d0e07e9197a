package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

type listAnswer struct {
	Nodes []struct {
		ID            string          `json:"id"`
		ClusterName   string          `json:"clusterName"`
		State         string          `json:"state"`
		Snapshot      json.RawMessage `json:"snapshot"`
		TargetCluster json.RawMessage `json:"targetCluster"`
	} `json:"nodes"`
	Edges []struct {
		Cursor string `json:"cursor"`
	} `json:"edges"`
	PageInfo struct {
		HasNextPage     bool    `json:"hasNextPage"`
		HasPreviousPage bool    `json:"hasPreviousPage"`
		StartCursor     *string `json:"startCursor"`
		EndCursor       *string `json:"endCursor"`
	} `json:"pageInfo"`
	EstimatedTotalCount *int `json:"estimatedTotalCount"`
	Unread              []struct {
		ClusterName *string `json:"clusterName"`
		ErrorCode   *string `json:"errorCode"`
		Status      *int    `json:"status"`
	} `json:"unread"`
}

const listFields = `edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } estimatedTotalCount`

// list asks for a list and wants no error.
func (e *env) list(t *testing.T, field string) listAnswer {
	t.Helper()
	r := e.post(t, "{ list: "+field+" }", nil)
	if len(r.Errors) > 0 {
		t.Fatal(r.Raw)
	}
	var list listAnswer
	if err := json.Unmarshal(r.Data["list"], &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// in is the arguments that name a cluster.
func in(cluster string) string {
	return `groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + cluster + `"`
}

func TestLists_hundredJobsWithLinksCostFewCalls(t *testing.T) {
	tests := map[string]struct {
		field, cluster string
		retired        bool
		snapshots      bool
		clusters       bool
		calls          int
	}{
		"serverless": {field: "serverlessRestoreJobs", cluster: "orders", snapshots: true, calls: 2},
		"after the sunset, not known yet": {
			field: "serverlessRestoreJobs", cluster: "orders", retired: true, snapshots: true, calls: 3,
		},
		"Flex":      {field: "flexRestoreJobs", cluster: "catalog", snapshots: true, calls: 2},
		"Dedicated": {field: "dedicatedRestoreJobs", cluster: "billing", snapshots: true, calls: 3},
		"sharded":   {field: "dedicatedRestoreJobs", cluster: "reporting", snapshots: true, calls: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t)
			e.sim.RetireServerless(tt.retired)
			if tt.field == "flexRestoreJobs" || tt.field == "dedicatedRestoreJobs" {
				// It is known where the cluster is.
				e.post(t, `{ cluster(`+in(tt.cluster)+`) { id } }`, nil)
			}
			e.post(t, `{ project(groupId: "`+atlassim.SeedGroupID+`") { id } }`, nil) // fetches the challenge
			e.sim.ResetCalls()
			list := e.list(t, tt.field+`(`+in(tt.cluster)+`, first: 98) { nodes { id snapshot { id status } } }`)
			found := 0
			for _, node := range list.Nodes {
				if string(node.Snapshot) != "null" {
					found++
				}
			}
			if len(list.Nodes) < 4 || found < len(list.Nodes)/2 {
				t.Errorf("%d jobs, %d snapshots", len(list.Nodes), found)
			}
			if n := len(e.sim.Calls()); n > tt.calls {
				t.Errorf("%d calls, want %d: %+v", n, tt.calls, e.sim.Calls())
			}
		})
	}
}

func TestLists_targetsCostTheListsOfClusters(t *testing.T) {
	e := newEnv(t)
	e.post(t, `{ cluster(`+in("catalog")+`) { id } }`, nil)
	e.sim.ResetCalls()
	list := e.list(t, `flexRestoreJobs(`+in("catalog")+`, first: 98) { nodes { id targetCluster { name tier } } }`)
	targets := 0
	for _, node := range list.Nodes {
		if string(node.TargetCluster) != "null" {
			targets++
		}
	}
	if n := len(e.sim.Calls()); targets < 50 || n > 5 {
		t.Errorf("%d targets for %d calls: %+v", targets, n, e.sim.Calls())
	}
}

func TestLists_continueAtTheirCursor(t *testing.T) {
	e := newEnv(t)
	for _, field := range []string{
		`serverlessRestoreJobs(` + in("orders"), `flexRestoreJobs(` + in("catalog"), `dedicatedRestoreJobs(` + in("billing"),
		`restoreJobs(groupId: "` + atlassim.SeedGroupID + `"`,
	} {
		name, _, _ := strings.Cut(field, "(")
		t.Run(name, func(t *testing.T) {
			whole := e.list(t, field+`, first: 15) { nodes { id } `+listFields+` }`)
			first := e.list(t, field+`, first: 6) { nodes { id } `+listFields+` }`)
			second := e.list(t, field+fmt.Sprintf(`, first: 6, after: %q) { nodes { id } `, *first.PageInfo.EndCursor)+
				listFields+` }`)
			for i, node := range append(first.Nodes, second.Nodes...) {
				if node.ID != whole.Nodes[i].ID {
					t.Errorf("the job %d is %s, want %s", i, node.ID, whole.Nodes[i].ID)
				}
			}
			if first.PageInfo.HasPreviousPage || !second.PageInfo.HasPreviousPage || !first.PageInfo.HasNextPage {
				t.Errorf("got %+v, %+v", first.PageInfo, second.PageInfo)
			}
			if *first.PageInfo.StartCursor != first.Edges[0].Cursor || *first.PageInfo.EndCursor != first.Edges[5].Cursor {
				t.Errorf("got %+v, %+v", first.PageInfo, first.Edges)
			}
		})
	}
}

func TestLists_cursorIsStableWithNewJobs(t *testing.T) {
	e := newEnv(t)
	field := `dedicatedRestoreJobs(` + in("billing")
	whole := e.list(t, field+`, first: 10) { nodes { id } }`)
	first := e.list(t, field+`, first: 5) { nodes { id } `+listFields+` }`)
	for range 150 {
		e.sim.AddJob(atlassim.SeedGroupID, "billing", 0)
	}
	second := e.list(t, field+fmt.Sprintf(`, first: 5, after: %q) { nodes { id } }`, *first.PageInfo.EndCursor))
	for i, node := range second.Nodes {
		if node.ID != whole.Nodes[5+i].ID {
			t.Errorf("got %s, want %s", node.ID, whole.Nodes[5+i].ID)
		}
	}
}

func TestLists_firstOutOfRangeIsAnError(t *testing.T) {
	e := newEnv(t)
	cursor := *e.list(t, `projects(first: 1) { `+listFields+` }`).PageInfo.EndCursor
	names := strings.TrimSuffix(strings.Repeat(`"a", `, 101), ", ")
	tests := map[string]struct{ query, argument, message string }{
		"none": {
			query: `serverlessRestoreJobs(` + in("orders") + `, first: 0)`, argument: "first", message: "from 1 to 500",
		},
		"fewer than none": {
			query: `flexRestoreJobs(` + in("catalog") + `, first: -1)`, argument: "first", message: "from 1 to 500",
		},
		"too many": {
			query: `restoreJobs(groupId: "` + atlassim.SeedGroupID + `", first: 501)`, argument: "first",
			message: "from 1 to 500",
		},
		"a cursor that is none": {
			query: `dedicatedRestoreJobs(` + in("billing") + `, after: "x")`, argument: "after", message: "this list gave",
		},
		"a cursor of another list": {
			query: `restoreJobs(groupId: "` + atlassim.SeedGroupID + `", after: "` + cursor + `")`, argument: "after",
			message: "this list gave",
		},
		"too many clusters": {
			query:    `restoreJobs(groupId: "` + atlassim.SeedGroupID + `", clusterNames: [` + names + `])`,
			argument: "clusterNames", message: "at most 100",
		},
		"a cluster that has no name": {
			query:    `restoreJobs(groupId: "` + atlassim.SeedGroupID + `", clusterNames: ["ok", "-"])`,
			argument: "clusterNames[1]", message: "ClusterName must",
		},
		"a date that is none": {
			query: `restoreJobs(groupId: "` + atlassim.SeedGroupID + `", startedAfter: "soon")`, argument: "startedAfter",
			message: "RFC 3339",
		},
	}
	e.sim.ResetCalls()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := e.post(t, "{ list: "+tt.query+" { nodes { id } } }", nil)
			if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" ||
				r.Errors[0].Extensions["argument"] != tt.argument ||
				!strings.Contains(r.Errors[0].Message, tt.message) || len(r.Errors[0].Path) != 1 {
				t.Errorf("got %s", r.Raw)
			}
		})
	}
	if n := len(e.sim.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestLists_partialPageHasErrorsAndUnread(t *testing.T) {
	e := newEnv(t)
	defer e.sim.Inject(atlassim.Fault{PathContains: "/catalog/backup/", Status: 500})()
	r := e.post(t, `{ list: restoreJobs(groupId: "`+atlassim.SeedGroupID+
		`", first: 5) { nodes { id clusterName } unread { clusterName errorCode status } pageInfo { hasNextPage } } }`, nil)
	var list listAnswer
	if err := json.Unmarshal(r.Data["list"], &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Nodes) != 5 || len(list.Unread) != 1 || *list.Unread[0].ClusterName != "catalog" ||
		*list.Unread[0].Status != 500 || *list.Unread[0].ErrorCode != "UNEXPECTED_ERROR" {
		t.Errorf("got %s", r.Raw)
	}
	if len(r.Errors) != 1 || r.Errors[0].Path[0] != "list" || r.Errors[0].Extensions["clusterName"] != "catalog" ||
		r.Errors[0].Extensions["code"] != "UPSTREAM_ERROR" {
		t.Errorf("got %s", r.Raw)
	}
}
