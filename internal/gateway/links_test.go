package gateway

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

// served are things, each with the API that it came from.
type served struct {
	Nodes []struct {
		ID       string `json:"id"`
		ServedBy string `json:"servedBy"`
	} `json:"nodes"`
}

func TestLinks_betweenTypes(t *testing.T) {
	e := newEnv(t)
	r := e.post(t, `{
		project(groupId: "`+atlassim.SeedGroupID+`") {
			id name orgId created tags { key value }
			clusters(first: 100) { estimatedTotalCount nodes { name tier stateName project { name } restoreJobs(first: 2) { nodes { id servedBy } } snapshots(first: 2) { nodes { id servedBy } } } }
		}
	}`, nil)
	if len(r.Errors) > 0 {
		t.Fatal(r.Raw)
	}
	var p struct {
		Name     string `json:"name"`
		Clusters struct {
			Nodes []struct {
				Name    string `json:"name"`
				Tier    string `json:"tier"`
				Project struct {
					Name string `json:"name"`
				} `json:"project"`
				RestoreJobs served `json:"restoreJobs"`
				Snapshots   served `json:"snapshots"`
			} `json:"nodes"`
		} `json:"clusters"`
	}
	if err := json.Unmarshal(r.Data["project"], &p); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range p.Clusters.Nodes {
		got[c.Name] = c.Tier
		if c.Project.Name != "Storefront" || p.Name != "Storefront" {
			t.Errorf("the project of %s is %q", c.Name, c.Project.Name)
		}
		if (len(c.RestoreJobs.Nodes) == 0) != (c.Tier == "FREE") || (len(c.Snapshots.Nodes) == 0) != (c.Tier == "FREE") {
			t.Errorf("%s has %d jobs and %d snapshots", c.Name, len(c.RestoreJobs.Nodes), len(c.Snapshots.Nodes))
		}
		for _, thing := range append(c.RestoreJobs.Nodes, c.Snapshots.Nodes...) {
			if c.Tier != "FREE" && thing.ServedBy != c.Tier {
				t.Errorf("%s of %s is served by %s", thing.ID, c.Name, thing.ServedBy)
			}
		}
	}
	want := map[string]string{
		"orders": "SERVERLESS", "catalog": "FLEX", "reporting": "DEDICATED", "billing": "DEDICATED",
		"returns": "FLEX", "loyalty": "DEDICATED", "newsletter": "FREE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The project once, though it is linked to from each cluster.
	if n := e.count("/groups/"+atlassim.SeedGroupID) - e.count("/groups/"+atlassim.SeedGroupID+"/"); n != 1 {
		t.Errorf("the project was asked for %d times", n)
	}
}

func TestLinks_ofAJobAreSnapshotAndTarget(t *testing.T) {
	e := newEnv(t)
	for label, field := range map[string]string{
		"succeeded": "serverlessRestoreJob", "flex": "flexRestoreJob", "dedicated": "dedicatedRestoreJob",
		"sharded": "restoreJob",
	} {
		r := e.post(t, "{"+rootField("job", field, e.example(t, label),
			"{ snapshotId targetClusterName snapshot { id members { replicaSetName } } targetCluster { name } }")+"}", nil)
		var job struct {
			SnapshotID        string `json:"snapshotId"`
			TargetClusterName string `json:"targetClusterName"`
			Snapshot          struct {
				ID      string            `json:"id"`
				Members []json.RawMessage `json:"members"`
			} `json:"snapshot"`
			TargetCluster struct {
				Name string `json:"name"`
			} `json:"targetCluster"`
		}
		if err := json.Unmarshal(r.Data["job"], &job); err != nil || len(r.Errors) > 0 {
			t.Fatal(r.Raw)
		}
		if job.Snapshot.ID != job.SnapshotID || job.SnapshotID == "" || job.TargetCluster.Name != job.TargetClusterName {
			t.Errorf("%s: got %s", label, r.Raw)
		}
	}
}

func TestLinks_toDeletedResourcesAreNull(t *testing.T) {
	e := newEnv(t)
	x := e.example(t, "succeeded")
	defer e.sim.Inject(atlassim.Fault{PathContains: "/snapshots/", Status: 404, ErrorCode: "SNAPSHOT_NOT_FOUND"})()
	r := e.post(t, "{"+jobField("job", x, "{ id snapshot { id } }")+"}", nil)
	if want := `{"id":"` + x.RestoreJobID + `","snapshot":null}`; len(r.Errors) > 0 || string(r.Data["job"]) != want {
		t.Errorf("got %s", r.Raw)
	}
	// Asked for by itself it is an error.
	r = e.post(t, `{ snapshot(`+in("orders")+`, snapshotId: "`+strings.Repeat("0", 24)+`") { id } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "NOT_FOUND" {
		t.Errorf("got %s", r.Raw)
	}
	r = e.post(t, `{ cluster(`+in("nosuch")+`) { name } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "NOT_FOUND" ||
		r.Errors[0].Extensions["errorCode"] != "CLUSTER_NOT_FOUND" {
		t.Errorf("got %s", r.Raw)
	}
}

func TestLinks_failAtTheirPath(t *testing.T) {
	e := newEnv(t)
	defer e.sim.Inject(atlassim.Fault{PathContains: "/snapshots", Status: 500})()
	r := e.post(t, `{ list: flexRestoreJobs(`+in("catalog")+`, first: 3) { nodes { id snapshot { id } } } }`, nil)
	if len(r.Errors) != 3 {
		t.Fatal(r.Raw)
	}
	for _, err := range r.Errors {
		if len(err.Path) != 4 || err.Path[3] != "snapshot" || err.Extensions["code"] != "UPSTREAM_ERROR" {
			t.Errorf("got %v", err)
		}
	}
}

func TestLinks_partialFailureServesTheOthers(t *testing.T) {
	e := newEnv(t)
	defer e.sim.Inject(atlassim.Fault{PathContains: "/flexClusters", Status: 500})()
	r := e.post(t, `{ list: serverlessRestoreJobs(`+in("orders")+
		`, first: 200) { nodes { targetClusterName targetCluster { name } } } }`, nil)
	var list struct {
		Nodes []struct {
			Name   string `json:"targetClusterName"`
			Target *struct {
				Name string `json:"name"`
			} `json:"targetCluster"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(r.Data["list"], &list); err != nil {
		t.Fatal(r.Raw)
	}
	failed := make(map[string]bool)
	for _, err := range r.Errors {
		if len(err.Path) != 4 || err.Path[3] != "targetCluster" || err.Extensions["code"] != "UPSTREAM_ERROR" {
			t.Errorf("got %v", err)
		}
		failed[fmt.Sprint(err.Path[2])] = true
	}
	served := 0
	for i, job := range list.Nodes {
		switch {
		case job.Name == "" || failed[strconv.Itoa(i)] != (job.Name == "orders"):
			// A download has no target. Others may be Flex clusters.
		default:
			t.Errorf("job %d: the target %s is %+v, and failed: %t", i, job.Name, job.Target, failed[strconv.Itoa(i)])
		}
		if job.Name == "orders" && job.Target != nil && job.Target.Name == "orders" {
			served++
		}
	}
	if served == 0 || len(failed) == 0 {
		t.Errorf("%d targets are served, %d failed", served, len(failed))
	}
}
