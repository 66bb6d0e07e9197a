package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// jobsOfOrders are the ids of the newest 300 jobs of the instance orders.
func (e *env) jobsOfOrders(t *testing.T) []string {
	t.Helper()
	return e.ids(t, `serverlessRestoreJobs(`+in("orders")+`, first: 300)`)
}

// stale sends a query that accepts cached results.
func (e *env) stale(t *testing.T, query string) result {
	t.Helper()
	return e.post(t, query, nil)
}

// checkAnswer asks for jobs and wants each under its own alias, or an error there. It
// reports whether there was none.
func (e *env) checkAnswer(t *testing.T, ids []string, fresh bool) (whole bool) {
	t.Helper()
	var query strings.Builder
	for i, id := range ids {
		query.WriteString(jobField(fmt.Sprint("j", i), atlassim.Example{
			GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: id,
		}, "{ id }"))
	}
	ask := e.stale
	if fresh {
		ask = e.postNoCache
	}
	r := ask(t, "{"+query.String()+"}")
	failed := map[string]bool{}
	for _, err := range r.Errors {
		failed[err.Path[0].(string)] = true
		if err.Extensions["code"] == "INTERNAL_SERVER_ERROR" {
			t.Errorf("got %s", r.Raw)
		}
	}
	for i, id := range ids {
		alias := fmt.Sprint("j", i)
		want := `{"id":"` + id + `"}`
		if failed[alias] {
			want = "null"
		}
		if got := string(r.Data[alias]); got != want {
			t.Errorf("%s is %s, want %s", alias, got, want)
		}
	}
	return len(failed) == 0
}

// ids are the ids of the jobs of a list.
func (e *env) ids(t *testing.T, field string) []string {
	t.Helper()
	var out []string
	for _, node := range e.list(t, field+" { nodes { id } }").Nodes {
		out = append(out, node.ID)
	}
	return out
}

// later lets the clock of a bubble, which begins in the year 2000, come to the time
// that the simulator's jobs are of.
func advanceClock() { <-time.After(time.Until(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))) }
