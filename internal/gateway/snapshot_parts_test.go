package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// failures are faults that say nothing of what exists, and the code of each.
var failures = map[string]struct {
	fault atlassim.Fault
	code  string
}{
	"500":       {fault: atlassim.Fault{Status: 500}, code: codeUpstreamError},
	"429":       {fault: atlassim.Fault{Status: 429, RetryAfter: "1"}, code: codeRateLimited},
	"hang":      {fault: atlassim.Fault{Latency: time.Hour}, code: codeUpstreamTimeout},
	"reset":     {fault: atlassim.Fault{Reset: true}, code: codeUpstreamUnavailable},
	"403":       {fault: atlassim.Fault{Status: 403}, code: codeUpstreamForbidden},
	"HTML page": {fault: atlassim.Fault{Status: 200, ContentType: "text/html", Body: "<html>"}, code: codeUpstreamError},
	"404 of HTML": {
		fault: atlassim.Fault{Status: 404, ContentType: "text/html", Body: "<html>"}, code: codeUpstreamError,
	},
}

// single makes each attempt of the gateway the only one, and caches as the program does.
var single = withAtlas(atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))

// errorPlaces are the path and the code of each error, sorted.
func (r result) errorPlaces() []string {
	var places []string
	for _, e := range r.Errors {
		var path []string
		for _, name := range e.Path {
			path = append(path, fmt.Sprint(name))
		}
		places = append(places, strings.Join(path, ".")+" "+fmt.Sprint(e.Extensions["code"]))
	}
	slices.Sort(places)
	return places
}

// partsOf decodes what a field of the answer has of a snapshot; nil for null.
func partsOf(t *testing.T, r result, path ...string) map[string]any {
	t.Helper()
	raw := r.Data[path[0]]
	for _, name := range path[1:] {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			t.Fatalf("%v: %s", err, r.Raw)
		}
		raw = object[name]
	}
	var snapshot map[string]any
	if err := json.Unmarshal(raw, &snapshot); err != nil {
		t.Fatalf("%v: %s", err, r.Raw)
	}
	return snapshot
}

func TestSnapshot_hasTheErrorOfEitherCall(t *testing.T) {
	firsts := map[string]struct {
		fault   *atlassim.Fault
		isThere bool
	}{
		"404":                   {fault: &atlassim.Fault{Status: 404, ErrorCode: "SNAPSHOT_NOT_FOUND"}},
		"404 that says nothing": {fault: &atlassim.Fault{Status: 404, ContentType: "application/json", Body: nothing404}},
		"sharded":               {isThere: true},
	}
	for firstName, first := range firsts {
		for name, second := range failures {
			for _, field := range []string{"snapshot", "job"} {
				t.Run(field+": "+firstName+", then "+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						e := newEnv(t, inBubble, single, withoutRateLimit)
						x := e.example(t, "sharded")
						snapshotID := e.snapshotOf(t, x)
						const parts = "{ id status members { replicaSetName } ids: snapshotIds }"
						query := `{ snapshot(groupId: "` + x.GroupID + `", clusterName: "` + x.ClusterName +
							`", snapshotId: "` + snapshotID + `") ` + parts + " }"
						path := []string{"snapshot"}
						if field == "job" {
							query = "{" + rootField("job", "dedicatedRestoreJob", x, "{ snapshot "+parts+" }") + "}"
							path = []string{"job", "snapshot"}
						}
						var remove []func()
						if first.fault != nil {
							first.fault.PathContains = "/backup/snapshots/" + snapshotID
							remove = append(remove, e.sim.Inject(*first.fault))
						}
						second.fault.PathContains = "/shardedCluster/" + snapshotID
						remove = append(remove, e.sim.Inject(second.fault))

						r := e.post(t, query, nil)
						place := strings.Join(path, ".")
						want := []string{place + " " + second.code}
						if first.isThere {
							want = []string{place + ".ids " + second.code, place + ".members " + second.code}
						}
						if diff := cmp.Diff(want, r.errorPlaces()); diff != "" {
							t.Errorf("%s\n%s", diff, r.Raw)
						}
						switch got := partsOf(t, r, path...); {
						case (got != nil) != first.isThere:
							t.Errorf("got %s", r.Raw)
						case got != nil && (got["status"] != "COMPLETED" || got["members"] != nil || got["ids"] != nil):
							t.Errorf("got %s", r.Raw)
						}

						for _, end := range remove {
							end()
						}
						<-time.After(2 * time.Second) // what Atlas said to be missing may be cached for one
						r = e.post(t, query, nil)
						got := partsOf(t, r, path...)
						members, _ := got["members"].([]any)
						ids, _ := got["ids"].([]any)
						if len(r.Errors) > 0 || len(members) != 3 || len(ids) != 3 {
							t.Errorf("afterwards: %s", r.Raw)
						}
					})
				})
			}
		}
	}
}

// nothing404 is a 404 of Atlas that does not say what is missing.
const nothing404 = `{"error":404,"errorCode":null,"reason":"Not Found"}`

// snapshotOf is the id of the snapshot of a job.
func (e *env) snapshotOf(t *testing.T, x atlassim.Example) string {
	t.Helper()
	r := e.post(t, "{"+rootField("job", "restoreJob", x, "{ snapshotId }")+"}", nil)
	var job struct {
		SnapshotID string `json:"snapshotId"`
	}
	if err := json.Unmarshal(r.Data["job"], &job); err != nil || job.SnapshotID == "" {
		t.Fatalf("%v: %s", err, r.Raw)
	}
	return job.SnapshotID
}

func TestSnapshots_areServedWithoutUnreadableParts(t *testing.T) {
	tests := maps.Clone(failures)
	none := tests["500"]
	none.fault, none.code = atlassim.Fault{Status: 400, ErrorCode: "INCORRECT_BACKUP_API_ENDPOINT"}, codeBadRequest
	tests["not a sharded cluster"] = none
	none.fault, none.code = atlassim.Fault{Status: 404, ErrorCode: "CLUSTER_NOT_FOUND"}, codeNotFound
	tests["no cluster"] = none
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Longer than two calls that hang take one after the other, which is a matter of their order.
				enough := withConfig(func(c *Config) { c.OperationTimeout = 5 * time.Minute })
				e := newEnv(t, inBubble, single, withoutRateLimit, enough)
				x := e.example(t, "sharded")
				tt.fault.PathContains = "/snapshots/shardedClusters"
				remove := e.sim.Inject(tt.fault)
				query := `{
					cluster(groupId: "` + x.GroupID + `", clusterName: "` + x.ClusterName + `") {
						snapshots(first: 2) { edges { node { id type members { id } } } }
					}
					dedicatedRestoreJobs(groupId: "` + x.GroupID + `", clusterName: "` + x.ClusterName + `", first: 5) {
						nodes { snapshot { id members { id } } }
					}
				}`
				r := e.post(t, query, nil)
				want := []string{
					"cluster.snapshots.edges.0.node.members " + tt.code, "cluster.snapshots.edges.1.node.members " + tt.code,
				}
				for i := range 5 {
					want = append(want, fmt.Sprintf("dedicatedRestoreJobs.nodes.%d.snapshot.members %s", i, tt.code))
				}
				if diff := cmp.Diff(want, r.errorPlaces()); diff != "" {
					t.Errorf("%s\n%s", diff, r.Raw)
				}
				if n := strings.Count(r.Raw, `"members":null`); n != len(want) || strings.Contains(r.Raw, `"snapshot":null`) {
					t.Errorf("%d snapshots without parts: %s", n, r.Raw)
				}
				remove()
				<-time.After(2 * time.Second) // what Atlas said to be missing may be cached for one
				if r := e.post(t, query, nil); len(r.Errors) > 0 || strings.Contains(r.Raw, `"members":null`) {
					t.Errorf("afterwards: %s", r.Raw)
				}
			})
		})
	}
}

func TestSnapshots_ofAReplicaSetMakeNoShardedCall(t *testing.T) {
	e := newEnv(t, single, withoutRateLimit)
	e.sim.Inject(atlassim.Fault{PathContains: "shardedCluster", Status: 500})
	jobs := e.ids(t, `dedicatedRestoreJobs(groupId: "`+atlassim.SeedGroupID+`", clusterName: "billing", first: 3)`)
	if len(jobs) < 2 {
		t.Fatalf("there are %d jobs", len(jobs))
	}
	r := e.post(t, `{
		cluster(groupId: "`+atlassim.SeedGroupID+`", clusterName: "billing") { snapshots { nodes { id members { id } } } }
		dedicatedRestoreJobs(groupId: "`+atlassim.SeedGroupID+
		`", clusterName: "billing") { nodes { snapshot { id members { id } } } }
	}`, nil)
	if len(r.Errors) > 0 || e.count("shardedCluster") > 0 {
		t.Errorf("%d calls: %s", e.count("shardedCluster"), r.Raw)
	}
}
