package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/restore"
)

// demoSource is a Dedicated cluster into which no restore is running.
var demoSource = restore.ClusterKey{GroupID: atlassim.DemoGroupID, Name: "shipping"}

func withDemo(c *envConfig) { c.sim = append(c.sim, atlassim.WithRecentJobs()) }

// newestSnapshot returns the id of the newest snapshot.
func (e *env) newestSnapshot(t *testing.T, cluster restore.ClusterKey) string {
	t.Helper()
	r := e.post(t, `query($g: ObjectID!, $c: ClusterName!) { cluster(groupId: $g, clusterName: $c) {
		snapshots(first: 1) { nodes { id } } } }`, map[string]any{"g": cluster.GroupID, "c": cluster.Name})
	_, id, _ := strings.Cut(string(r.Data["cluster"]), `"id":"`)
	if len(id) < 24 {
		t.Fatalf("%s", r.Raw)
	}
	return id[:24]
}

const (
	planMutation = `mutation Plan($input: RestoreInput!) { planRestore(input: $input) {
		servedBy overwrites confirmation refusals { code } warnings { code } targetCluster { id stateName }
		runningRestores { id } } }`
	startMutation = `mutation Start($confirmation: String!, $name: ClusterName!, $key: String!) {
		startRestore(confirmation: $confirmation, targetClusterName: $name, idempotencyKey: $key) {
			__typename id state targetClusterName } }`
)

func inputOf(snapshot string, source, target restore.ClusterKey) map[string]any {
	return map[string]any{"snapshot": map[string]any{
		"groupId": source.GroupID, "clusterName": source.Name, "snapshotId": snapshot,
		"targetGroupId": target.GroupID, "targetClusterName": target.Name,
	}}
}

// plan plans a restore in place, and returns its confirmation.
func (e *env) plan(t *testing.T) string {
	t.Helper()
	r := e.post(t, planMutation, map[string]any{"input": inputOf(e.newestSnapshot(t, demoSource), demoSource, demoSource)})
	var got struct {
		Confirmation string `json:"confirmation"`
	}
	if err := json.Unmarshal(r.Data["planRestore"], &got); err != nil || got.Confirmation == "" {
		t.Fatalf("%s", r.Raw)
	}
	return got.Confirmation
}

// The job that was started is an entity, and stands in lists at once, whatever was cached before.
func TestActions_startAJobThatIsListedAtOnce(t *testing.T) {
	e := newEnv(t, withActions, withDemo)
	listed := func() string {
		return e.post(t, `query($g: ObjectID!, $c: [ClusterName!]) { restoreJobs(groupId: $g, clusterNames: $c, first: 3) {
			nodes { id } } }`, map[string]any{"g": demoSource.GroupID, "c": []string{demoSource.Name}}).Raw
	}
	before := listed()
	r := e.post(t, startMutation, map[string]any{"confirmation": e.plan(t), "name": demoSource.Name, "key": "k"})
	var job struct {
		ID    string `json:"id"`
		State string `json:"state"`
	}
	if err := json.Unmarshal(r.Data["startRestore"], &job); err != nil || job.ID == "" || job.State != "RUNNING" {
		t.Fatalf("%s", r.Raw)
	}
	if after := listed(); strings.Contains(before, job.ID) || !strings.Contains(after, job.ID) {
		t.Errorf("the list is %s", after)
	}
	reference := e.post(t, `query($r: [_Any!]!) { _entities(representations: $r) { ... on RestoreJob { id state } } }`,
		map[string]any{"r": []any{map[string]any{
			"__typename": "DedicatedRestoreJob", "groupId": demoSource.GroupID, "clusterName": demoSource.Name, "id": job.ID,
		}}})
	if !strings.Contains(reference.Raw, `"id":"`+job.ID+`","state":"RUNNING"`) {
		t.Errorf("the entity is %s", reference.Raw)
	}
}

// A subscription follows the job that was started to its end.
func TestActions_startAJobThatASubscriptionFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withActions, withDemo)
		r := e.post(t, startMutation, map[string]any{"confirmation": e.plan(t), "name": demoSource.Name, "key": "k"})
		_, id, _ := strings.Cut(string(r.Data["startRestore"]), `"id":"`)
		if len(id) < 24 {
			t.Fatal(r.Raw)
		}
		s := e.subscribe(t, fmt.Sprintf(`subscription { restoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { state } }`,
			demoSource.GroupID, demoSource.Name, id[:24]))
		s.wantNext(`{"data":{"restoreJob":{"state":"RUNNING"}}}`)
		s.wantNext(`{"data":{"restoreJob":{"state":"SUCCEEDED"}}}`)
		s.wantComplete()
	})
}

// A mutation is sent by POST alone, by itself, and by no page of another site.
func TestActions_areMadeByPOSTAlone(t *testing.T) {
	e := newEnv(t, withActions, withDemo, withConfig(func(c *Config) { c.Introspection = true }))
	confirmation := e.plan(t)
	start := fmt.Sprintf(`mutation { startRestore(confirmation: %q, targetClusterName: "shipping", idempotencyKey: "k") { id } }`,
		confirmation)
	body, err := json.Marshal(map[string]any{"query": start})
	if err != nil {
		t.Fatal(err)
	}
	// So that its hash is known.
	e.post(t, strings.ReplaceAll(start, "shipping", "other"), nil)
	const jsonType = "Content-Type: application/json"
	tests := map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"GET":  {method: "GET", path: "/graphql?query=" + url.QueryEscape(start), status: http.StatusMethodNotAllowed},
		"HEAD": {method: "HEAD", path: "/graphql?query=" + url.QueryEscape(start), status: http.StatusMethodNotAllowed},
		"GET, a hash": {
			method: "GET", status: http.StatusMethodNotAllowed,
			path: "/graphql?query=" + url.QueryEscape(start) + "&extensions=" +
				url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+document.HashOf(start).String()+`"}}`),
		},
		"a batch": {method: "POST", path: "/graphql", body: "[" + string(body) + "]", headers: []string{jsonType}, status: 400},
		"a form":  {method: "POST", path: "/graphql", body: string(body), headers: []string{"Content-Type: text/plain"}, status: 415},
		"another site": {
			method: "POST", path: "/graphql", body: string(body), status: http.StatusForbidden,
			headers: []string{jsonType, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"},
		},
	}
	for name, tt := range tests {
		r, err := e.trySend(t.Context(), tt.method, tt.path, tt.body, tt.headers...)
		if r.Status != tt.status {
			t.Errorf("%s: got %d %s, error %v", name, r.Status, r.Raw, err)
		}
	}
	s := e.openSocket(t)
	s.send(subscribeMessage("1", start))
	if answer, err := s.read(); err != nil || !strings.Contains(answer, "by POST") {
		t.Errorf("by WebSocket: got %s, error %v", answer, err)
	}
	if n := e.sim.CountCalls(func(c atlassim.Call) bool { return c.Method != http.MethodGet }); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestActions_checkVariablesOfOneOf(t *testing.T) {
	e := newEnv(t, withActions, withDemo)
	one := inputOf("0123456789abcdef01234567", demoSource, demoSource)["snapshot"]
	for name, input := range map[string]any{
		"none": map[string]any{}, "null": map[string]any{"snapshot": nil}, "one and null": map[string]any{
			"snapshot": one, "pointInTime": nil,
		},
		"another": map[string]any{"other": one},
	} {
		if r := e.post(t, planMutation, map[string]any{"input": input}); len(r.Errors) != 1 || r.Data != nil {
			t.Errorf("%s: got %s", name, r.Raw)
		}
	}
	// A variable within a literal must not be null, which the validator checks.
	r := e.post(t, `mutation($one: RestoreSnapshotInput) { planRestore(input: {snapshot: $one}) { overwrites } }`, nil)
	if len(r.Errors) != 1 || r.Data != nil {
		t.Errorf("got %s", r.Raw)
	}
}

// Without --actions nothing tells of mutations; with it everything does.
func TestActions_areInTheSchemaThatIsServed(t *testing.T) {
	const introspection = `{ __schema { mutationType { name } types { name } directives { name } } _service { sdl } }`
	for folder, on := range map[string]bool{"../../schema/": false, "../../schema/actions/": true} {
		opts := []envOption{withConfig(func(c *Config) { c.Introspection = true })}
		if on {
			opts = append(opts, withActions)
		}
		e := newEnv(t, opts...)
		r := e.post(t, introspection, nil)
		var service struct {
			SDL string `json:"sdl"`
		}
		if err := json.Unmarshal(r.Data["_service"], &service); err != nil {
			t.Fatal(err)
		}
		published, err := os.ReadFile(folder + "subgraph.graphql")
		if err != nil || service.SDL != string(published) {
			t.Errorf("%s: the SDL is not the published one, error %v", folder, err)
		}
		for _, name := range []string{
			`"Mutation"`, `"RestorePlan"`, `"RestoreInput"`, `"CancelOutcome"`, `"ActionRemark"`, `"oneOf"`,
		} {
			if got := strings.Contains(string(r.Data["__schema"]), `"name":`+name); got != on {
				t.Errorf("%s: the schema has %s: %t", folder, name, got)
			}
		}
		plan := e.post(t, `mutation { planRestor(input: {}) { confirmation } }`, nil)
		if suggests := strings.Contains(plan.Raw, "planRestore"); len(plan.Errors) != 1 || suggests != on {
			t.Errorf("%s: got %s", folder, plan.Raw)
		}
	}
}

func TestErrorPresenter_hasARowForEveryRefusal(t *testing.T) {
	for _, refusal := range []actions.Refusal{
		actions.Stopped, actions.InvalidInput, actions.NotPossible, actions.ConfirmationInvalid, actions.ConfirmationExpired,
		actions.ConfirmationForeign, actions.NameMismatch, actions.PlanChanged, actions.KeyReused, actions.Unrecorded,
	} {
		out := &gqlerror.Error{Extensions: map[string]any{}}
		presentRefused(out, &actions.RefusedError{
			Refusal: refusal, Message: "for people", Err: errors.New("for the log"),
			Changes: []actions.Change{{What: "the state", Before: "IDLE", Now: "UPDATING"}},
		})
		if out.Extensions["code"] == "" || out.Extensions["refusal"] != string(refusal) || out.Message != "for people" ||
			out.Extensions["changes"] == nil {
			t.Errorf("%s: got %+v", refusal, out)
		}
	}
	if len(refusals) != 10 {
		t.Errorf("the table has %d rows", len(refusals))
	}
}

func TestErrorPresenter_tellsOfAnUnknownOutcome(t *testing.T) {
	out := &gqlerror.Error{Extensions: map[string]any{}}
	presentUnknown(out, &actions.OutcomeUnknownError{
		Action: actions.Restore, Cluster: demoSource, Candidates: []string{"a", "b"}, Err: errors.New("for the log"),
	})
	if out.Extensions["code"] != codeOutcomeUnknown || out.Extensions["clusterName"] != demoSource.Name ||
		!strings.Contains(out.Message, "same idempotencyKey") || strings.Contains(out.Message, "for the log") {
		t.Errorf("got %+v", out)
	}
}
