package gateway

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/test/recordings"
)

// player answers every authenticated request with one recorded answer, behind
// Digest, whatever was asked. A list has nothing behind its first page.
type player struct{ answer recordings.Exchange }

func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" {
		w.Header().Set("Www-Authenticate",
			`Digest realm="MMS Public API", domain="", nonce="of-the-player", algorithm=MD5, qop="auth", stale=false`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	for k, v := range p.answer.Headers {
		w.Header().Set(k, v)
	}
	w.WriteHeader(p.answer.Status)
	if page := r.URL.Query().Get("pageNum"); page != "" && page != "1" {
		_, _ = w.Write([]byte(`{"links":[],"results":[]}`))
		return
	}
	_, _ = w.Write([]byte(p.answer.Body))
}

var jobPath = regexp.MustCompile(`/groups/([a-f0-9]{24}` +
	`)/(clusters|flexClusters)/([^/]+)/backup/restoreJobs(?:/([a-f0-9]{24}))?$`)

func TestRecordings_jobsLoseNoField(t *testing.T) {
	p := &player{}
	var e *env
	jobs := map[string]int{}
	for _, x := range recordings.Exchanges(t) {
		place := jobPath.FindStringSubmatch(x.Path)
		if place == nil || x.Status != http.StatusOK {
			continue
		}
		if e == nil {
			e = newEnv(t, withUpstream(p), bare)
		}
		ask := atlassim.Example{GroupID: place[1], ClusterName: place[3]}
		fields := []string{"serverlessRestoreJob", "dedicatedRestoreJob"}
		selections := []string{serverlessFields, dedicatedFields}
		if place[2] == "flexClusters" {
			fields, selections = []string{"flexRestoreJob"}, []string{flexFields}
		}
		for _, body := range singleJobs(t, x.Body) {
			for i, field := range fields {
				rest := object(t, body)
				ask.RestoreJobID = rest["id"].(string)
				if field == "serverlessRestoreJob" {
					delete(rest, "targetDeploymentItemName") // of Dedicated jobs alone
				}
				p.answer = recordings.Exchange{Status: 200, Headers: x.Headers, Body: string(body)}
				r := e.post(t, "{"+rootField("job", field, ask, "{"+selections[i]+"}")+"}", nil)
				if len(r.Errors) > 0 {
					t.Fatal(r.Raw)
				}
				got := object(t, r.Data["job"])
				if got["groupId"] != ask.GroupID || got["clusterName"] != ask.ClusterName {
					t.Errorf("the job is of %v/%v", got["groupId"], got["clusterName"])
				}
				compareJob(t, rest, got)
				jobs[field]++
			}
		}
		if place[4] == "" && x.Method == http.MethodGet {
			compareList(t, e, p, x, ask, fields[len(fields)-1], selections[len(selections)-1])
			jobs["lists"]++
		}
	}
	for field, least := range map[string]int{
		"serverlessRestoreJob": 20, "dedicatedRestoreJob": 20, "flexRestoreJob": 300, "lists": 5,
	} {
		if jobs[field] < least {
			t.Errorf("only %d of %s were replayed", jobs[field], field)
		}
	}
}

// compareList asks for a recorded list and compares each of its jobs.
func compareList(t *testing.T, e *env, p *player, x recordings.Exchange, ask atlassim.Example, field, selection string) {
	t.Helper()
	p.answer = x
	r := e.post(t, `{ list: `+field+`s(groupId: "`+ask.GroupID+`", clusterName: "`+ask.ClusterName+
		`", first: 500) { nodes {`+selection+`} pageInfo { hasNextPage } estimatedTotalCount } }`, nil)
	if len(r.Errors) > 0 {
		t.Fatal(r.Raw, e.log)
	}
	var got struct {
		Nodes []map[string]any `json:"nodes"`
	}
	if err := json.Unmarshal(r.Data["list"], &got); err != nil {
		t.Fatal(err)
	}
	byID := map[any]map[string]any{}
	for _, node := range got.Nodes {
		byID[node["id"]] = node
	}
	want := singleJobs(t, x.Body)
	if len(got.Nodes) != len(want) {
		t.Fatalf("%s: %d jobs of %d", x.Path, len(got.Nodes), len(want))
	}
	for _, body := range want {
		rest := object(t, body)
		compareJob(t, rest, byID[rest["id"]])
	}
}

// singleJobs are the jobs of an answer: itself, or the results of a list.
func singleJobs(t *testing.T, body string) []json.RawMessage {
	t.Helper()
	var list struct {
		Results []json.RawMessage `json:"results"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if list.Results != nil {
		return list.Results
	}
	return []json.RawMessage{json.RawMessage(body)}
}

func TestRecordings_errorsLoseNoField(t *testing.T) {
	p := &player{}
	var e *env
	errors := 0
	for _, x := range recordings.Exchanges(t) {
		if x.Status < 400 {
			continue
		}
		if e == nil {
			e = newEnv(t, withUpstream(p), bare)
		}
		p.answer = x
		r := e.post(t, "{"+jobField("job", atlassim.Example{
			GroupID: strings.Repeat("a", 24), ClusterName: "c", RestoreJobID: strings.Repeat("b", 24),
		}, "{ id }")+"}", nil)
		if len(r.Errors) != 1 || string(r.Data["job"]) != "null" {
			t.Fatalf("%s %s: %s", x.Method, x.Path, r.Raw)
		}
		errors++
		got := r.Errors[0].Extensions
		if got["status"] != float64(x.Status) || got["code"] == "INTERNAL_SERVER_ERROR" || got["code"] == nil {
			t.Errorf("%s %s %d became %v", x.Method, x.Path, x.Status, got)
		}
		var payload map[string]any
		if json.Unmarshal([]byte(x.Body), &payload) != nil {
			if strings.Contains(r.Raw, "<") {
				t.Errorf("HTML was passed on: %s", r.Raw)
			}
			continue
		}
		for _, name := range []string{"errorCode", "reason", "detail", "parameters"} {
			if diff := cmp.Diff(payload[name], got[name]); diff != "" {
				t.Errorf("%s %s: %s: %s", x.Method, x.Path, name, diff)
			}
		}
	}
	if errors < 20 {
		t.Errorf("only %d errors were replayed", errors)
	}
}
