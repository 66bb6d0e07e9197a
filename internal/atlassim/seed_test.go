package atlassim_test

import (
	"net/http"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestQuotedNamesExist(t *testing.T) {
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

func TestGroupsAreListedByNameAndOpenedInFull(t *testing.T) {
	a := newAtlas(t)
	type group struct {
		ID, Name     string
		ClusterCount int
		Links        []link
	}
	got := decode[struct{ Results []group }](t, a.get(root+"/groups")).Results
	if len(got) != 2 || got[0].Name != "Storefront" || got[1].Name != "Support desk" || got[0].ClusterCount != 3 {
		t.Fatalf("groups %+v", got)
	}
	if len(got[0].Links) != 1 {
		t.Errorf("a listed project links only to itself: %v", got[0].Links)
	}
	if one := decode[group](t, a.get(groups+got[0].ID)); len(one.Links) != 7 {
		t.Errorf("a project has seven links: %v", one.Links)
	}
}

func TestSystemStatusTellsWhoAsks(t *testing.T) {
	a := newAtlas(t)
	type status struct {
		APIKey *struct {
			ID, PublicKey string
			Roles         []struct{ RoleName string }
		}
		AppName    string
		Throttling *bool
	}
	c := a.shake(root)
	w := a.send(http.MethodGet, root, header("Authorization", c.header()))
	got := decode[status](t, w)
	if got.AppName != "MongoDB Atlas" || got.Throttling == nil || got.APIKey == nil ||
		got.APIKey.PublicKey != publicKey || len(got.APIKey.ID) != 24 || got.APIKey.Roles[0].RoleName != "GROUP_OWNER" {
		t.Errorf("status for an API key: %s", w.Body)
	}
	if got := decode[status](t, a.get(root)); got.APIKey != nil {
		t.Errorf("a service account has no API key, got %+v", got.APIKey)
	}
}

func TestExamplesExistAndAreDistinct(t *testing.T) {
	a := newAtlas(t)
	labels, ids := map[string]bool{}, map[string]bool{}
	for _, e := range a.Examples() {
		labels[e.Label], ids[e.RestoreJobID] = true, true
		wantStatus(t, a.get(groups+e.GroupID+"/serverless/"+e.ClusterName+"/backup/restoreJobs/"+e.RestoreJobID), http.StatusOK)
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

func TestTwoSimulatorsHoldTheSame(t *testing.T) {
	a, b := newAtlas(t), newAtlas(t)
	for _, target := range []string{root + "/groups", jobs + "?itemsPerPage=500", snaps + "?itemsPerPage=500", orders} {
		if a.get(target).Body.String() != b.get(target).Body.String() {
			t.Errorf("%s differs", target)
		}
	}
}

func TestWithoutSeedIsEmpty(t *testing.T) {
	a := newAtlas(t, atlassim.WithoutSeed())
	if l := a.list(root + "/groups"); *l.TotalCount != 0 || l.Results == nil {
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
