package restore

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// collectionRestores are those of a cluster of the simulator, newest first.
func (e *env) collectionRestores(t *testing.T, cluster ClusterKey) []*Job {
	t.Helper()
	jobs, err := e.Jobs(t.Context(), JobQuery{Cluster: cluster, Tier: Collection, First: 100})
	if err != nil || len(jobs.Jobs) == 0 {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	e.calls()
	return jobs.Jobs
}

func TestCollectionState_followsAtlas(t *testing.T) {
	for word, want := range map[string]State{
		"INITIALIZING": Pending, "IN_PROGRESS": Running, "FINALIZING": Running, "SUCCESSFUL": Succeeded, "FAILED": Failed,
		"CANCELED": Cancelled, "PARTIALLY_SUCCESSFUL": PartiallySucceeded, "PARTIAL_SUCCESS": PartiallySucceeded,
		"PARTIALLY_SUCCEEDED": PartiallySucceeded, "SUSPENDED": StateUnknown, "": StateUnknown,
	} {
		if got := newEnv(t, ServerlessAuto).collectionState(&word); got != want {
			t.Errorf("%q is %d, want %d", word, got, want)
		}
	}
	if got := newEnv(t, ServerlessAuto).collectionState(nil); got != StateUnknown {
		t.Errorf("nothing is %d", got)
	}
}

func TestJob_findsACollectionRestoreOfAnyTierAlone(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	want := e.collectionRestores(t, billing)[0]
	e.tiers.setTier(billing, Dedicated)
	job, err := e.Job(t.Context(), AnyTier, want.Key)
	if err != nil || job.JobID != want.JobID || job.ServedBy != Collection || job.Collections == nil {
		t.Fatalf("got %+v, %v", job, err)
	}
	e.wantCalls(t, 2)
	job, err = e.Job(t.Context(), Collection, want.Key)
	if err != nil || job.JobID != want.JobID {
		t.Fatalf("got %+v, %v", job, err)
	}
	e.wantCalls(t, 1)
	for _, tier := range []Tier{Dedicated, Serverless} {
		_, err = e.Job(t.Context(), tier, want.Key)
		wantCode(t, err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
		for _, call := range e.calls() {
			if strings.Contains(call, "collectionRestoreJobs") {
				t.Errorf("of tier %d: %s", tier, call)
			}
		}
	}
}

func TestJob_ofAnyTierCostsOneCallMoreForAllMissingJobs(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.Service = newService(t, e.atlas, Options{Cache: DefaultCacheSettings}, e.unknown.logger)
	e.tiers.setTier(billing, Dedicated)
	for i := range 10 {
		_, err := e.Job(t.Context(), AnyTier, billing.job(fmt.Sprintf("%024x", i)))
		wantCode(t, err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	}
	e.wantCalls(t, 10+1)
}

func TestJob_takesNoFailureOfTheCollectionsForAnAbsence(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	key := e.collectionRestores(t, billing)[0].Key
	e.tiers.setTier(billing, Dedicated)
	for name, tt := range map[string]struct {
		fault  atlassim.Fault
		status int
	}{
		"a failure":   {fault: atlassim.Fault{Status: 500}, status: 500},
		"a 403":       {fault: atlassim.Fault{Status: 403}, status: 403},
		"a proxy":     {fault: atlassim.Fault{Status: 404, ContentType: "text/html", Body: "<html>"}, status: 404},
		"rate limits": {fault: atlassim.Fault{Status: 429}, status: 429},
	} {
		tt.fault.PathContains = "collectionRestoreJobs"
		remove := e.sim.Inject(tt.fault)
		_, err := e.Job(t.Context(), AnyTier, key)
		if atlas.IsNotFound(err) {
			t.Errorf("%s: got %v", name, err)
		}
		results, err := e.BatchedJobs(t.Context(), AnyTier, billing, []string{key.JobID, noJob})
		if err != nil || atlas.IsNotFound(results[key.JobID].Err) || results[key.JobID].Err == nil {
			t.Errorf("%s: got %+v, %v", name, results, err)
		}
		remove()
	}
	if _, err := e.Job(t.Context(), AnyTier, key); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestBatchedJobs_ofAnyTierMixBothAPIs(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	e.tiers.setTier(billing, Dedicated)
	collections := e.collectionRestores(t, billing)
	jobs, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, Tier: Dedicated, First: 3})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{noJob}
	for _, job := range slices.Concat(jobs.Jobs, collections[:2]) {
		ids = append(ids, job.JobID)
	}
	e.calls()
	results, err := e.BatchedJobs(t.Context(), AnyTier, billing, ids)
	if err != nil || len(results) != len(ids) {
		t.Fatalf("got %+v, %v", results, err)
	}
	for _, job := range slices.Concat(jobs.Jobs, collections[:2]) {
		if got := results[job.JobID]; got.Err != nil || got.Job.ServedBy != job.ServedBy {
			t.Errorf("%s: got %+v", job.JobID, got)
		}
	}
	wantCode(t, results[noJob].Err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	// The page of the jobs, each of the three that are not on it, and the page of the collection restores.
	e.wantCalls(t, 1+3+1)
}

func TestJobs_ofAnyTierMergesBothAPIsPageByPage(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	all, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, First: 100, Count: true})
	if err != nil || all.HasNext || all.EstimatedTotal == nil || *all.EstimatedTotal != int64(len(all.Jobs)) {
		t.Fatalf("got %+v, %v", all, err)
	}
	tiers := map[Tier]int{}
	for _, job := range all.Jobs {
		tiers[job.ServedBy]++
	}
	if tiers[Collection] != 5 || tiers[Dedicated] < 10 || !slices.IsSortedFunc(all.Jobs, func(a, b *Job) int {
		return strings.Compare(b.JobID, a.JobID)
	}) {
		t.Errorf("got %v", tiers)
	}
	for first := 1; first < 9; first++ {
		var got []*Job
		for after := (Cursor{}); ; {
			p, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, First: first, After: after})
			if err != nil {
				t.Fatal(err)
			}
			got, after = append(got, p.Jobs...), p.End
			if !p.HasNext {
				break
			}
		}
		if diff := cmp.Diff(jobIDs(all.Jobs), jobIDs(got)); diff != "" {
			t.Errorf("%d at a time: %s", first, diff)
		}
	}
}

func TestLists_serveTheOtherJobsWhereCollectionRestoresFail(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	e.sim.Inject(atlassim.Fault{PathContains: billing.Name + "/collectionRestoreJobs", Status: 403, ErrorCode: "USER_UNAUTHORIZED"})
	jobs, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, First: 20})
	if err != nil || len(jobs.Jobs) == 0 || len(jobs.Failures) != 1 {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	wantCode(t, jobs.Failures[0], http.StatusForbidden, "USER_UNAUTHORIZED")
	for name, names := range map[string][]string{"all": nil, "named": {billing.Name, reporting.Name}} {
		project, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: billing.GroupID, ClusterNames: names, First: 500})
		if err != nil || len(project.Unread) != 1 {
			t.Fatalf("%s: got %+v, %v", name, project, err)
		}
		if u := project.Unread[0]; u.ClusterName != billing.Name || u.API != Collection {
			t.Errorf("%s: %+v is unread", name, u)
		}
		served := map[string]map[Tier]bool{billing.Name: {}, reporting.Name: {}}
		for _, job := range project.Jobs.Jobs {
			if s := served[job.ClusterName]; s != nil {
				s[job.ServedBy] = true
			}
		}
		want := map[string]map[Tier]bool{billing.Name: {Dedicated: true}, reporting.Name: {Dedicated: true, Collection: true}}
		if diff := cmp.Diff(want, served); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// A cluster that fails as a whole is named once.
	e.sim.Inject(atlassim.Fault{PathContains: billing.Name + "/backup/restoreJobs", Status: 500})
	project, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: billing.GroupID, First: 500})
	if err != nil || len(project.Unread) != 1 || project.Unread[0].API != AnyTier {
		t.Errorf("got %+v, %v", project, err)
	}
}

func TestCollections_costNothingWhereAtlasHasNoneOfThem(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithoutCollectionRestores())
	read := func() {
		t.Helper()
		if _, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, First: 20}); err != nil {
			t.Fatal(err)
		}
		_, err := e.Job(t.Context(), AnyTier, billing.job(noJob))
		wantCode(t, err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
		if _, err := e.BatchedJobs(t.Context(), AnyTier, reporting, []string{noJob, strings.Repeat("1", 24)}); err != nil {
			t.Fatal(err)
		}
		project, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: billing.GroupID, First: 20})
		if err != nil || len(project.Unread) > 0 {
			t.Fatalf("got %+v, %v", project, err)
		}
		only, err := e.Jobs(t.Context(), JobQuery{Cluster: billing, Tier: Collection, First: 20})
		if err != nil || len(only.Jobs) > 0 {
			t.Fatalf("got %+v, %v", only, err)
		}
	}
	count := func() (n int) {
		for _, call := range e.calls() {
			if strings.Contains(call, "collectionRestoreJobs") {
				n++
			}
		}
		return n
	}
	read()
	if n := count(); n != 1 {
		t.Errorf("%d calls at first", n)
	}
	read()
	if n := count(); n != 0 {
		t.Errorf("%d calls afterwards", n)
	}
}

func TestCollections_costNothingOfFlexAndFreeClusters(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	if _, err := e.Clusters(t.Context(), free.GroupID); err != nil {
		t.Fatal(err)
	}
	e.calls()
	for _, cluster := range []ClusterKey{free, catalog, orders} {
		if _, err := e.Jobs(t.Context(), JobQuery{Cluster: cluster, First: 20}); err != nil {
			t.Fatal(err)
		}
		e.wantCalls(t, 1)
		_, err := e.Job(t.Context(), AnyTier, cluster.job(noJob))
		wantCode(t, err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
		e.wantCalls(t, 1)
	}
	// A cluster that is read by itself tells it, too.
	e = newEnv(t, ServerlessOff)
	e.tiers.setTier(free, Dedicated)
	if _, err := e.Cluster(t.Context(), free); err != nil {
		t.Fatal(err)
	}
	e.calls()
	if _, err := e.Jobs(t.Context(), JobQuery{Cluster: free, First: 20}); err != nil {
		t.Fatal(err)
	}
	e.wantCalls(t, 1)
}

func TestRestoredCollections_areASlice(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithCollectionRestores())
	job := e.collectionRestores(t, billing)[1].JobID
	all, err := e.RestoredCollections(t.Context(), SliceQuery{Cluster: billing, JobID: job, First: 20})
	if err != nil || len(all.Items) != 2 || all.More {
		t.Fatalf("got %+v, %v", all, err)
	}
	e.wantCalls(t, 1)
	for offset, more := range []bool{true, false} {
		one, err := e.RestoredCollections(t.Context(), SliceQuery{Cluster: billing, JobID: job, First: 1, Offset: offset})
		if err != nil || len(one.Items) != 1 || one.More != more ||
			one.Items[0].SourceNamespace != all.Items[offset].SourceNamespace {
			t.Errorf("from %d: %+v, %v", offset, one, err)
		}
	}
	none, err := e.RestoredCollections(t.Context(), SliceQuery{Cluster: billing, JobID: job, First: 20, Offset: 7})
	if err != nil || len(none.Items) != 0 || none.More {
		t.Errorf("behind the end: %+v, %v", none, err)
	}
	_, err = e.RestoredCollections(t.Context(), SliceQuery{Cluster: billing, JobID: noJob, First: 20})
	wantCode(t, err, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
}
