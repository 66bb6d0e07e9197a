package atlassim_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	collections = groups + atlassim.SeedGroupID + "/clusters/" + atlassim.SeedReplicaSetClusterName +
		"/collectionRestoreJobs"
)

// collectionJob is what the tests need of a collection restore.
type collectionJob struct {
	ID, State, ErrorMessage           string
	CreatedAt, FinishedAt             time.Time
	RestoredDocuments, TotalDocuments int64
	Collections                       []struct{ SourceNamespace string }
}

func (a *atlas) collectionJobs(path string) []collectionJob {
	a.t.Helper()
	w := a.get(path)
	wantStatus(a.t, w, http.StatusOK)
	return decode[struct{ Results []collectionJob }](a.t, w).Results
}

func TestCollectionRestores_areInEachState(t *testing.T) {
	a := newAtlas(t, atlassim.WithCollectionRestores(), atlassim.WithRecentJobs())
	states, ids := map[string]bool{}, map[string]bool{}
	for _, path := range []string{
		collections, groups + atlassim.SeedGroupID + "/clusters/" + atlassim.SeedDedicatedClusterName + "/collectionRestoreJobs",
		groups + atlassim.SeedGroupID + "/clusters/" + atlassim.SeedMigratedToDedicatedName + "/collectionRestoreJobs",
	} {
		jobs := a.collectionJobs(path)
		if !slices.IsSortedFunc(jobs, func(x, y collectionJob) int { return y.CreatedAt.Compare(x.CreatedAt) }) {
			t.Errorf("%s is not newest first", path)
		}
		for _, j := range jobs {
			if ids[j.ID] {
				t.Errorf("two jobs have the id %s", j.ID)
			}
			states[j.State], ids[j.ID] = true, true
			one := decode[collectionJob](t, a.get(path+"/"+j.ID))
			if one.ID != j.ID || one.State != j.State {
				t.Errorf("%s is %+v by itself and %+v in the list", j.ID, one, j)
			}
		}
	}
	for _, state := range []string{
		"INITIALIZING", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL", "PARTIALLY_SUCCESSFUL", "FAILED", "CANCELED", "SUSPENDED",
	} {
		if !states[state] {
			t.Errorf("no job is %s", state)
		}
	}
}

func TestCollectionRestores_advanceWithTheClock(t *testing.T) {
	a := newAtlas(t, atlassim.WithCollectionRestores())
	first := a.collectionJobs(collections)[0]
	if first.State != "INITIALIZING" || first.TotalDocuments != 0 || len(first.Collections) != 0 {
		t.Fatalf("at first: %+v", first)
	}
	if n := len(a.collectionJobs(collections + "/" + first.ID + "/collections")); n != 0 {
		t.Errorf("%d collections while it begins", n)
	}
	var restored int64
	for _, want := range []string{"IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL"} {
		a.clock.advance(160 * time.Second)
		if want == "FINALIZING" {
			a.clock.advance(30 * time.Second)
		}
		now := decode[collectionJob](t, a.get(collections+"/"+first.ID))
		if now.State != want || now.RestoredDocuments < restored || now.RestoredDocuments > now.TotalDocuments ||
			now.FinishedAt.IsZero() != (want != "SUCCESSFUL") {
			t.Errorf("got %+v, want %s", now, want)
		}
		restored = now.RestoredDocuments
	}
	if n := len(a.collectionJobs(collections + "/" + first.ID + "/collections")); n != 2 {
		t.Errorf("%d collections at the end", n)
	}
}

func TestCollectionRestores_rejectWhatAtlasDoes(t *testing.T) {
	flex := groups + atlassim.SeedGroupID + "/clusters/" + atlassim.SeedFlexClusterName + "/collectionRestoreJobs"
	a := newAtlas(t, atlassim.WithCollectionRestores())
	wantError(t, a.get(collections+"/"+noID), http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	wantError(t, a.get(flex), http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API")
	wantError(t, a.get(collections, a.as(readerID)), http.StatusForbidden, "USER_UNAUTHORIZED")
	wantError(t, a.get(collections, header("Accept", "application/vnd.atlas.2024-08-05+json")), http.StatusNotAcceptable,
		"INVALID_VERSION_DATE")
	if free := a.collectionJobs(groups + atlassim.SeedGroupID + "/clusters/" + atlassim.SeedMigratedToFreeName +
		"/collectionRestoreJobs"); len(free) != 0 {
		t.Errorf("a Free cluster has %d", len(free))
	}
	wantError(t, newAtlas(t, atlassim.WithoutCollectionRestores()).get(collections), http.StatusNotFound, "RESOURCE_NOT_FOUND")
}
