package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestEntities_hundredJobsOfOneClusterCostOneCall(t *testing.T) {
	tests := map[string]struct{ typename, cluster, list string }{
		"serverless":        {typename: "ServerlessRestoreJob", cluster: "orders", list: "serverlessRestoreJobs"},
		"whatever the tier": {typename: "RestoreJob", cluster: "orders", list: "serverlessRestoreJobs"},
		"Flex":              {typename: "FlexRestoreJob", cluster: "catalog", list: "flexRestoreJobs"},
		"Dedicated":         {typename: "DedicatedRestoreJob", cluster: "billing", list: "dedicatedRestoreJobs"},
		"an old serverless": {typename: "ServerlessRestoreJob", cluster: "returns", list: "serverlessRestoreJobs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, bare)
			ids := e.ids(t, tt.list+"("+in(tt.cluster)+", first: 100)")
			refs := make([]ref, 0, 100)
			for i := range 100 { // duplicates, where the cluster has fewer jobs
				refs = append(refs, jobRef(tt.typename, tt.cluster, ids[i%len(ids)]))
			}
			e.sim.ResetCalls()
			entities, r := e.entities(t, refs...)
			if len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
			for i, entity := range entities {
				if !isEntityOf(entity, refs[i]) {
					t.Errorf("%d: %v is no answer to %v", i, entity, refs[i])
				}
			}
			if n := e.count("/"); n != 1 {
				t.Errorf("%d calls of Atlas", n)
			}
		})
	}
}

func TestEntities_snapshotsOfJobsAreReadTogether(t *testing.T) {
	e := newEnv(t, bare)
	ids := e.ids(t, "serverlessRestoreJobs("+in("orders")+", first: 50)")
	refs := make([]ref, len(ids))
	var fields strings.Builder
	for i, id := range ids {
		refs[i] = jobRef("ServerlessRestoreJob", "orders", id)
		fmt.Fprintf(&fields, "a%d: restoreJob(%s, restoreJobId: %q) { id snapshot { status } } ", i, in("orders"), id)
	}
	for name, ask := range map[string]func() result{
		"references": func() result {
			return e.post(t, `query ($r: [_Any!]!) { _entities(representations: $r) { ... on RestoreJob { id snapshot { `+
				`status } } } }`, map[string]any{"r": refs})
		},
		"root fields": func() result { return e.post(t, "{"+fields.String()+"}", nil) },
	} {
		e.sim.ResetCalls()
		if r := ask(); len(r.Errors) > 0 || strings.Count(r.Raw, `"COMPLETED"`) < 25 {
			t.Error(r.Raw)
		}
		if jobs, snapshots := e.count("restoreJobs"), e.count("snapshots"); jobs != 1 || snapshots != 1 {
			t.Errorf("%s: %d calls for jobs, %d for snapshots", name, jobs, snapshots)
		}
	}
}

func TestEntities_clustersSnapshotsAndProjectsAreListed(t *testing.T) {
	e := newEnv(t, bare)
	e.post(t, `{ clusters: project(groupId: "`+atlassim.SeedGroupID+`") { clusters { nodes { name } } } }`, nil)
	tests := map[string]struct {
		refs  []ref
		calls int
	}{
		"clusters": {
			refs: []ref{
				clusterRef("orders"), clusterRef("catalog"), clusterRef("billing"), clusterRef("reporting"), clusterRef("orders"),
			}, calls: 3,
		},
		"two clusters":         {refs: []ref{clusterRef("orders"), clusterRef("catalog"), clusterRef("orders")}, calls: 2},
		"one project, twice":   {refs: []ref{projectRef(atlassim.SeedGroupID), projectRef(atlassim.SeedGroupID)}, calls: 1},
		"snapshots of cluster": {refs: snapshotRefs(e.snapshots(t, "catalog"), "catalog"), calls: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e.sim.ResetCalls()
			entities, r := e.entities(t, tt.refs...)
			if len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
			for i, entity := range entities {
				if !isEntityOf(entity, tt.refs[i]) {
					t.Errorf("%d: %v is no answer to %v", i, entity, tt.refs[i])
				}
			}
			if n := e.count("/"); n != tt.calls {
				t.Errorf("%d calls of Atlas, want %d", n, tt.calls)
			}
		})
	}
}

func (e *env) snapshots(t *testing.T, cluster string) []string {
	t.Helper()
	r := e.post(t, `{ cluster(`+in(cluster)+`) { snapshots(first: 500) { nodes { id } } } }`, nil)
	var c struct {
		Snapshots struct {
			Nodes []struct {
				ID string `json:"id"`
			} `json:"nodes"`
		} `json:"snapshots"`
	}
	if err := json.Unmarshal(r.Data["cluster"], &c); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(c.Snapshots.Nodes))
	for i, node := range c.Snapshots.Nodes {
		ids[i] = node.ID
	}
	return ids
}

func snapshotRefs(ids []string, cluster string) []ref {
	refs := make([]ref, len(ids))
	for i, id := range ids {
		refs[i] = jobRef("AtlasSnapshot", cluster, id)
	}
	return refs
}

func TestEntities_shareCallsWithRootFields(t *testing.T) {
	e := newEnv(t, bare)
	ids := e.ids(t, "serverlessRestoreJobs("+in("orders")+", first: 10)")
	var fields strings.Builder
	refs := make([]ref, 0, len(ids))
	for i, id := range ids {
		fmt.Fprintf(&fields, "a%d: serverlessRestoreJob(%s, restoreJobId: %q) { id } ", i, in("orders"), id)
		refs = append(refs, jobRef("ServerlessRestoreJob", "orders", id),
			jobRef("RestoreJob", "catalog", e.example(t, "flex").RestoreJobID))
	}
	e.sim.ResetCalls()
	r := e.post(t, `query ($r: [_Any!]!) { `+fields.String()+
		` _entities(representations: $r) { ... on RestoreJob { id } } }`, map[string]any{"r": refs})
	if len(r.Errors) > 0 {
		t.Fatal(r.Raw)
	}
	if n := e.count("orders"); n != 1 {
		t.Errorf("%d calls for one cluster", n)
	}
}
