package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
)

func TestJobQuery_eachStateOfAJob(t *testing.T) {
	for name, setup := range setups {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, setup)
			states := map[string]string{
				"succeeded": "SUCCEEDED", "failed": "FAILED", "cancelled": "CANCELLED", "expired": "EXPIRED",
				"running": "RUNNING", "ready": "READY", "pointInTime": "SUCCEEDED", "failedAndCancelled": "FAILED",
				"unknownDeliveryType": "SUCCEEDED",
			}
			for label, want := range states {
				t.Run(label, func(t *testing.T) {
					r := e.post(t, "{"+jobField("job", e.example(t, label), "{ state servedBy }")+"}", nil)
					if got := string(r.Data["job"]); got != `{"state":"`+want+`","servedBy":"SERVERLESS"}` {
						t.Errorf("got %s", r.Raw)
					}
				})
			}
		})
	}
}

func TestJobQuery_sameJobFiftyTimesIsOneCall(t *testing.T) {
	e := newEnv(t)
	var q strings.Builder
	for i := range 50 {
		q.WriteString(jobField(fmt.Sprint("j", i), e.example(t, "succeeded"), "{ id }"))
	}
	r := e.post(t, "{"+q.String()+"}", nil)
	if len(r.Errors) > 0 || len(r.Data) != 50 {
		t.Fatal(r.Raw)
	}
	// One challenge, one answer.
	if calls := e.sim.Calls(); len(calls) != 2 {
		t.Errorf("%d requests went to Atlas", len(calls))
	}
}

func TestJobQuery_failingJobLeavesItsNeighbours(t *testing.T) {
	e := newEnv(t)
	ok := e.example(t, "succeeded")
	missing, malformed := ok, ok
	missing.RestoreJobID = strings.Repeat("0", 24)
	malformed.RestoreJobID = "../../../orgs"
	r := e.post(t, "{"+jobField("a", ok, "{ id }")+jobField("b", missing, "{ id }")+jobField("c", malformed, "{ id }")+"}",
		nil)
	want := map[string]json.RawMessage{
		"a": json.RawMessage(`{"id":"` + ok.RestoreJobID + `"}`), "b": json.RawMessage("null"), "c": json.RawMessage("null"),
	}
	if diff := cmp.Diff(want, r.Data); diff != "" {
		t.Error(diff)
	}
	codes := map[string]any{}
	for _, err := range r.Errors {
		if len(err.Path) != 1 {
			t.Errorf("the path is %v", err.Path)
		}
		codes[err.Path[0].(string)] = []any{err.Extensions["code"], err.Extensions["errorCode"]}
	}
	if diff := cmp.Diff(map[string]any{
		"b": []any{"NOT_FOUND", "RESTORE_JOB_NOT_FOUND"}, "c": []any{"BAD_USER_INPUT", nil},
	}, codes); diff != "" {
		t.Error(diff)
	}
	for _, call := range e.sim.Calls() {
		if strings.Contains(call.Path, "orgs") {
			t.Errorf("the malformed argument reached Atlas: %s", call.Path)
		}
	}
}

func TestJobQuery_malformedArgumentMakesNoCall(t *testing.T) {
	e := newEnv(t)
	const query = `query ($g: ObjectID!, $c: ClusterName!, $j: ObjectID!) { serverlessRestoreJob(groupId: $g, ` +
		`clusterName: $c, restoreJobId: $j) { id } }`
	good := func() map[string]any {
		x := e.example(t, "succeeded")
		return map[string]any{"g": x.GroupID, "c": x.ClusterName, "j": x.RestoreJobID}
	}
	tests := map[string]struct {
		variable string
		value    any
		message  string
	}{
		"a project that is no id": {variable: "g", value: "my-project", message: "argument groupId"},
		"a project in upper case": {variable: "g", value: strings.Repeat("A", 24), message: "argument groupId"},
		"a name with a slash":     {variable: "c", value: "a/b", message: "argument clusterName"},
		"a name that is a number": {variable: "c", value: 7, message: "argument clusterName"},
		"a job of another length": {variable: "j", value: "abc", message: "argument restoreJobId"},
		"null":                    {variable: "j", message: "$j: cannot be null"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := good()
			v[tt.variable] = tt.value
			r := e.post(t, query, v)
			if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" ||
				!strings.Contains(r.Errors[0].Message, tt.message) {
				t.Errorf("got %s", r.Raw)
			}
		})
	}
	if n := len(e.sim.Calls()); n != 0 {
		t.Errorf("%d requests went to Atlas", n)
	}
}

func TestJobQuery_endsAfterItsGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := &slowToCancel{}
		gw, err := New(Config{Reader: jobs, Logger: slog.New(slog.DiscardHandler), Access: AllowAll(io.Discard)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		x := atlassim.Example{GroupID: strings.Repeat("a", 24), ClusterName: "c", RestoreJobID: strings.Repeat("b", 24)}
		body, err := json.Marshal(map[string]string{"query": "{" + jobField("a", x, "{ id }") + "}"})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		gw.ServeHTTP(httptest.NewRecorder(), r)
		if !jobs.ended.Load() {
			t.Error("a fetch outlived its request")
		}
	})
}

func TestJobQuery_disconnectedClientCancelsItsCalls(t *testing.T) {
	arrived, left := make(chan struct{}), make(chan struct{})
	e := newEnv(t, withUpstream(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	})))
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/graphql",
		strings.NewReader(`{"query":"{`+
			strings.ReplaceAll(strings.TrimSpace(jobField("a", e.example(t, "succeeded"), "{ id }")), `"`, `\"`)+`}"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	go func() {
		<-arrived
		leave()
	}()
	res, err := e.client.Do(req)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		t.Error("there was an answer")
	}
	<-left
}
