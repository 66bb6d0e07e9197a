package gateway

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// TestInAStormOfFaultsNoAnswerIsLostOrMixedUp has many clients ask for many jobs while
// Atlas fails in every way. Each job carries its own id, so a mixed-up answer shows; what
// has no job has an error. When the storm is over everything is served again.
func TestInAStormOfFaultsNoAnswerIsLostOrMixedUp(t *testing.T) {
	for name, keep := range map[string]restore.Keep{"keeping nothing": {}, "keeping answers": {Bytes: 1 << 20, Final: time.Millisecond, Running: time.Millisecond, Missing: time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, bare, withKeep(keep))
			jobs := e.ids(t, `serverlessRestoreJobs(`+in("orders")+`, first: 300)`)
			// Fixed, so that a failure can be had again.
			storm := rand.New(rand.NewPCG(1, 2))
			faults := []atlassim.Fault{
				{Status: 500}, {Status: 502, ContentType: "text/html", Body: "<html>"}, {Status: 503}, {Status: 429, RetryAfter: "1"}, {Truncate: true}, {Reset: true},
				{Latency: time.Millisecond}, {Status: 404, ContentType: "application/json", Body: `{"error":404,"errorCode":null}`},
			}
			for range 200 {
				fault := faults[storm.IntN(len(faults))]
				fault.PathContains, fault.Times = "restoreJobs", 1+storm.IntN(2)
				e.sim.Inject(fault)
			}
			var wg sync.WaitGroup
			for client := range 16 {
				picks := rand.New(rand.NewPCG(uint64(client), 3))
				wg.Go(func() {
					for range 15 {
						var asked []string
						for range 1 + picks.IntN(8) {
							asked = append(asked, jobs[picks.IntN(len(jobs))])
						}
						e.checkAnswer(t, asked, true)
					}
				})
			}
			wg.Wait()
			if e.sim.CountCalls(func(c atlassim.Call) bool { return c.Status == 503 }) == 0 {
				t.Fatal("there was no storm")
			}
			e.weather(t, jobs)
		})
	}
}

// weather asks until what is left of the storm is spent, and wants everything then.
func (e *env) weather(t *testing.T, jobs []string) {
	t.Helper()
	for i := 0; ; i++ {
		if i == 1000 {
			t.Fatal("the storm does not end")
		}
		r := e.post(t, "{"+jobField("a", atlassim.Example{GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: jobs[i%len(jobs)]}, "{ id }")+"}", nil)
		if len(r.Errors) == 0 && i > 500 {
			break
		}
	}
	e.checkAnswer(t, jobs[:50], false)
}

// checkAnswer asks for jobs and wants each under its own alias, or an error there.
func (e *env) checkAnswer(t *testing.T, ids []string, mayFail bool) {
	t.Helper()
	var query strings.Builder
	for i, id := range ids {
		query.WriteString(jobField(fmt.Sprint("j", i), atlassim.Example{GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: id}, "{ id }"))
	}
	r := e.post(t, "{"+query.String()+"}", nil)
	failed := map[string]bool{}
	for _, err := range r.Errors {
		failed[err.Path[0].(string)] = true
		if err.Extensions["code"] == "INTERNAL_SERVER_ERROR" {
			t.Errorf("got %s", r.Raw)
		}
	}
	if len(failed) > 0 && !mayFail {
		t.Errorf("after the storm: %s", r.Raw)
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
