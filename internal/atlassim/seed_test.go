package atlassim_test

import (
	"net/http"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestSeed_hasTheDocumentedNames(t *testing.T) {
	a := newAtlas(t)
	for groupID, name := range map[string]string{
		atlassim.SeedGroupID:       atlassim.SeedClusterName,
		atlassim.SeedSecondGroupID: atlassim.SeedSecondClusterName,
	} {
		wantStatus(t, a.get(groups+groupID), http.StatusOK)
		l := a.list(groups + groupID + "/serverless")
		if *l.TotalCount != 1 {
			t.Errorf("%s has %d serverless instances", groupID, *l.TotalCount)
		}
		wantStatus(t, a.get(groups+groupID+"/serverless/"+name), http.StatusOK)
		if l = a.list(groups + groupID + "/serverless/" + name + "/backup/restoreJobs"); *l.TotalCount < 3 {
			t.Errorf("%s has %d jobs", name, *l.TotalCount)
		}
	}
}

func TestGroups_areListedByName(t *testing.T) {
	a := newAtlas(t)
	type group struct {
		ID, Name     string
		ClusterCount int
		Links        []link
	}
	got := decode[struct{ Results []group }](t, a.get(apiRoot+"/groups")).Results
	if len(got) != 3 || got[0].Name != "Archive" || got[1].Name != "Storefront" || got[2].Name != "Support desk" ||
		got[0].ClusterCount != 0 || got[1].ClusterCount != 7 {
		t.Fatalf("groups %+v", got)
	}
	if len(got[1].Links) != 1 {
		t.Errorf("a listed project links only to itself: %v", got[1].Links)
	}
	if one := decode[group](t, a.get(groups+got[1].ID)); len(one.Links) != 7 {
		t.Errorf("a project has seven links: %v", one.Links)
	}
}

func TestSystemStatus_namesTheCredential(t *testing.T) {
	a := newAtlas(t)
	type status struct {
		APIKey *struct {
			ID, PublicKey string
			Roles         []struct{ RoleName string }
		}
		AppName    string
		Throttling *bool
	}
	c := a.shake(apiRoot)
	w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
	got := decode[status](t, w)
	if got.AppName != "MongoDB Atlas" || got.Throttling == nil || got.APIKey == nil ||
		got.APIKey.PublicKey != publicKey || len(got.APIKey.ID) != 24 || got.APIKey.Roles[0].RoleName != "GROUP_OWNER" {
		t.Errorf("status for an API key: %s", w.Body)
	}
	if got := decode[status](t, a.get(apiRoot)); got.APIKey != nil {
		t.Errorf("a service account has no API key, got %+v", got.APIKey)
	}
}

func TestExamples_existAndAreDistinct(t *testing.T) {
	a := newAtlas(t)
	labels, ids := map[string]bool{}, map[string]bool{}
	for _, e := range a.Examples() {
		labels[e.Label], ids[e.RestoreJobID] = true, true
		wantStatus(t, a.get(jobPath(e)), http.StatusOK)
	}
	for _, want := range []string{"succeeded", "running", "ready", "failed", "cancelled", "expired", "pointInTime"} {
		if !labels[want] {
			t.Errorf("no example %q", want)
		}
	}
	if n := len(a.Examples()); len(ids) != n || len(labels) != n {
		t.Errorf("%d examples with %d labels for %d jobs", n, len(labels), len(ids))
	}
}

func TestSeed_isTheSameInTwoSimulators(t *testing.T) {
	a, b := newAtlas(t), newAtlas(t)
	for _, target := range []string{apiRoot + "/groups", jobs + "?itemsPerPage=500", snaps + "?itemsPerPage=500", orders} {
		if a.get(target).Body.String() != b.get(target).Body.String() {
			t.Errorf("%s differs", target)
		}
	}
}

func TestWithoutSeed_isEmpty(t *testing.T) {
	a := newAtlas(t, atlassim.WithoutSeed())
	if l := a.list(apiRoot + "/groups"); *l.TotalCount != 0 || l.Results == nil {
		t.Errorf("groups %+v", l)
	}
	if got := a.Examples(); len(got) != 0 {
		t.Errorf("examples %v", got)
	}
	wantError(t, a.get(groups+atlassim.SeedGroupID), http.StatusNotFound, "GROUP_NOT_FOUND")
}

func BenchmarkGetOneJob(b *testing.B) {
	a := newAtlas(b, atlassim.WithRateLimit(1<<40, 0))
	as, target := a.as(ownerID), jobs+"/"+a.example("succeeded").RestoreJobID
	b.ReportAllocs()
	for b.Loop() {
		a.send(http.MethodGet, target, as)
	}
}

func BenchmarkListFiveHundredJobs(b *testing.B) {
	a := newAtlas(b, atlassim.WithRateLimit(1<<40, 0))
	as := a.as(ownerID)
	b.ReportAllocs()
	for b.Loop() {
		a.send(http.MethodGet, jobs+"?itemsPerPage=500", as)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		atlassim.New()
	}
}

func TestSeed_hasTheDocumentedJobIDs(t *testing.T) {
	a := newAtlas(t)
	for label, want := range map[string]struct{ groupID, cluster, id, tier string }{
		"succeeded": {
			groupID: atlassim.SeedGroupID, cluster: "orders", id: "67ebae01a6713bc8f4000000", tier: atlassim.TierServerless,
		},
		"flex": {
			groupID: atlassim.SeedGroupID, cluster: "catalog", id: "67fa3f732c94d7a05e000000", tier: atlassim.TierFlex,
		},
		"flexClosed": {
			groupID: atlassim.SeedGroupID, cluster: "catalog", id: "67ff85732c94d7a05e000004", tier: atlassim.TierFlex,
		},
		"dedicated": {
			groupID: atlassim.SeedGroupID, cluster: "billing", id: "67ed196d71e8b30f96000000", tier: atlassim.TierDedicated,
		},
		"sharded": {
			groupID: atlassim.SeedGroupID, cluster: "reporting", id: "67f291a2b85a2d6c13000000", tier: atlassim.TierDedicated,
		},
		"migratedToFlex": {
			groupID: atlassim.SeedGroupID, cluster: "returns", id: "67c551264f07c9e28d000000", tier: atlassim.TierFlex,
		},
		"migratedToDedicated": {
			groupID: atlassim.SeedGroupID, cluster: "loyalty", id: "67d865694f07c9e28d000000", tier: atlassim.TierDedicated,
		},
		"becomesDedicated": {
			groupID: atlassim.SeedSecondGroupID, cluster: "tickets", id: "67acbe84d2950f6e38800002",
			tier: atlassim.TierServerless,
		},
	} {
		if got := a.example(label); got != (atlassim.Example{
			Label: label, GroupID: want.groupID, ClusterName: want.cluster, RestoreJobID: want.id, Tier: want.tier,
		}) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	a.RetireServerless(true)
	if e := a.example("becomesDedicated"); e.Tier != atlassim.TierDedicated {
		t.Errorf("after the sunset: %+v", e)
	}
}

func TestExamples_beginWithServerless(t *testing.T) {
	serverless := true
	for i, e := range newAtlas(t).Examples() {
		if mine := e.ClusterName == atlassim.SeedClusterName; mine && !serverless {
			t.Errorf("example %d, %s, stands behind others", i, e.Label)
		} else {
			serverless = mine
		}
	}
}
