package gateway

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// costs reads the header with what an operation was estimated at, and what it cost.
func costs(t *testing.T, r result) (estimate, calls int) {
	t.Helper()
	if _, err := fmt.Sscanf(r.Header.Get("X-Atlas-Cost"), "estimate=%d, calls=%d", &estimate, &calls); err != nil {
		t.Fatalf("the header says %q: %v", r.Header.Get("X-Atlas-Cost"), err)
	}
	return estimate, calls
}

const askCost = "X-Atlas-Cost: 1"

func TestCostHeader_hasEstimateAndCalls(t *testing.T) {
	e := newEnv(t, bare)
	query := bodyOf(t, "{"+jobField("a", e.example(t, "succeeded"), "{ id snapshot { id } }")+"}", nil)
	for _, tt := range []struct {
		name            string
		body            string
		estimate, calls int
	}{
		{name: "with the challenge", body: query, estimate: 7, calls: 3},
		{name: "without", body: query, estimate: 7, calls: 2},
		{name: "for nothing", body: bodyOf(t, "{__typename}", nil)},
	} {
		e.sim.ResetCalls()
		r := e.send(t, http.MethodPost, "/graphql", tt.body, post, askCost)
		estimate, calls := costs(t, r)
		if estimate != tt.estimate || calls != tt.calls || calls != len(e.sim.Calls()) {
			t.Errorf("%s: estimate %d, calls %d, really %d", tt.name, estimate, calls, len(e.sim.Calls()))
		}
	}
	if r := e.send(t, http.MethodPost, "/graphql", query, post); r.Header.Get("X-Atlas-Cost") != "" {
		t.Error("the header is sent to who did not ask")
	}
	get := e.byHash(t, "{__typename}")
	if r := e.send(t, http.MethodGet, get, "", curl, askCost); r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a cache may store what an operation cost: %v", r.Header)
	}
}

func TestCost_sharedCallCountsForOneOperation(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	sim := atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
	var once sync.Once
	e := newEnv(t, withUpstream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/restoreJobs/") && r.Header.Get("Authorization") != "" {
			once.Do(func() { close(arrived); <-release })
		}
		sim.ServeHTTP(w, r)
	})))
	e.post(t, "{projects{nodes{id}}}", nil) // the challenge
	query := bodyOf(t, "{"+jobField("a", e.example(t, "succeeded"), "{ id }")+"}", nil)
	counted := make(chan int)
	ask := func() {
		_, calls := costs(t, e.send(t, http.MethodPost, "/graphql", query, post, askCost))
		counted <- calls
	}
	go ask()
	<-arrived
	go ask()
	close(release)
	if a, b := <-counted, <-counted; a+b != len(sim.Calls())-2 {
		t.Errorf("%d and %d were counted of %d", a, b, len(sim.Calls())-2)
	}
}

func TestCost_limitIsInclusive(t *testing.T) {
	e := newEnv(t)
	query := "{" + jobField("a", e.example(t, "succeeded"), "{ id links { href } }") + "}"
	estimate, _ := costs(t, e.send(t, http.MethodPost, "/graphql", bodyOf(t, query, nil), post, askCost))
	const fields = 1 + 2 + 5
	for _, tt := range []struct {
		name, code string
		set        func(*Config, int)
		inside     int
	}{
		{name: "calls", code: "COST_LIMIT_EXCEEDED", set: func(c *Config, n int) { c.MaxCost = n }, inside: estimate},
		{
			name: "fields", code: "ANSWER_LIMIT_EXCEEDED", set: func(c *Config, n int) { c.MaxAnswerFields = n }, inside: fields,
		},
	} {
		inside := newEnv(t, withConfig(func(c *Config) { tt.set(c, tt.inside) }))
		if r := inside.post(t, query, nil); r.Status != 200 || len(r.Errors) > 0 {
			t.Errorf("%s, inside: %d %s", tt.name, r.Status, r.Raw)
		}
		outside := newEnv(t, withConfig(func(c *Config) { tt.set(c, tt.inside-1) }))
		r := outside.send(t, http.MethodPost, "/graphql", bodyOf(t, query, nil), post, askCost)
		x := r.Errors[0].Extensions
		if r.Status != 400 || x["code"] != tt.code || x["limit"] != float64(tt.inside-1) || x["got"] != float64(tt.inside) ||
			strings.Contains(r.Raw, `"data"`) {
			t.Errorf("%s, outside: %d %s", tt.name, r.Status, r.Raw)
		}
		if _, calls := costs(t, r); calls != 0 || len(outside.sim.Calls()) != 0 {
			t.Errorf("%s, outside: %d calls were made", tt.name, len(outside.sim.Calls()))
		}
		lax := newEnv(t, withConfig(func(c *Config) { tt.set(c, tt.inside-1); c.WarnLimits = true }))
		if r := lax.post(t, query, nil); r.Status != 200 || len(r.Errors) > 0 ||
			!strings.Contains(lax.log.String(), "an operation beyond a limit was served") {
			t.Errorf("%s, with warnings alone: %d %s", tt.name, r.Status, r.Raw)
		}
	}
}

// TestCost_endsAnOperationBeyondItsEstimate has a project with more
// clusters than are assumed.
func TestCost_endsAnOperationBeyondItsEstimate(t *testing.T) {
	sim := atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
	const clusters, most = 300, 230
	e := newEnv(t, withUpstream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" || !strings.HasSuffix(r.URL.Path, "/clusters") {
			sim.ServeHTTP(w, r)
			return
		}
		results := make([]string, clusters)
		for i := range results {
			results[i] = fmt.Sprintf(`{"id":"%024x","name":"c%d","stateName":"IDLE"}`, i, i)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"results":[%s],"totalCount":%d}`, strings.Join(results, ","), clusters)
	})), withConfig(func(c *Config) { c.MaxCost = most }))
	r := e.send(t, http.MethodPost, "/graphql",
		bodyOf(t, "{restoreJobs(groupId:\""+atlassim.SeedGroupID+"\"){nodes{id}}}", nil), post, askCost)
	spent := 0
	for _, err := range r.Errors {
		if err.Extensions["code"] == "COST_LIMIT_EXCEEDED" {
			spent++
		}
	}
	// The challenge is not among what was estimated.
	if estimate, calls := costs(t, r); calls != estimate+1 || spent == 0 || r.Status != 200 {
		t.Errorf("%d calls of %d, %d errors of that sort, %d", calls, estimate, spent, r.Status)
	}
}

// TestCost_retriesCountAgainstTheLimit has an Atlas that fails, so that each call takes several
// requests.
func TestCost_retriesCountAgainstTheLimit(t *testing.T) {
	const most = 18
	e := newEnv(t, withAtlas(atlas.WithBreaker(atlas.Breaker{})), withConfig(func(c *Config) { c.MaxCost = most }))
	e.sim.Inject(atlassim.Fault{PathContains: "/restoreJobs", Status: 503})
	r := e.send(t, http.MethodPost, "/graphql",
		bodyOf(t, `{restoreJobs(groupId:"`+atlassim.SeedGroupID+`",clusterNames:["a","b","c"]){nodes{id}}}`, nil), post,
		askCost)
	if estimate, calls := costs(t, r); estimate != most || calls < estimate/2 || calls > most+16 {
		t.Errorf("%d calls of %d: %s", calls, estimate, r.Raw)
	}
}

// TestCost_isAtMostTheEstimate asks made-up questions of gateways that
// know nothing yet, before the sunset and after, of an Atlas that is clear and of one
// that says not found and no more.
func TestCost_isAtMostTheEstimate(t *testing.T) {
	t.Parallel()
	vague := atlassim.Fault{
		PathContains: "/restoreJobs/", Status: 404, ContentType: "application/json", Body: `{"error":404,"errorCode":null}`,
	}
	silent := atlassim.Fault{
		PathContains: "/backup/", Status: 404, ContentType: "application/json",
		Body: `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`,
	}
	for name, prepare := range map[string]func(*env){
		"before the sunset": func(*env) {},
		"after the sunset":  func(e *env) { e.sim.RetireServerless(true) },
		"vague answers":     func(e *env) { e.sim.Inject(vague) },
		"no clusters":       func(e *env) { e.sim.Inject(silent) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Fixed, so that a failure can be had again.
			q := &questions{rand: rand.New(rand.NewPCG(1, 2))}
			asked, most, nearest := 0, 0, 0.0
			for range 10 {
				e := newEnv(t, withAtlas(atlas.WithRetries(0)))
				q.examples = e.sim.Examples()
				e.post(t, "{projects{nodes{id}}}", nil) // the challenge
				prepare(e)
				// The second and third time more is known, which must not make it dearer.
				for range 3 {
					query := q.query()
					e.sim.ResetCalls()
					r := e.send(t, http.MethodPost, "/graphql", bodyOf(t, query, nil), post, askCost)
					if r.Status != 200 {
						continue // refused
					}
					estimate, calls := costs(t, r)
					if calls != len(e.sim.Calls()) || calls > estimate {
						t.Errorf("estimate %d, calls %d, really %d: %s", estimate, calls, len(e.sim.Calls()), query)
					}
					for _, err := range r.Errors {
						if err.Extensions["code"] == "COST_LIMIT_EXCEEDED" {
							t.Errorf("estimate %d, and more was needed: %s", estimate, query)
						}
					}
					asked++
					most, nearest = max(most, calls), max(nearest, float64(calls)/float64(max(estimate, 1)))
				}
			}
			if asked < 15 || most < 20 {
				t.Errorf("%d were served, of which the dearest cost %d", asked, most)
			}
			t.Logf("%d were served; the dearest cost %d calls, and one %.0f %% of its estimate", asked, most, 100*nearest)
		})
	}
}

// questions makes up queries.
type questions struct {
	rand     *rand.Rand
	examples []atlassim.Example
	aliases  int
}

func (q *questions) pick(s ...string) string { return s[q.rand.IntN(len(s))] }

func (q *questions) first() string {
	return strconv.Itoa([]int{0, 1, 2, 3, 5, 20, 98, 99, 300, 500}[q.rand.IntN(10)])
}

func (q *questions) query() string {
	var b strings.Builder
	b.WriteString("{")
	for range 1 + q.rand.IntN(12) {
		q.aliases++
		b.WriteString("a" + strconv.Itoa(q.aliases) + ":" + q.root() + " ")
	}
	b.WriteString("}")
	return b.String()
}

func (q *questions) root() string {
	x := q.examples[q.rand.IntN(len(q.examples))]
	id := x.RestoreJobID
	if q.rand.IntN(4) == 0 {
		id = fmt.Sprintf("%024x", q.rand.IntN(5))
	}
	name := x.ClusterName
	if q.rand.IntN(6) == 0 {
		name = q.pick("nosuch", "nosuch2")
	}
	project := `groupId:"` + x.GroupID + `"`
	cluster := project + `,clusterName:"` + name + `"`
	switch q.rand.IntN(14) {
	case 0, 1, 2, 3, 4, 5:
		return q.pick("serverlessRestoreJob", "restoreJob", "flexRestoreJob", "dedicatedRestoreJob") + `(` + cluster +
			`,restoreJobId:"` + id + `"){` + q.job() + `}`
	case 6, 7:
		return q.pick("serverlessRestoreJobs", "flexRestoreJobs", "dedicatedRestoreJobs") + `(` + cluster + `,first:` +
			q.first() + `){nodes{` + q.job() + `}}`
	case 8:
		return `restoreJobs(` + project + `,first:` + q.first() +
			q.pick("", `,states:[FAILED,READY]`, `,deliveryTypes:[DOWNLOAD]`, `,clusterNames:["orders","returns","nosuch"]`) +
			`){nodes{` + q.job() + `}}`
	case 9:
		return `cluster(` + cluster + `){` + q.cluster() + `}`
	case 10:
		return `snapshot(` + cluster + `,snapshotId:"` + id + `"){id}`
	case 11:
		return `project(` + project + `){name clusters(first:` + q.first() + `){nodes{` + q.cluster() + `}}}`
	case 12:
		return `projects(first:` + q.first() + `){nodes{id clusters(first:` + q.first() + `){nodes{name}}}}`
	default:
		return `_entities(representations:[` +
			strings.Repeat(`{__typename:"`+q.pick("RestoreJob", "ServerlessRestoreJob", "FlexRestoreJob", "AtlasSnapshot")+
				`",groupId:"`+x.GroupID+`",clusterName:"`+name+`",id:"`+id+`"},`, 1+q.rand.IntN(3)) +
			`{__typename:"AtlasCluster",groupId:"` + x.GroupID + `",name:"` + name + `"},{__typename:"AtlasProject",id:"` +
			x.GroupID + `"}]){` +
			`...on RestoreJob{` + q.job() + `} ...on AtlasCluster{` + q.cluster() + `}}`
	}
}

func (q *questions) job() string {
	return "id " + q.pick("", "state", "snapshot{id}", "targetCluster{name}",
		"snapshot{id} targetCluster{name project{name}}")
}

func (q *questions) cluster() string {
	return "name " + q.pick("", "project{name}", "restoreJobs(first:"+q.first()+"){nodes{"+q.job()+"}}",
		"snapshots(first:"+q.first()+"){nodes{id}}")
}
