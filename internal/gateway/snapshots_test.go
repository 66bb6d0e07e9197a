package gateway

import (
	"maps"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/test/recordings"
)

const snapshotFields = `{
	id groupId clusterName servedBy status createdAt expiresAt mongoDBVersion links { href rel } frequencyType snapshotType storageSizeBytes
	scheduledTime startTime finishTime description type cloudProvider copyRegions policyItems replicaSetName masterKeyUUID
	members { id cloudProvider replicaSetName } snapshotIds
}`

var snapshotPath = regexp.MustCompile(`/groups/([a-f0-9]{24}` +
	`)/(clusters|flexClusters)/([^/]+)/backup/snapshots(?:/([a-f0-9]{24}))?$`)

func TestRecordings_snapshotsLoseNoField(t *testing.T) {
	p := &player{}
	snapshots := map[string]int{}
	for _, x := range recordings.Exchanges(t) {
		place := snapshotPath.FindStringSubmatch(x.Path)
		if place == nil || x.Status != http.StatusOK {
			continue
		}
		// The memory of where a cluster is would outlive the answer of another API.
		e := newEnv(t, withUpstream(onlyAPI(place[2], p)), bare)
		for _, body := range singleJobs(t, x.Body) {
			rest := object(t, body)
			p.answer = recordings.Exchange{Status: 200, Headers: x.Headers, Body: string(body)}
			r := e.post(t, `{ s: snapshot(groupId: "`+place[1]+`", clusterName: "`+place[3]+`", snapshotId: "`+
				rest["id"].(string)+`") `+snapshotFields+` }`, nil)
			if len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
			compareSnapshot(t, rest, object(t, r.Data["s"]))
			snapshots[place[2]]++
		}
	}
	if snapshots["clusters"] < 10 || snapshots["flexClusters"] < 10 {
		t.Errorf("only %v were replayed", snapshots)
	}
}

// onlyAPI answers for one API; the others say what Atlas says of a cluster that is
// not theirs.
func onlyAPI(api string, p *player) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := regexp.MustCompile(`/(serverless|clusters|flexClusters)/`).FindStringSubmatch(r.URL.Path)
		if r.Header.Get("Authorization") == "" || asked == nil || asked[1] == api {
			p.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":404,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`))
	})
}

// compareSnapshot wants every field of the REST answer in the graph's, and nothing
// there that was absent here.
func compareSnapshot(t *testing.T, rest, graph map[string]any) {
	t.Helper()
	names := map[string]string{"mongodVersion": "mongoDBVersion", "expiration": "expiresAt"}
	statuses := map[any]any{
		"queued": "QUEUED", "inProgress": "IN_PROGRESS", "completed": "COMPLETED", "failed": "FAILED",
		"PENDING": "PENDING", "QUEUED": "QUEUED", "RUNNING": "IN_PROGRESS", "COMPLETED": "COMPLETED", "FAILED": "FAILED",
	}
	want := map[string]any{}
	for name := range graph {
		want[name] = nil
	}
	for name, value := range rest {
		if name == "status" {
			value = orUnknown(statuses, value)
		}
		if other, ok := names[name]; ok {
			name = other
		}
		want[name] = value
	}
	graph = maps.Clone(graph)
	for _, name := range []string{"groupId", "clusterName", "servedBy"} {
		want[name] = graph[name]
	}
	if diff := cmp.Diff(want, graph); diff != "" {
		t.Error(diff)
	}
}
