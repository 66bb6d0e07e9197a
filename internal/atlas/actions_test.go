package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/test/recordings"
)

const (
	actionSnapshot = "5f1e00000000000000000001"
	actionJob      = "5f1e00000000000000000002"
)

// actions are all operations that change something, each with a call of it.
var actions = map[string]func(ctx context.Context, c *Client, groupID, name string) error{
	opCreateRestoreJob.name: func(ctx context.Context, c *Client, groupID, name string) error {
		_, err := c.CreateDedicatedRestoreJob(ctx, groupID, name, DedicatedRestoreRequest{
			DeliveryType: "automated", SnapshotID: actionSnapshot, TargetGroupID: groupID, TargetClusterName: "target",
		})
		return err
	},
	opCancelRestoreJob.name: func(ctx context.Context, c *Client, groupID, name string) error {
		return c.CancelDedicatedRestoreJob(ctx, groupID, name, actionJob)
	},
	opTakeSnapshot.name: func(ctx context.Context, c *Client, groupID, name string) error {
		_, err := c.TakeSnapshot(ctx, groupID, name, SnapshotRequest{Description: "before", RetentionInDays: 3})
		return err
	},
	opCreateFlexRestoreJob.name: func(ctx context.Context, c *Client, groupID, name string) error {
		_, err := c.CreateFlexRestoreJob(ctx, groupID, name, FlexRestoreRequest{
			SnapshotID: actionSnapshot, TargetProjectID: groupID, TargetClusterName: "target",
		})
		return err
	},
	opDownloadFlexBackup.name: func(ctx context.Context, c *Client, groupID, name string) error {
		_, err := c.DownloadFlexBackup(ctx, groupID, name, actionSnapshot)
		return err
	},
}

func TestActions_sendOneRequestWithTheirBody(t *testing.T) {
	bodies := map[string]string{
		opCreateRestoreJob.name: `{"deliveryType":"automated","snapshotId":"` + actionSnapshot + `","targetGroupId":"` +
			testGroup + `","targetClusterName":"target"}`,
		opCancelRestoreJob.name: "",
		opTakeSnapshot.name:     `{"description":"before","retentionInDays":3}`,
		opCreateFlexRestoreJob.name: `{"snapshotId":"` + actionSnapshot + `","targetProjectId":"` + testGroup +
			`","targetDeploymentItemName":"target"}`,
		opDownloadFlexBackup.name: `{"snapshotId":"` + actionSnapshot + `"}`,
	}
	for _, op := range Actions() {
		t.Run(op.Name, func(t *testing.T) {
			var requests atomic.Int64
			c := newClientFor(t, AccessToken{Token: "token"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				content, _ := io.ReadAll(r.Body)
				media := "application/vnd.atlas." + op.Version + "+json"
				if r.Method != op.Method || string(content) != bodies[op.Name] || r.Header.Get("Accept") != media ||
					len(content) > 0 && r.Header.Get("Content-Type") != media {
					t.Errorf("%s %v %s", r.Method, r.Header, content)
				}
				_, _ = w.Write([]byte(`{"id":"` + actionJob + `","snapshotId":"` + actionSnapshot + `"}`))
			}), WithActions(), WithRetries(MaxRetries))
			if err := actions[op.Name](t.Context(), c, testGroup, "name"); err != nil || requests.Load() != 1 {
				t.Errorf("%d requests, error %v", requests.Load(), err)
			}
		})
	}
	if len(Actions()) != len(actions) {
		t.Errorf("%d of %d operations were called", len(actions), len(Actions()))
	}
}

func TestClient_withoutActionsSendsNothingButGET(t *testing.T) {
	var requests atomic.Int64
	c := newClientFor(t, AccessToken{Token: "token"}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
	}))
	for name, act := range actions {
		err := act(t.Context(), c, testGroup, "name")
		if e := asError(t, err); !errors.Is(err, errReadOnly) || e.Uncertain {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests were sent", requests.Load())
	}
}

func TestClient_withoutActionsPassesPOSTOnlyForAccessTokens(t *testing.T) {
	next := roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return httptest.NewRecorder().Result(), nil
	})
	tests := map[string]struct {
		method, path string
		passes       bool
	}{
		"an access token":   {method: http.MethodPost, path: "/api/oauth/token", passes: true},
		"behind a prefix":   {method: http.MethodPost, path: "/proxy/api/oauth/token", passes: true},
		"another method":    {method: http.MethodDelete, path: "/api/oauth/token"},
		"a revoked token":   {method: http.MethodPost, path: "/api/oauth/revoke"},
		"another operation": {method: http.MethodPost, path: "/api/atlas/v2/groups"},
		"a read":            {method: http.MethodGet, path: "/api/atlas/v2/groups", passes: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			res, err := new(Client).restrictMethods(next).RoundTrip(httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, http.NoBody))
			if err == nil {
				_ = res.Body.Close()
			}
			if passes := err == nil; passes != tt.passes || !passes && !errors.Is(err, errReadOnly) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// What Atlas answers decides whether the caller may believe that nothing was changed.
func TestActions_tellWhetherAtlasMayHaveExecutedThem(t *testing.T) {
	const notFound = `{"error":404,"errorCode":"SNAPSHOT_NOT_FOUND","detail":"x","reason":"Not Found"}`
	tests := map[string]struct {
		status    int
		body      string
		cut       bool
		uncertain bool
	}{
		"rejected":               {status: 404, body: notFound, uncertain: false},
		"a conflict":             {status: 409, body: strings.ReplaceAll(notFound, "404", "409"), uncertain: false},
		"too many calls":         {status: 429, body: strings.ReplaceAll(notFound, "404", "429"), uncertain: false},
		"not authenticated":      {status: 401, body: "", uncertain: false},
		"a failure":              {status: 500, body: strings.ReplaceAll(notFound, "404", "500"), uncertain: true},
		"a proxy's failure":      {status: 502, body: "<html>", uncertain: true},
		"a proxy's rejection":    {status: 403, body: "<html>", uncertain: true},
		"a redirect":             {status: 302, body: "", uncertain: true},
		"no JSON":                {status: 200, body: "<html>", uncertain: true},
		"no id":                  {status: 200, body: "{}", uncertain: true},
		"another snapshot":       {status: 200, body: `{"id":"` + actionJob + `","snapshotId":"x"}`, uncertain: true},
		"a connection that ends": {cut: true, uncertain: true},
	}
	for name, tt := range tests {
		for action, act := range actions {
			switch {
			case action == opCancelRestoreJob.name && tt.status == 200, // it needs no body
				action == opTakeSnapshot.name && name == "another snapshot":
				continue
			}
			var requests atomic.Int64
			c := newClientFor(t, AccessToken{Token: "token"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				if tt.cut {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}), WithActions(), WithRetries(MaxRetries))
			e := asError(t, act(t.Context(), c, testGroup, "name"))
			if e.Uncertain != tt.uncertain || requests.Load() != 1 {
				t.Errorf("%s, %s: %d requests, uncertain %t, error %v", name, action, requests.Load(), e.Uncertain, e)
			}
		}
	}
}

func TestActions_areCertainWithoutAConnection(t *testing.T) {
	refuse := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	c := newClientFor(t, AccessToken{Token: "token"}, http.NotFoundHandler(), WithActions(), WithDial(refuse))
	for name, act := range actions {
		if e := asError(t, act(t.Context(), c, testGroup, "name")); e.Uncertain || e.Kind != KindUnavailable {
			t.Errorf("%s: uncertain %t, error %v", name, e.Uncertain, e)
		}
	}
}

// A challenge rejects a request before it does anything: one request is executed.
func TestActions_answerChallenges(t *testing.T) {
	sim := simulator(t)
	c := newClientFor(t, testKey, sim, WithActions())
	_, err := c.TakeSnapshot(t.Context(), atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName,
		SnapshotRequest{RetentionInDays: 1})
	if err != nil || len(sim.Calls()) != 2 || countStatus(sim, 200) != 1 {
		t.Errorf("%d requests, error %v", len(sim.Calls()), err)
	}
	sim.ExpireNonces()
	_, err = c.TakeSnapshot(t.Context(), atlassim.SeedGroupID, atlassim.SeedReplicaSetClusterName,
		SnapshotRequest{RetentionInDays: 1})
	if err != nil || countStatus(sim, 200) != 2 {
		t.Errorf("%d requests, error %v", len(sim.Calls()), err)
	}
}

// There is no recording of a cancel.
func TestActions_decodeTheRecordedAnswers(t *testing.T) {
	replayed := make(map[string]int)
	for _, x := range recordings.Exchanges(t) {
		segments := strings.Split(strings.TrimPrefix(x.Path, "/api/atlas/v2/groups/"), "/")
		if x.Method != http.MethodPost || len(segments) != 5 || segments[3] != "backup" {
			continue
		}
		var recorded struct {
			ID           string `json:"id"`
			SnapshotID   string `json:"snapshotId"`
			DeliveryType string `json:"deliveryType"`
			Status       string `json:"status"`
		}
		if err := json.Unmarshal([]byte(x.Body), &recorded); err != nil {
			t.Fatal(err)
		}
		c := newClientFor(t, AccessToken{Token: "token"}, answering(x.Status, x.Headers["Content-Type"], x.Body),
			WithActions())
		kind := segments[1] + " " + segments[4]
		replayed[kind]++
		var got []string
		var err error
		switch kind {
		case "clusters restoreJobs":
			var j *DedicatedRestoreJob
			j, err = c.CreateDedicatedRestoreJob(t.Context(), segments[0], segments[2],
				DedicatedRestoreRequest{DeliveryType: recorded.DeliveryType, SnapshotID: recorded.SnapshotID})
			got = []string{j.ID, *j.SnapshotID, *j.DeliveryType}
		case "flexClusters restoreJobs":
			var j *FlexRestoreJob
			j, err = c.CreateFlexRestoreJob(t.Context(), segments[0], segments[2],
				FlexRestoreRequest{SnapshotID: recorded.SnapshotID})
			got = []string{j.ID, *j.SnapshotID, *j.DeliveryType}
		case "clusters snapshots":
			var s *DedicatedSnapshot
			s, err = c.TakeSnapshot(t.Context(), segments[0], segments[2], SnapshotRequest{RetentionInDays: 1})
			got = []string{s.ID, "", ""}
			if *s.Status != recorded.Status {
				t.Errorf("%s: the status is %s", x.Path, *s.Status)
			}
		}
		if err != nil || !slices.Equal(got, []string{recorded.ID, recorded.SnapshotID, recorded.DeliveryType}) {
			t.Errorf("%s: got %v, error %v", x.Path, got, err)
		}
	}
	if len(replayed) != 3 {
		t.Errorf("replayed were %v", replayed)
	}
}
