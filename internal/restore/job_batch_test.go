package restore

import (
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// newest are the ids of the newest jobs of a cluster.
func (e *env) newest(t *testing.T, tier Tier, cluster ClusterKey, skip, n int) []string {
	t.Helper()
	all := e.allIDs(t, tier, cluster)
	e.sim.ResetCalls()
	// What reading them has taught is forgotten: as if nothing had been seen yet.
	e.tiers, e.indexes = newTierCache(nil), newJobIndexes()
	return all[skip : skip+n]
}

func TestBatchedJobs_makesTheFewerCalls(t *testing.T) {
	const jobs = 1200
	tests := map[string]struct {
		skip, n int
		also    []string
		calls   int // at first
		again   int // when it is known how far back the list goes
	}{
		"one job":              {skip: 0, n: 1, also: nil, calls: 1, again: 1},
		"two of the newest":    {skip: 0, n: 2, also: nil, calls: 2, again: 1},
		"twenty of the newest": {skip: 100, n: 20, also: nil, calls: 1, again: 1},
		"all five hundred":     {skip: 0, n: 500, also: nil, calls: 1, again: 1},
		"twenty, one of them missing": {
			// The collection restores are looked through, too.
			skip: 100, n: 19, also: []string{"ffffffffffffffffffffffff"}, calls: 3, again: 3,
		},
		"nineteen and an old one":           {skip: 100, n: 19, also: []string{"old"}, calls: 2, again: 2},
		"old ones":                          {skip: 600, n: 20, also: nil, calls: 2, again: 1},
		"the oldest ones":                   {skip: 1180, n: 20, also: nil, calls: 2, again: 1},
		"at the edge of the newest":         {skip: 490, n: 20, also: nil, calls: 2, again: 1},
		"one of the newest and one old one": {skip: 0, n: 1, also: []string{"old"}, calls: 2, again: 2},
		"two that do not exist": {
			skip: 0, n: 0, also: []string{"ffffffffffffffffffffffff", "fffffffffffffffffffffffe"}, calls: 3, again: 4,
		},
		"two old ones":                   {skip: 700, n: 2, also: nil, calls: 2, again: 2},
		"twenty old and twenty new ones": {skip: 0, n: 20, also: []string{"old20"}, calls: 2, again: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto, atlassim.WithJobs(jobs))
			old := e.newest(t, Dedicated, bulk, jobs-100, 100)
			ids := e.newest(t, Dedicated, bulk, tt.skip, tt.n)
			for _, id := range tt.also {
				switch id {
				case "old":
					ids = append(ids, old[99])
				case "old20":
					ids = append(ids, old[:20]...)
				default:
					ids = append(ids, id)
				}
			}
			e.tiers.setTier(bulk, Dedicated)
			for _, want := range []int{tt.calls, tt.again} {
				results, err := e.BatchedJobs(t.Context(), AnyTier, bulk, ids)
				if err != nil || len(results) != len(ids) {
					t.Fatalf("%d results, %v", len(results), err)
				}
				for _, id := range ids {
					r := results[id]
					if id[0] == 'f' {
						wantCode(t, r.Err, 404, "RESTORE_JOB_NOT_FOUND")
					} else if r.Err != nil || r.Job.JobID != id {
						t.Errorf("%s: got %+v", id, r)
					}
				}
				e.wantCalls(t, want)
				// Where jobs stand is learned from any list.
				mustList(t, e, bulk)
				e.calls()
			}
		})
	}
}

func mustList(t *testing.T, e *env, cluster ClusterKey) *page[*Job] {
	t.Helper()
	p, err := e.listJobs(t.Context(), Dedicated, cluster, atlas.ListOptions{
		PageNum: 1, ItemsPerPage: atlas.MaxItemsPerPage,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBatchedJobs_findsTheClusterInOneSearch(t *testing.T) {
	for name, n := range map[string]int{"by a list": 3, "one by one": 2} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			ids := e.newest(t, Dedicated, loyalty, 0, n)
			results, err := e.BatchedJobs(t.Context(), Serverless, loyalty, ids)
			if err != nil || len(results) != n || results[ids[0]].Job == nil || results[ids[0]].Job.ServedBy != Dedicated {
				t.Fatalf("got %+v, %v", results, err)
			}
			// Each of the two others is asked once.
			if want := map[int]int{3: 3, 2: 4}[n]; true {
				e.wantCalls(t, want)
			}
		})
	}
}

func TestBatchedJobs_ofAMissingClusterIsOneError(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	_, err := e.BatchedJobs(t.Context(), Serverless, nowhere, []string{noJob, jobID(1, 1)})
	wantCode(t, err, 404, "CLUSTER_NOT_FOUND")
	e.wantCalls(t, 3)
}

func TestBatchedJobs_readsJobsByThemselvesWhenTheListIsMalformed(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	ids := e.newest(t, Serverless, orders, 0, 5)
	defer e.sim.Inject(atlassim.Fault{
		PathContains: "/restoreJobs", Times: 1, Status: 200, ContentType: "application/json", Body: `{"results":[{}]}`,
	})()
	results, err := e.BatchedJobs(t.Context(), Serverless, orders, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if results[id].Err != nil || results[id].Job.JobID != id {
			t.Errorf("got %+v", results[id])
		}
	}
}

func TestBatchedJobs_returnsAnErrorForAMissingJobAlone(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	ids := e.newest(t, Dedicated, billing, 0, 4)
	e.sim.RemoveJob(billing.GroupID, billing.Name, ids[1])
	results, err := e.BatchedJobs(t.Context(), Dedicated, billing, ids)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if i == 1 {
			wantCode(t, results[id].Err, 404, "RESTORE_JOB_NOT_FOUND")
		} else if results[id].Err != nil {
			t.Error(results[id].Err)
		}
	}
}

func TestBatchedJobs_cachesFinalJobsByThemselves(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.Service = newService(t, e.atlas, Options{Cache: DefaultCacheSettings}, e.unknown.logger)
	ids := e.newest(t, Serverless, orders, 50, 20)
	if _, err := e.BatchedJobs(t.Context(), Serverless, orders, ids); err != nil {
		t.Fatal(err)
	}
	e.calls()
	for _, id := range ids {
		if job, err := e.Job(t.Context(), Serverless, orders.job(id)); err != nil || job.JobID != id {
			t.Errorf("got %+v, %v", job, err)
		}
	}
	e.wantCalls(t, 0)
	if _, err := e.BatchedJobs(WithNoCache(t.Context()), Serverless, orders, ids); err != nil {
		t.Fatal(err)
	}
	e.wantCalls(t, 1)
}

func TestBatchedJobs_readsACachedPageWhereJobsStandOnIt(t *testing.T) {
	e := newEnv(t, ServerlessAuto, atlassim.WithJobs(1200))
	e.Service = newService(t, e.atlas, Options{Cache: CacheSettings{Bytes: 64 << 20, Running: time.Minute}},
		e.unknown.logger)
	ids := e.newest(t, Dedicated, bulk, 0, 1200)
	for name, tt := range map[string]struct {
		ids   []string
		calls int
	}{"jobs that stand on it": {ids: ids[100:120], calls: 0}, "older ones": {ids: ids[700:720], calls: 1}} {
		t.Run(name, func(t *testing.T) {
			mustList(t, e, bulk)
			e.calls()
			results, err := e.BatchedJobs(t.Context(), Dedicated, bulk, tt.ids)
			if err != nil || results[tt.ids[0]].Job == nil {
				t.Fatal(results, err)
			}
			e.wantCalls(t, tt.calls)
		})
	}
}

func TestBatchedJobs_asksAnAPIThatDoesNotTellTwice(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	ids := e.newest(t, Flex, returns, 0, 4)
	e.sim.Inject(pageFault("/serverless/", 404, "<html>"))
	batch, err := e.BatchedJobs(t.Context(), AnyTier, returns, ids)
	if err != nil || batch[ids[3]].Job == nil {
		t.Errorf("got %v", err)
	}
	e.wantCalls(t, 3+1) // a list and two jobs, and the list of the Flex cluster
}
