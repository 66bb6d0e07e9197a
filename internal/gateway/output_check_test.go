package gateway

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answerOf answers each request for a path of the suffix with a body, and every other one
// as Atlas does where there is nothing.
func atlasWith(bodies map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for suffix, body := range bodies {
			if strings.HasSuffix(r.URL.Path, suffix) {
				_, _ = w.Write([]byte(body))
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":404,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`))
	})
}

func TestOutputCheck_malformedValueFailsItsField(t *testing.T) {
	const id = "650000000000000000000001"
	const download = `"deliveryType":"download","finishedAt":"2025-05-04T09:42:00Z",`
	tests := map[string]struct {
		fields string // of the REST resource, beside its id
		query  string // of fields of the job
		want   []string
	}{
		"null for a URL": {
			fields: download + `"deliveryUrl":[null,"x"]`, query: "deliveryUrl", want: []string{"deliveryUrl"},
		},
		"an empty URL": {
			fields: download + `"deliveryUrl":[""]`, query: "deliveryUrl state", want: []string{"deliveryUrl"},
		},
		"an empty id":    {fields: `"snapshotId":""`, query: "snapshotId", want: []string{"snapshotId"}},
		"something else": {fields: `"snapshotId":"x/../y"`, query: "snapshotId", want: []string{"snapshotId"}},
		"capitals": {
			fields: `"snapshotId":"65000000000000000000000A"`, query: "snapshotId", want: []string{"snapshotId"},
		},
		"twice": {
			fields: `"snapshotId":""`, query: "a: snapshotId b: snapshotId", want: []string{"a", "b"},
		},
		"the link of such an id": {fields: `"snapshotId":"x"`, query: "snapshot { id }", want: []string{"snapshot"}},
		"a project":              {fields: `"targetGroupId":"x"`, query: "targetGroupId", want: []string{"targetGroupId"}},
		"the link of such a one": {
			fields: `"targetGroupId":"x","targetClusterName":"c"`, query: "targetCluster { name }",
			want: []string{"targetCluster"},
		},
		"an empty name": {
			fields: `"targetClusterName":""`, query: "targetClusterName", want: []string{"targetClusterName"},
		},
		"the link of such a name": {
			fields: `"targetGroupId":"` + id + `","targetClusterName":""`, query: "targetCluster { name }",
			want: []string{"targetCluster"},
		},
		"a component's URL": {
			fields: download + `"components":[{"downloadUrl":""},{"downloadUrl":"x"}]`, query: "components { downloadUrl }",
			want: []string{"components.0.downloadUrl"},
		},
		"a private URL": {
			fields: download + `"privateDownloadDeliveryUrls":[{"deliveryUrl":"x"},{"deliveryUrl":""}]`,
			query:  "privateDownloadDeliveryUrls { deliveryUrl }", want: []string{"privateDownloadDeliveryUrls.1.deliveryUrl"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			audit := new(bytes.Buffer)
			job := `{"id":"` + id + `",` + tt.fields + `}`
			e := newEnv(t, bare, withConfig(func(c *Config) { c.Access = AllowAll(audit) }),
				withUpstream(atlasWith(map[string]string{
					"/clusters/c/backup/restoreJobs/" + id: job,
					"/clusters/c/backup/restoreJobs":       `{"results":[` + job + `],"totalCount":1}`,
				})))
			const cluster = `groupId: "` + id + `", clusterName: "c"`
			of := cluster + `, restoreJobId: "` + id + `"`
			for query, place := range map[string]string{
				"{ dedicatedRestoreJob(" + of + ") { id " + tt.query + " } }":                       "dedicatedRestoreJob",
				"{ restoreJob(" + of + ") { id ... on DedicatedRestoreJob { " + tt.query + " } } }": "restoreJob",
				"{ dedicatedRestoreJobs(" + cluster + ") { nodes { id " + tt.query + " } } }":       "dedicatedRestoreJobs.nodes.0",
				"{ restoreJobs(groupId: \"" + id + "\", clusterNames: [\"c\"]) { nodes { id ... on DedicatedRestoreJob { " +
					tt.query + " } } } }": "restoreJobs.nodes.0",
			} {
				r := e.post(t, query, nil)
				var want []string
				for _, field := range tt.want {
					want = append(want, place+"."+field+" UPSTREAM_ERROR")
				}
				if diff := cmp.Diff(want, r.errorPlaces()); diff != "" || !strings.Contains(r.Raw, `"id":"`+id+`"`) {
					t.Errorf("%s: %s\n%s", query, diff, r.Raw)
				}
				if strings.Contains(r.Raw, `:""`) || strings.Contains(r.Raw, `[""`) || strings.Contains(r.Raw, "READY") {
					t.Error(r.Raw)
				}
				for _, e := range r.Errors {
					if e.Message != "Atlas's answer cannot be understood" {
						t.Error(e.Message)
					}
				}
			}
			if text := audit.String(); strings.Contains(text, "deliveryUrl") && !strings.Contains(name, "private") {
				t.Errorf("it is written down that a URL was given: %s", text)
			}
			// The neighbour is served, also beside the fast path.
			r := e.post(t, "{ a: dedicatedRestoreJob("+of+") { id "+tt.query+" } b: dedicatedRestoreJob("+of+") { id } }", nil)
			var b struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(r.Data["b"], &b); err != nil || b.ID != id || len(r.Errors) != len(tt.want) {
				t.Errorf("%v: %s", err, r.Raw)
			}
		})
	}
}

func TestOutputCheck_ofASnapshotAndAProject(t *testing.T) {
	const id = "650000000000000000000001"
	e := newEnv(t, bare, withUpstream(atlasWith(map[string]string{
		"/clusters/c/backup/snapshots/" + id: `{"id":"` + id +
			`","type":"shardedCluster","copyRegions":[null],"policyItems":["x"]}`,
		"/clusters/c/backup/snapshots/shardedCluster/" + id: `{"id":"` + id +
			`","copyRegions":["x",null],"policyItems":["x"],"members":[{"id":""},{"id":"` + id + `"}],"snapshotIds":[null,"` +
			id + `"]}`,
		"/groups/" + id: `{"id":"` + id + `","orgId":"x","name":""}`,
	})))
	r := e.post(t, `{
		snapshot(groupId: "`+id+`", clusterName: "c", snapshotId: "`+id+
		`") { id copyRegions policyItems members { id } snapshotIds }
		project(groupId: "`+id+`") { id orgId name }
	}`, nil)
	want := []string{
		"project.orgId UPSTREAM_ERROR", "snapshot.copyRegions UPSTREAM_ERROR",
		"snapshot.members.0.id UPSTREAM_ERROR", "snapshot.snapshotIds UPSTREAM_ERROR",
	}
	if diff := cmp.Diff(want, r.errorPlaces()); diff != "" ||
		!strings.Contains(r.Raw, `"members":[{"id":null},{"id":"`+id+`"}]`) {
		t.Errorf("%s\n%s", diff, r.Raw)
	}
}
