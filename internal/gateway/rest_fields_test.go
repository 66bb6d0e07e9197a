package gateway

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/icholy/digest"

	"atlas-restore-gateway/internal/atlassim"
)

// Every field of each type of job.
const (
	serverlessFields = `
		id groupId clusterName state servedBy cancelled deliveryType deliveryUrl desiredTimestamp { date increment }
		expired expiresAt failed finishedAt links { href rel } oplogInc oplogTs pointInTimeUTCSeconds
		snapshotId targetClusterName targetGroupId timestamp`
	dedicatedFields = serverlessFields + `
		components { replicaSetName downloadUrl privateDownloadDeliveryUrls { deliveryUrl endpointId } }
		privateDownloadDeliveryUrls { deliveryUrl endpointId } targetDeploymentItemName`
	flexFields = `
		id groupId clusterName state servedBy deliveryType deliveryUrl expiresAt failed finishedAt links { href rel } snapshotId
		targetClusterName targetGroupId timestamp projectId instanceName status snapshotUrl snapshotFinishedDate restoreScheduledDate
		restoreFinishedDate expirationDate targetDeploymentItemName targetProjectId`
	allFields = "{" + serverlessFields + "}"
)

// jobField is a root field that asks for a job.
func jobField(alias string, x atlassim.Example, selection string) string {
	return rootField(alias, "serverlessRestoreJob", x, selection)
}

func rootField(alias, field string, x atlassim.Example, selection string) string {
	return alias + ": " + field + `(groupId: "` + x.GroupID + `", clusterName: "` + x.ClusterName + `", restoreJobId: "` +
		x.RestoreJobID + `") ` + selection + "\n"
}

// tiers are the root field, the selection and the REST path of each tier.
var tiers = map[string]struct{ field, selection, path string }{
	atlassim.TierServerless: {field: "serverlessRestoreJob", selection: serverlessFields, path: "serverless"},
	atlassim.TierFlex:       {field: "flexRestoreJob", selection: flexFields, path: "flexClusters"},
	atlassim.TierDedicated:  {field: "dedicatedRestoreJob", selection: dedicatedFields, path: "clusters"},
}

// TestRESTFields_areAllInTheGraph asks Atlas and the gateway for the same job and
// compares every field.
func TestRESTFields_areAllInTheGraph(t *testing.T) {
	e := newEnv(t)
	rest := httptest.NewServer(e.sim)
	defer rest.Close()
	for _, x := range e.sim.Examples() {
		t.Run(x.Label, func(t *testing.T) {
			tier := tiers[x.Tier]
			want := restGet(t, rest.URL+"/api/atlas/v2/groups/"+x.GroupID+"/"+tier.path+"/"+x.ClusterName+"/backup/restoreJobs/"+
				x.RestoreJobID)
			r := e.post(t, "{"+rootField("job", tier.field, x, "{"+tier.selection+"}")+"}", nil)
			if len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
			compareJob(t, want, object(t, r.Data["job"]))
		})
	}
}

// restGet reads a resource as it is, without the client.
func restGet(t *testing.T, url string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.atlas.2025-03-12+json")
	client := &http.Client{Transport: &digest.Transport{
		Username: testPublicKey, Password: testPrivateKey, Transport: &http.Transport{DisableKeepAlives: true},
	}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s %v", res.StatusCode, body, err)
	}
	return object(t, body)
}

func object(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(raw, &o); err != nil || o == nil {
		t.Fatalf("no object: %v %s", err, raw)
	}
	return o
}

// doubleNames are the names of a Flex job's fields, and their names in the graph.
var doubleNames = map[string][]string{
	"projectId": {"groupId", "projectId"}, "instanceName": {"clusterName", "instanceName"},
	"snapshotFinishedDate": {"timestamp", "snapshotFinishedDate"},
	"restoreFinishedDate":  {"finishedAt", "restoreFinishedDate"},
	"expirationDate":       {"expiresAt", "expirationDate"}, "targetProjectId": {"targetGroupId", "targetProjectId"},
	"targetDeploymentItemName": {"targetClusterName", "targetDeploymentItemName"},
}

// compareJob wants every field of the REST answer in the graph's, and nothing there
// that was absent here.
func compareJob(t *testing.T, rest, graph map[string]any) {
	t.Helper()
	rest, graph = maps.Clone(rest), maps.Clone(graph)
	want := map[string]any{}
	for name := range graph {
		want[name] = nil
	}
	_, flex := rest["status"]
	for name, value := range rest {
		names := []string{name}
		switch name {
		case "deliveryType":
			known := map[any]any{
				"automated": "AUTOMATED", "download": "DOWNLOAD", "pointInTime": "POINT_IN_TIME", "RESTORE": "AUTOMATED",
				"DOWNLOAD": "DOWNLOAD", nil: nil,
			}
			value = orUnknown(known, value)
		case "status":
			known := map[any]any{
				"PENDING": "PENDING", "QUEUED": "QUEUED", "RUNNING": "RUNNING", "FAILED": "FAILED", "COMPLETED": "COMPLETED",
			}
			if value = orUnknown(known, value); value != "UNKNOWN" {
				want["failed"] = value == "FAILED"
			}
		case "desiredTimestamp":
			if ts, ok := value.(map[string]any); ok {
				delete(ts, "time") // undocumented, and null wherever it was recorded
				if ts["date"] == nil && ts["increment"] == nil {
					value = nil
				}
			}
		case "snapshotUrl":
			want["deliveryUrl"] = []any{value}
		case "links":
			// Hrefs name the host that was asked, which differs here.
			hideHosts(value)
			hideHosts(graph["links"])
		}
		if other, ok := doubleNames[name]; ok && flex {
			names = other
		}
		for _, n := range names {
			want[n] = value
		}
	}
	// What the gateway adds.
	for _, name := range []string{"groupId", "clusterName", "state", "servedBy"} {
		if s, ok := graph[name].(string); !ok || s == "" || want[name] != nil && want[name] != s {
			t.Errorf("%s is %v", name, graph[name])
		}
		want[name] = graph[name]
	}
	dropNested(graph["components"])
	if diff := cmp.Diff(want, graph); diff != "" {
		t.Error(diff)
	}
}

// dropNested takes away what is null in the elements of a list: REST leaves it out.
func dropNested(list any) {
	elements, _ := list.([]any)
	for _, e := range elements {
		maps.DeleteFunc(e.(map[string]any), func(_ string, v any) bool { return v == nil })
	}
}

func orUnknown(known map[any]any, value any) any {
	if v, ok := known[value]; ok {
		return v
	}
	return "UNKNOWN"
}

func hideHosts(links any) {
	list, _ := links.([]any)
	for _, l := range list {
		link := l.(map[string]any)
		if href, ok := link["href"].(string); ok {
			if _, path, found := strings.Cut(href, "/api/"); found {
				link["href"] = "/api/" + path
			}
		}
	}
}
