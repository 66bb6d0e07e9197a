package gateway

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func withCache(settings restore.CacheSettings) envOption {
	return func(c *envConfig) { c.cache = settings }
}

// tiles is a query for n jobs of the instance orders.
func (e *env) jobsQuery(t *testing.T, n int) string {
	t.Helper()
	list := e.list(t, `serverlessRestoreJobs(`+in("orders")+fmt.Sprintf(`, first: %d) { nodes { id } }`, n))
	if len(list.Nodes) != n {
		t.Fatalf("there are %d jobs", len(list.Nodes))
	}
	var query strings.Builder
	for i, node := range list.Nodes {
		query.WriteString(jobField(fmt.Sprint("tile", i), atlassim.Example{
			GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: node.ID,
		}, "{ id state }"))
	}
	return "{" + query.String() + "}"
}

func TestCallCount_fiftyClientsOfFiftyJobs(t *testing.T) {
	e := newEnv(t)
	query := e.jobsQuery(t, 50)
	// A gateway that has seen nothing yet.
	cold := newEnv(t, withUpstream(e.sim))
	cold.post(t, "{ __typename }", nil)
	e.sim.ResetCalls()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if r := cold.post(t, query, nil); len(r.Errors) > 0 || len(r.Data) != 50 {
				t.Error(r.Raw)
			}
		})
	}
	wg.Wait()
	if n := e.count("restoreJobs"); n > 2 {
		t.Errorf("%d calls", n)
	}
}

func TestCallCount_twentyJobsOfOneCluster(t *testing.T) {
	e := newEnv(t, bare)
	query := e.jobsQuery(t, 20)
	e.sim.ResetCalls()
	for i := range 3 { // nothing is cached between operations here
		if r := e.post(t, query, nil); len(r.Errors) > 0 {
			t.Fatal(r.Raw)
		}
		if n := e.count("restoreJobs"); n != i+1 {
			t.Errorf("%d calls after %d queries", n, i+1)
		}
	}
}

func TestCallCount_finishedJobIsCachedUnlessNoCache(t *testing.T) {
	e := newEnv(t)
	body := `{"query":` + fmt.Sprintf("%q", "{"+strings.TrimSpace(jobField("a", e.example(t, "succeeded"), "{ id }"))+"}") + `}`
	for _, tt := range []struct {
		headers []string
		calls   int
	}{
		{calls: 1}, {calls: 1}, {headers: []string{"Cache-Control: max-age=0"}, calls: 1},
		{headers: []string{"Cache-Control: no-store, no-cache"}, calls: 2}, {calls: 2},
	} {
		r := e.send(t, "POST", "/graphql", body, append(tt.headers, post)...)
		if len(r.Errors) > 0 || r.Status != 200 {
			t.Fatal(r.Raw)
		}
		if n := e.count("restoreJobs"); n != tt.calls {
			t.Errorf("with %v: %d calls, want %d", tt.headers, n, tt.calls)
		}
	}
}
