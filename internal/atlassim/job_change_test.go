package atlassim_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestAddJob_isFirstAndRuns(t *testing.T) {
	a := newAtlas(t)
	for path, name := range map[string]string{
		jobs:                            atlassim.SeedClusterName,
		catalogJobs:                     atlassim.SeedFlexClusterName,
		billing + "/backup/restoreJobs": atlassim.SeedReplicaSetClusterName,
	} {
		a.clock.advance(time.Second) // so that it is newer than the live job of the start
		total := *a.list(path).TotalCount
		id := a.AddJob(atlassim.SeedGroupID, name, 90*time.Second)
		l := a.list(path)
		if id == "" || l.Results[0].ID != id || *l.TotalCount != total+1 {
			t.Fatalf("%s: added %q, the list begins with %s and has %d after %d", name, id, l.Results[0].ID, *l.TotalCount,
				total)
		}
		ended := func() bool {
			job := decode[map[string]any](t, a.get(path+"/"+id))
			return job["finishedAt"] != nil || job["restoreFinishedDate"] != nil
		}
		a.clock.advance(89 * time.Second)
		if ended() {
			t.Errorf("%s: it ended early", name)
		}
		a.clock.advance(time.Second)
		if !ended() {
			t.Errorf("%s: it has not ended", name)
		}
	}
	if id := a.AddJob(atlassim.SeedGroupID, "absent", 0) + a.AddJob(noID, "orders", 0) +
		a.AddJob(atlassim.SeedGroupID, atlassim.SeedMigratedToFreeName, 0); id != "" {
		t.Errorf("a job %q without a cluster", id)
	}
}

func TestAddJob_shiftsThePages(t *testing.T) {
	a := newAtlas(t)
	a.clock.advance(time.Second)
	first := a.list(jobs + "?itemsPerPage=3")
	for range 2 {
		a.AddJob(atlassim.SeedGroupID, atlassim.SeedClusterName, 0)
	}
	second := a.list(jobs + "?itemsPerPage=3&pageNum=2")
	if second.Results[0].ID != first.Results[1].ID || second.Results[1].ID != first.Results[2].ID {
		t.Errorf("page 1 %v, then page 2 %v", first.Results, second.Results)
	}
}

func TestRemoveJob_isGone(t *testing.T) {
	a := newAtlas(t)
	a.clock.advance(10 * time.Minute)
	for _, label := range []string{
		"newest", "running", "succeeded", "flexRunning", "dedicated", "sharded", "becomesDedicated",
	} {
		e := a.example(label)
		path := jobPath(e)
		wantStatus(t, a.get(path), http.StatusOK)
		if !a.RemoveJob(e.GroupID, e.ClusterName, e.RestoreJobID) {
			t.Errorf("%s was not there", label)
		}
		wantError(t, a.get(path), http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
		if a.RemoveJob(e.GroupID, e.ClusterName, e.RestoreJobID) {
			t.Errorf("%s was there again", label)
		}
	}
	for _, r := range a.list(jobs).Results {
		wantStatus(t, a.get(jobs+"/"+r.ID), http.StatusOK)
	}
	if a.RemoveJob(atlassim.SeedGroupID, "absent", noID) || a.RemoveJob(noID, "orders", noID) ||
		a.RemoveJob(atlassim.SeedGroupID, "orders", "short") {
		t.Error("a job without a cluster was removed")
	}
}

func TestAddJob_changesListsWhileTheyAreRead(t *testing.T) {
	a := newAtlas(t, atlassim.WithRateLimit(1<<30, 0))
	as := a.as(ownerID)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				a.RemoveJob(atlassim.SeedGroupID, "orders", a.AddJob(atlassim.SeedGroupID, "orders", time.Second))
				a.AddJob(atlassim.SeedGroupID, "catalog", 0)
				a.clock.advance(time.Millisecond)
			}
		})
		wg.Go(func() {
			for range 25 {
				for _, path := range []string{jobs + "?itemsPerPage=7", catalogJobs + "?pageNum=2"} {
					if w := a.send(http.MethodGet, path, as); w.Code != http.StatusOK {
						t.Errorf("%s: status %d", path, w.Code)
					}
				}
			}
		})
	}
	wg.Wait()
	if got, want := *a.list(catalogJobs).TotalCount, 100+*newAtlas(t).list(catalogJobs).TotalCount; got != want {
		t.Errorf("%d jobs, want %d", got, want)
	}
}

func TestBulkCluster_pagesThroughAllItsJobs(t *testing.T) {
	const bulk = groups + atlassim.SeedGroupID + "/clusters/" + atlassim.BulkClusterName + "/backup/restoreJobs"
	for name, opts := range map[string][]atlassim.Option{
		"with the seed":    {atlassim.WithJobs(1234)},
		"without the seed": {atlassim.WithJobs(1234), atlassim.WithoutSeed()},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t, opts...)
			seen := map[string]bool{}
			pages := 0
			for target := bulk + "?itemsPerPage=500"; target != ""; pages++ {
				l := a.list(target)
				for _, r := range l.Results {
					seen[r.ID] = true
				}
				next := l.rel("next")
				if target = ""; next != "" {
					target = pathOf(t, next)
				}
			}
			if len(seen) != 1234 || pages != 3 {
				t.Errorf("%d jobs on %d pages", len(seen), pages)
			}
		})
	}
	if l := newAtlas(t, atlassim.WithJobs(1<<30)).list(bulk + "?pageNum=501"); *l.TotalCount != 50_000 ||
		len(l.Results) != 0 {
		t.Errorf("%d jobs, %d of them past the end", *l.TotalCount, len(l.Results))
	}
	wantError(t, newAtlas(t, atlassim.WithJobs(0)).get(bulk), http.StatusNotFound, "CLUSTER_NOT_FOUND")
}

func TestCountCalls_countsByOperation(t *testing.T) {
	a := newAtlas(t)
	as := a.as(ownerID)
	a.ResetCalls()
	for range 3 {
		a.send(http.MethodGet, jobs+"?itemsPerPage=1", as)
	}
	a.send(http.MethodGet, catalog, as)
	if got := a.CountCalls(func(c atlassim.Call) bool { return c.Path == jobs && c.Status == http.StatusOK }); got != 3 {
		t.Errorf("%d calls, want 3", got)
	}
}

func BenchmarkBulkCluster_lastPage(b *testing.B) {
	a := newAtlas(b, atlassim.WithRateLimit(1<<40, 0), atlassim.WithJobs(50_000))
	as := a.as(ownerID)
	b.ReportAllocs()
	for b.Loop() {
		a.send(http.MethodGet, groups+atlassim.SeedGroupID+"/clusters/bulk/backup/restoreJobs?itemsPerPage=500&pageNum=100",
			as)
	}
}

func BenchmarkBulkCluster_new(b *testing.B) {
	for b.Loop() {
		atlassim.New(atlassim.WithJobs(50_000))
	}
}
