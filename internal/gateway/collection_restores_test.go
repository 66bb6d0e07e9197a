package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// collectionNode is a collection restore as a client sees it.
type collectionNode struct {
	Typename string  `json:"__typename"`
	ID       string  `json:"id"`
	State    string  `json:"state"`
	ServedBy string  `json:"servedBy"`
	Failed   *bool   `json:"failed"`
	Message  *string `json:"errorMessage"`
	Progress *struct {
		Restored int64    `json:"restored"`
		Total    int64    `json:"total"`
		Fraction *float64 `json:"fraction"`
	} `json:"progress"`
	Collections struct {
		Nodes []struct {
			State string `json:"state"`
		} `json:"nodes"`
	} `json:"collections"`
}

const collectionFields = `__typename id state servedBy failed ... on CollectionRestoreJob { errorMessage ` +
	`progress { restored total fraction } collections { nodes { state } } }`

func withCollections(c *envConfig) { c.sim = append(c.sim, atlassim.WithCollectionRestores()) }

// collectionsOf lists the collection restores of a cluster of the seed.
func (e *env) collectionsOf(t *testing.T, cluster string) []collectionNode {
	t.Helper()
	r := e.post(t, fmt.Sprintf(`{ collectionRestoreJobs(groupId: %q, clusterName: %q) { nodes { %s } } }`,
		atlassim.SeedGroupID, cluster, collectionFields), nil)
	var list struct {
		Nodes []collectionNode `json:"nodes"`
	}
	if err := json.Unmarshal(r.Data["collectionRestoreJobs"], &list); err != nil || len(r.Errors) > 0 {
		t.Fatalf("%v: %s", err, r.Raw)
	}
	return list.Nodes
}

func TestCollectionRestores_areOfTheirStates(t *testing.T) {
	e := newEnv(t, withCollections)
	states := map[string]collectionNode{}
	for _, cluster := range []string{
		atlassim.SeedReplicaSetClusterName, atlassim.SeedDedicatedClusterName, atlassim.SeedMigratedToDedicatedName,
	} {
		for _, node := range e.collectionsOf(t, cluster) {
			states[node.State] = node
			if node.ServedBy != "COLLECTION" || node.Failed != nil || node.Progress == nil ||
				(node.Progress.Fraction == nil) != (node.Progress.Total == 0) {
				t.Errorf("got %+v", node)
			}
		}
	}
	for _, state := range []string{
		"PENDING", "RUNNING", "SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "CANCELLED", "UNKNOWN",
	} {
		if states[state].ID == "" {
			t.Errorf("no job is %s", state)
		}
	}
	if f := states["SUCCEEDED"].Progress.Fraction; f == nil || *f != 1 {
		t.Errorf("of what succeeded %v is restored", f)
	}
	partly := states["PARTIALLY_SUCCEEDED"]
	if partly.Message == nil || len(partly.Collections.Nodes) != 2 || partly.Collections.Nodes[0].State != "FAILED" ||
		partly.Collections.Nodes[1].State != "SUCCESSFUL" {
		t.Errorf("got %+v", partly)
	}
	if n := states["PENDING"]; n.Progress.Total != 0 || len(n.Collections.Nodes) != 0 {
		t.Errorf("got %+v", n)
	}
	// The unknown word is logged once.
	if n := strings.Count(e.log.String(), "SUSPENDED"); n != 1 {
		t.Errorf("the unknown state is logged %d times", n)
	}
}

// TestCollectionRestores_areReachedOnEveryPath asks for one by its key, as any job, as an entity, and in each list.
func TestCollectionRestores_areReachedOnEveryPath(t *testing.T) {
	e := newEnv(t, withCollections)
	want := e.collectionsOf(t, atlassim.SeedReplicaSetClusterName)[1]
	of := fmt.Sprintf("groupId: %q, clusterName: %q", atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName)
	reference := fmt.Sprintf("__typename: %%q, %s, id: %q", of, want.ID)
	for name, query := range map[string]string{
		"by its type":  fmt.Sprintf("{ collectionRestoreJob(%s, restoreJobId: %q) { %s } }", of, want.ID, collectionFields),
		"as any job":   fmt.Sprintf("{ restoreJob(%s, restoreJobId: %q) { %s } }", of, want.ID, collectionFields),
		"as an entity": fmt.Sprintf("{ _entities(representations: [{"+reference+"}]) { ... on RestoreJob { %s } } }", "CollectionRestoreJob", collectionFields),
		"as any entity": fmt.Sprintf("{ _entities(representations: [{"+reference+"}]) { ... on RestoreJob { %s } } }",
			"RestoreJob", collectionFields),
		"of its cluster": fmt.Sprintf("{ cluster(%s) { restoreJobs(first: 50) { nodes { %s } } } }", of, collectionFields),
		"of its project": fmt.Sprintf("{ restoreJobs(groupId: %q, states: [%s], first: 100) { nodes { %s } } }",
			atlassim.SeedGroupID, want.State, collectionFields),
		"of a named cluster": fmt.Sprintf("{ restoreJobs(groupId: %q, clusterNames: [%q], first: 100) { nodes { %s } } }",
			atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName, collectionFields),
	} {
		r := e.post(t, query, nil)
		if len(r.Errors) > 0 || strings.Count(r.Raw, `"`+want.ID+`"`) != 1 ||
			!strings.Contains(r.Raw, `"__typename":"CollectionRestoreJob"`) {
			t.Errorf("%s: %.500s", name, r.Raw)
		}
	}
	// It is no job of the Dedicated API.
	r := e.post(t, fmt.Sprintf("{ dedicatedRestoreJob(%s, restoreJobId: %q) { id } }", of, want.ID), nil)
	if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "NOT_FOUND" {
		t.Errorf("got %s", r.Raw)
	}
}

func TestCollectionRestores_thatFailLeaveTheOthers(t *testing.T) {
	e := newEnv(t, withCollections, noRetries)
	e.sim.Inject(atlassim.Fault{PathContains: "collectionRestoreJobs", Status: 403, ErrorCode: "USER_UNAUTHORIZED"})
	r := e.post(t, fmt.Sprintf(`{ restoreJobs(groupId: %q, clusterNames: [%q]) { nodes { id } unread { groupId clusterName `+
		`servedBy reason errorCode } } }`, atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName), nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Raw, `"unread":[{"groupId":"`+atlassim.SeedGroupID+`","clusterName":"`+
		atlassim.SeedReplicaSetClusterName+`","servedBy":"COLLECTION","reason":"FAILED","errorCode":"USER_UNAUTHORIZED"}]`) {
		t.Fatalf("got %s", r.Raw)
	}
	x := r.Errors[0].Extensions
	if x["code"] != "UPSTREAM_FORBIDDEN" || x["servedBy"] != "COLLECTION" ||
		fmt.Sprint(x["requiredRoles"]) != "[Project Backup Manager]" ||
		!strings.HasPrefix(r.Errors[0].Message, "the collection restores of the cluster billing could not be read") {
		t.Errorf("got %+v", r.Errors[0])
	}
	r = e.post(t, fmt.Sprintf(`{ cluster(groupId: %q, clusterName: %q) { restoreJobs { nodes { id } } } }`,
		atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName), nil)
	if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "UPSTREAM_FORBIDDEN" || strings.Contains(r.Raw, `"nodes":[]`) {
		t.Errorf("got %.300s", r.Raw)
	}
}
