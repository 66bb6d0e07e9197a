package restore

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// firstJob is the newest job of a cluster, read without the service's memory.
func (e *env) firstJob(t *testing.T, tier Tier, cluster ClusterKey) string {
	t.Helper()
	p, err := e.listJobs(t.Context(), tier, cluster, atlas.ListOptions{})
	if err != nil || len(p.items) == 0 {
		t.Fatal(err, "or no jobs")
	}
	e.sim.ResetCalls()
	return p.items[0].JobID
}

func TestAskTiers_makesAsFewCallsAsPossible(t *testing.T) {
	tests := map[string]struct {
		cluster ClusterKey
		now     Tier // what has the cluster
		mode    ServerlessMode
		retire  func(*atlassim.Simulator)
		first   int // calls for the first question about the cluster
		other   int // calls for the first question about another migrated cluster of the project, -1 for not asked
	}{
		"a serverless instance while its API lives": {
			cluster: orders, now: Serverless, mode: ServerlessAuto, retire: nil, first: 1, other: -1,
		},
		"migrated to Flex while the API lives": {
			cluster: returns, now: Flex, mode: ServerlessAuto, retire: nil, first: 2, other: 2,
		},
		"migrated to Dedicated while the API lives": {
			cluster: loyalty, now: Dedicated, mode: ServerlessAuto, retire: nil, first: 3, other: 2,
		},
		"an instance after the sunset, by 410": {
			cluster: orders, now: Flex, mode: ServerlessAuto, retire: retire410, first: 2, other: 1,
		},
		"an instance after the sunset, by 404": {
			cluster: orders, now: Flex, mode: ServerlessAuto, retire: retire404, first: 2, other: 2,
		},
		"an instance that became Dedicated, after": {
			cluster: tickets, now: Dedicated, mode: ServerlessAuto, retire: retire410, first: 3, other: -1,
		},
		"with the serverless API off": {
			cluster: returns, now: Flex, mode: ServerlessOff, retire: nil, first: 1, other: -1,
		},
		"with the serverless API off, migrated to Dedicated": {
			cluster: loyalty, now: Dedicated, mode: ServerlessOff, retire: nil, first: 2, other: -1,
		},
		"with the serverless API on": {
			cluster: orders, now: Serverless, mode: ServerlessOn, retire: nil, first: 1, other: -1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, tt.mode)
			if tt.retire != nil {
				tt.retire(e.sim)
			}
			id := e.firstJob(t, tt.now, tt.cluster)
			job, err := e.Job(t.Context(), Serverless, tt.cluster.job(id))
			if err != nil {
				t.Fatal(err)
			}
			if job.JobID != id || job.ServedBy != tt.now || job.ClusterName != tt.cluster.Name {
				t.Errorf("got %+v", job)
			}
			e.wantCalls(t, tt.first)
			if _, err := e.Job(t.Context(), Serverless, tt.cluster.job(id)); err != nil {
				t.Error(err)
			}
			e.wantCalls(t, 1)
			if tt.other < 0 {
				return
			}
			id = e.firstJob(t, Flex, returns)
			e.tiers.removeTier(returns)
			if _, err := e.Job(t.Context(), Serverless, returns.job(id)); err != nil {
				t.Error(err)
			}
			e.wantCalls(t, tt.other)
		})
	}
}

func retire410(s *atlassim.Simulator) { s.RetireServerless(true) }
func retire404(s *atlassim.Simulator) { s.RetireServerlessAs404(true) }

func TestAskTiers_returnsTheCodeOfTheAPIThatHasTheCluster(t *testing.T) {
	tests := map[string]struct {
		key    Key
		retire bool
		status int
		code   string
	}{
		"of a serverless instance": {
			key: orders.job(noJob), retire: false, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of an instance after the sunset": {
			key: orders.job(noJob), retire: true, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of one that became Dedicated": {
			key: tickets.job(noJob), retire: true, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of a Flex cluster": {
			key: catalog.job(noJob), retire: false, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of a Dedicated cluster": {
			key: billing.job(noJob), retire: false, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of a Free cluster": {
			key: free.job(noJob), retire: true, status: 404, code: "RESTORE_JOB_NOT_FOUND",
		},
		"of a missing cluster": {
			key: nowhere.job(noJob), retire: false, status: 404, code: "CLUSTER_NOT_FOUND",
		},
		"of a missing cluster, after": {
			key: nowhere.job(noJob), retire: true, status: 404, code: "CLUSTER_NOT_FOUND",
		},
		"of a project that the key cannot see": {
			key: Key{GroupID: "ffffffffffffffffffffffff", ClusterName: "c", JobID: noJob}, retire: false, status: 404,
			code: "GROUP_NOT_FOUND",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			e.sim.RetireServerless(tt.retire)
			for known := range 2 {
				job, err := e.Job(t.Context(), Serverless, tt.key)
				wantCode(t, err, tt.status, tt.code)
				if job != nil {
					t.Errorf("there is a job beside the error: %+v", job)
				}
				if calls := e.calls(); known == 1 && tt.code == "RESTORE_JOB_NOT_FOUND" && len(calls) != 1 {
					t.Errorf("%d calls to a cluster that is known: %v", len(calls), calls)
				}
			}
		})
	}
}

func TestAskTiers_neverTakesATransientFailureForRetired(t *testing.T) {
	faults := map[string]struct {
		atlassim.Fault
		others bool // whether the other APIs are asked
	}{
		"429":      {Fault: atlassim.Fault{Status: 429, RetryAfter: "1"}},
		"500":      {Fault: atlassim.Fault{Status: 500}},
		"HTML":     {Fault: atlassim.Fault{Status: 502, ContentType: "text/html", Body: "<html>"}},
		"404 HTML": {Fault: atlassim.Fault{Status: 404, ContentType: "text/html", Body: "<html>"}, others: true},
		"401":      {Fault: atlassim.Fault{Status: 401}, others: true},
		"403":      {Fault: atlassim.Fault{Status: 403}},
		"cut off":  {Fault: atlassim.Fault{Truncate: true}},
		"broken":   {Fault: atlassim.Fault{Reset: true}},
	}
	for name, tt := range faults {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			key := e.succeeded(t)
			tt.PathContains = "/serverless/"
			remove := e.sim.Inject(tt.Fault)
			_, err := e.Job(t.Context(), Serverless, key)
			if err == nil || isMissing(err) {
				t.Fatalf("got %v", err)
			}
			asked := slices.ContainsFunc(e.calls(), func(path string) bool { return !strings.Contains(path, "/serverless/") })
			if asked != tt.others {
				t.Errorf("another API was asked: %t", asked)
			}
			remove()
			job, err := e.Job(t.Context(), Serverless, key)
			if err != nil || job.ServedBy != Serverless {
				t.Errorf("after it: %+v, %v", job, err)
			}
		})
	}
}

func TestAskTiers_findsTheClusterBehindAnErrorWithoutACode(t *testing.T) {
	const bare = `{"error":404,"errorCode":null,"reason":"Not Found"}`
	e := newEnv(t, ServerlessOff)
	// The Flex API does not say what was not found; the Dedicated one says that the
	// cluster is a Flex cluster.
	remove := e.sim.Inject(atlassim.Fault{
		PathContains: "/flexClusters/", Status: 404, ContentType: "application/json", Body: bare,
	})
	_, err := e.Job(t.Context(), AnyTier, catalog.job(noJob))
	wantCode(t, err, 404, "")
	e.wantCalls(t, 2)
	remove()
	if _, err := e.Job(t.Context(), AnyTier, catalog.job(e.firstJob(t, Flex, catalog))); err != nil {
		t.Error(err)
	}
	e.wantCalls(t, 1)
}

func TestAskTiers_cachesThatServerlessIsRetiredForTheProject(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.sim.RetireServerless(true)
	e.tiers.setTier(returns, Serverless) // as it was before
	if _, err := e.Job(t.Context(), Serverless, e.succeeded(t)); err != nil {
		t.Fatal(err)
	}
	id := e.firstJob(t, Flex, returns)
	if _, err := e.Job(t.Context(), Serverless, returns.job(id)); err != nil {
		t.Error(err)
	}
	e.wantCalls(t, 1)
}

func TestAskTiers_findsAClusterThatChangedItsTier(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	key := e.succeeded(t)
	for _, want := range []struct {
		retired  bool
		servedBy Tier
		calls    int
	}{
		{retired: false, servedBy: Serverless, calls: 1}, {retired: true, servedBy: Flex, calls: 2},
		{retired: true, servedBy: Flex, calls: 1},
	} {
		e.sim.RetireServerless(want.retired)
		job, err := e.Job(t.Context(), Serverless, key)
		if err != nil || job.ServedBy != want.servedBy {
			t.Fatalf("got %+v, %v", job, err)
		}
		e.wantCalls(t, want.calls)
	}
	e.tiers.setTier(key.Cluster(), Dedicated) // as if it had been Dedicated
	if job, err := e.Job(t.Context(), Serverless, key); err != nil || job.ServedBy != Flex {
		t.Errorf("got %+v, %v", job, err)
	}
	e.wantCalls(t, 2)
}

func TestAskTiers_makesOneSearchForConcurrentRequests(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	ask := func(cluster ClusterKey, code string) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := e.Job(t.Context(), Serverless, cluster.job(jobID(1, i)))
				wantCode(t, err, 404, code)
			})
		}
		wg.Wait()
	}
	ask(loyalty, "RESTORE_JOB_NOT_FOUND")
	calls := e.calls()
	for _, tier := range []string{"/serverless/", "/flexClusters/"} {
		if n := len(slices.DeleteFunc(slices.Clone(calls), func(path string) bool { return !strings.Contains(path, tier) })); n != 1 {
			t.Errorf("%d calls of %s", n, tier)
		}
	}
	// The others are asked for together, which costs a list or two before each is missed by itself.
	if n := len(calls); n > 3+19+2 {
		t.Errorf("%d calls", n)
	}
	ask(nowhere, "CLUSTER_NOT_FOUND")
	if n := len(e.calls()); n%3 != 0 || n > 30 {
		t.Errorf("%d calls for a cluster that is missing", n)
	}
}

func TestServerlessOn_asksTheServerlessAPIAlone(t *testing.T) {
	e := newEnv(t, ServerlessOn)
	e.sim.RetireServerless(true)
	_, err := e.Job(t.Context(), Serverless, e.succeeded(t))
	wantCode(t, err, 410, "VERSION_GONE")
	e.wantCalls(t, 1)
	_, err = e.Jobs(t.Context(), JobQuery{Tier: Serverless, Cluster: orders, First: 1})
	wantCode(t, err, 410, "VERSION_GONE")
	e.wantCalls(t, 1)
}
