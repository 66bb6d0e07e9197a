package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

// changed answers as next does, but for the result of each list whose path ends with suffix
// and whose id is given: change says what stands in its place. Without an id it changes none.
type changed struct {
	suffix string
	id     atomic.Value
	change func(result map[string]any) any
}

// newChanged is a gateway before a simulator whose lists are changed. It caches nothing, so
// that a test can look first at what there is.
func newChanged(t *testing.T, suffix string, change func(map[string]any) any) (*env, *changed) {
	t.Helper()
	c := &changed{suffix: suffix, change: change}
	return newEnv(t, bare, wrapUpstream(c.before)), c
}

func (c *changed) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, c.suffix) || r.Header.Get("Authorization") == "" {
			next.ServeHTTP(w, r)
			return
		}
		r.Header.Set("Accept-Encoding", "identity")
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		answered := recorder.Result()
		defer answered.Body.Close()
		body, _ := io.ReadAll(answered.Body)
		var list map[string]any
		if json.Unmarshal(body, &list) == nil {
			results, _ := list["results"].([]any)
			for i, result := range results {
				if object, ok := result.(map[string]any); ok && object["id"] == c.id.Load() {
					results[i] = c.change(object)
				}
			}
			body, _ = json.Marshal(list)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answered.StatusCode)
		_, _ = w.Write(body)
	})
}

// around puts a handler before the simulator.
func wrapUpstream(wrap func(http.Handler) http.Handler) envOption {
	return func(c *envConfig) { c.wrap = wrap }
}

// noDate makes a result one that cannot be decoded.
func noDate(result map[string]any) any {
	result["timestamp"], result["createdAt"], result["snapshotFinishedDate"] = "yesterday", "yesterday", "yesterday"
	result["scheduledTime"] = "yesterday"
	return result
}

// noID makes a result one that nothing identifies.
func noID(map[string]any) any { return nil }

func TestMalformedJob_failsItselfOnly(t *testing.T) {
	lists := map[string]struct{ cluster, suffix string }{
		"serverlessRestoreJobs": {cluster: "orders", suffix: "/serverless/orders/backup/restoreJobs"},
		"flexRestoreJobs":       {cluster: "catalog", suffix: "/flexClusters/catalog/backup/restoreJobs"},
		"dedicatedRestoreJobs":  {cluster: "billing", suffix: "/clusters/billing/backup/restoreJobs"},
	}
	for field, of := range lists {
		t.Run(field, func(t *testing.T) {
			arguments := `groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + of.cluster + `"`
			e, c := newChanged(t, of.suffix, noDate)
			ids := e.ids(t, field+`(`+arguments+`, first: 4)`)
			c.id.Store(ids[1])

			r := e.post(t, `{ list: `+field+`(`+arguments+`, first: 3) {
				edges { at: cursor job: node { id } } ...all pageInfo { endCursor hasNextPage } } }
				fragment all on `+strings.ToUpper(field[:1])+field[1:len(field)-1]+
				`Connection { jobs: nodes { id } edges { again: node { id } } }`, nil)
			want := []string{
				"list.edges.1.again UPSTREAM_ERROR", "list.edges.1.job UPSTREAM_ERROR", "list.jobs.1 UPSTREAM_ERROR",
			}
			if diff := cmp.Diff(want, r.errorPlaces()); diff != "" {
				t.Errorf("%s\n%s", diff, r.Raw)
			}
			var list struct {
				Edges []struct {
					At  string `json:"at"`
					Job *struct {
						ID string `json:"id"`
					} `json:"job"`
				} `json:"edges"`
				Jobs []*struct {
					ID string `json:"id"`
				} `json:"jobs"`
				PageInfo struct {
					EndCursor string `json:"endCursor"`
				} `json:"pageInfo"`
			}
			if err := json.Unmarshal(r.Data["list"], &list); err != nil || len(list.Edges) != 3 || len(list.Jobs) != 3 {
				t.Fatalf("%v: %s", err, r.Raw)
			}
			for i, edge := range list.Edges {
				malformed := i == 1
				if (edge.Job == nil) != malformed || (list.Jobs[i] == nil) != malformed || edge.Job != nil && edge.Job.ID != ids[i] {
					t.Errorf("element %d: %s", i, r.Raw)
				}
			}
			// Its cursor is one like any other.
			for first, after := range map[int]string{2: list.Edges[1].At, 1: list.PageInfo.EndCursor} {
				next := e.ids(t, fmt.Sprintf(`%s(%s, first: %d, after: %q)`, field, arguments, first, after))
				if want := ids[4-first : 4]; !slices.Equal(next, want) {
					t.Errorf("behind %s: got %v, want %v", after, next, want)
				}
			}
			// Where no node is asked for, nothing is wrong.
			if r := e.post(t, `{ `+field+`(`+arguments+`) { edges { cursor } pageInfo { hasNextPage } } }`, nil); len(r.Errors) > 0 {
				t.Error(r.Raw)
			}
		})
	}
}

func TestMalformedJob_isServedByItsOwnCall(t *testing.T) {
	arguments := `groupId: "` + atlassim.SeedGroupID + `", clusterName: "orders"`
	for name, change := range map[string]func(map[string]any) any{"a date": noDate, "no id": noID} {
		t.Run(name, func(t *testing.T) {
			e, c := newChanged(t, "/serverless/orders/backup/restoreJobs", change)
			ids := e.ids(t, `serverlessRestoreJobs(`+arguments+`, first: 5)`)
			c.id.Store(ids[2])
			var query strings.Builder
			for i, id := range ids {
				fmt.Fprintf(&query, `j%d: serverlessRestoreJob(%s, restoreJobId: %q) { id timestamp } `, i, arguments, id)
			}
			e.sim.ResetCalls()
			r := e.post(t, "{"+query.String()+"}", nil)
			if len(r.Errors) > 0 || strings.Contains(r.Raw, "null") {
				t.Error(r.Raw)
			}
			if n := e.count("/restoreJobs"); n != 2 {
				t.Errorf("%d calls", n)
			}
			// And where its own call says no better, its error is its own.
			remove := e.sim.Inject(atlassim.Fault{
				PathContains: "/restoreJobs/" + ids[2], ContentType: "application/json",
				Body: `{"id":"` + ids[2] + `","timestamp":"yesterday"}`,
			})
			defer remove()
			r = e.postNoCache(t, "{"+query.String()+"}")
			if diff := cmp.Diff([]string{"j2 UPSTREAM_ERROR"}, r.errorPlaces()); diff != "" {
				t.Errorf("%s\n%s", diff, r.Raw)
			}
		})
	}
}

func TestMalformedJob_ofAProjectFailsItselfOnly(t *testing.T) {
	arguments := `groupId: "` + atlassim.SeedGroupID + `", clusterNames: ["billing", "catalog"]`
	const suffix = "/clusters/billing/backup/restoreJobs"
	prepare := func(t *testing.T, change func(map[string]any) any) (e *env, ids []string, place int) {
		t.Helper()
		e, c := newChanged(t, suffix, change)
		ids = e.ids(t, `restoreJobs(`+arguments+`, first: 500)`)
		id := e.ids(t, `dedicatedRestoreJobs(groupId: "`+atlassim.SeedGroupID+`", clusterName: "billing")`)[1]
		c.id.Store(id)
		return e, ids, slices.Index(ids, id)
	}
	t.Run("at its place", func(t *testing.T) {
		e, ids, place := prepare(t, noDate)
		r := e.post(t, `{ restoreJobs(`+arguments+`, first: 500) { nodes { id } unread { clusterName } } }`, nil)
		if diff := cmp.Diff([]string{fmt.Sprintf("restoreJobs.nodes.%d UPSTREAM_ERROR", place)}, r.errorPlaces()); diff != "" {
			t.Errorf("%s\n%s", diff, r.Raw)
		}
		if !strings.Contains(r.Raw, `"unread":[]`) || strings.Count(r.Raw, `"id"`) != len(ids)-1 {
			t.Error(r.Raw)
		}
		// It could be in any state: a failure is not an absence.
		r = e.post(t, `{ restoreJobs(`+arguments+`, first: 500, states: [EXPIRED]) { nodes { id } } }`, nil)
		if len(r.Errors) != 1 || len(r.Errors[0].Path) != 3 {
			t.Error(r.Raw)
		}
	})
	t.Run("without an id", func(t *testing.T) {
		e, ids, _ := prepare(t, noID)
		r := e.post(t, `{ restoreJobs(`+arguments+`, first: 500) { nodes { id } unread { clusterName } } }`, nil)
		if diff := cmp.Diff([]string{"restoreJobs UPSTREAM_ERROR"}, r.errorPlaces()); diff != "" {
			t.Errorf("%s\n%s", diff, r.Raw)
		}
		if !strings.Contains(r.Raw, `"unread":[{"clusterName":"billing"}]`) || strings.Count(r.Raw, `"id"`) != len(ids)-1 {
			t.Error(r.Raw)
		}
	})
}

func TestUnidentifiedJob_isAnErrorOfItsList(t *testing.T) {
	arguments := `groupId: "` + atlassim.SeedGroupID + `", clusterName: "catalog"`
	e, c := newChanged(t, "/flexClusters/catalog/backup/restoreJobs", noID)
	ids := e.ids(t, `flexRestoreJobs(`+arguments+`, first: 4)`)
	c.id.Store(ids[1])
	r := e.post(t, `{ flexRestoreJobs(`+arguments+`, first: 3) { nodes { id } }
		cluster(`+arguments+`) { restoreJobs(first: 3) { nodes { id } unread { clusterName } } } }`, nil)
	if diff := cmp.Diff([]string{"cluster.restoreJobs UPSTREAM_ERROR", "flexRestoreJobs UPSTREAM_ERROR"}, r.errorPlaces()); diff != "" {
		t.Errorf("%s\n%s", diff, r.Raw)
	}
	for _, id := range []string{ids[0], ids[2], ids[3]} {
		if strings.Count(r.Raw, id) != 2 {
			t.Errorf("%s is missing: %s", id, r.Raw)
		}
	}
}

func TestMalformedSnapshot_failsItselfOnly(t *testing.T) {
	for cluster, suffix := range map[string]string{
		"orders": "/serverless/orders/backup/snapshots", "catalog": "/flexClusters/catalog/backup/snapshots",
		"billing": "/clusters/billing/backup/snapshots",
	} {
		t.Run(cluster, func(t *testing.T) {
			field := `cluster(groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + cluster + `")`
			for change, failed := range map[string]string{
				"a date": "cluster.snapshots.edges.1.node", "no id": "cluster.snapshots",
			} {
				e, c := newChanged(t, suffix, map[string]func(map[string]any) any{"a date": noDate, "no id": noID}[change])
				ids := e.snapshots(t, cluster)
				c.id.Store(ids[1])
				r := e.post(t, `{ `+field+` { snapshots(first: 3) { edges { node { id } } } }
					one: snapshot(`+field[len("cluster("):len(field)-1]+`, snapshotId: "`+ids[0]+`") { id }
					two: snapshot(`+field[len("cluster("):len(field)-1]+`, snapshotId: "`+ids[1]+`") { id } }`, nil)
				want := []string{failed + " UPSTREAM_ERROR", "two UPSTREAM_ERROR"}
				if diff := cmp.Diff(want, r.errorPlaces()); diff != "" ||
					strings.Count(r.Raw, ids[0])+strings.Count(r.Raw, ids[2]) != 3 {
					t.Errorf("%s\n%s", diff, r.Raw)
				}
			}
		})
	}
}
