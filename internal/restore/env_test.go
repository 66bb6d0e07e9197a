package restore

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// env is a service before a simulator, over HTTP.
type env struct {
	*Service
	sim *atlassim.Simulator
}

func newEnv(t *testing.T, mode ServerlessMode, opts ...atlassim.Option) *env {
	t.Helper()
	sim := atlassim.New(append(opts, atlassim.WithServiceAccount("id", "secret", atlassim.ProjectOwner))...)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	client, err := atlas.New(atlas.ServiceAccount{ClientID: "id", ClientSecret: "secret"}, atlas.WithBaseURL(server.URL),
		// What these tests count is one attempt each.
		atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &env{Service: newService(t, client, Options{Serverless: mode}, slog.New(slog.DiscardHandler)), sim: sim}
}

func newService(t *testing.T, client *atlas.Client, o Options, logger *slog.Logger) *Service {
	t.Helper()
	s, err := NewService(client, o, logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// calls are the calls since the last time, without those for tokens, and those that tell whether a
// token or a project is refused.
func (e *env) calls() []string {
	var out []string
	for _, call := range e.sim.Calls() {
		if call.Path != "/api/oauth/token" && call.Path != "/api/atlas/v2" {
			out = append(out, call.Path)
		}
	}
	e.sim.ResetCalls()
	return out
}

// wantCalls checks the number of calls since the last time.
func (e *env) wantCalls(t *testing.T, n int) {
	t.Helper()
	if calls := e.calls(); len(calls) != n {
		t.Errorf("%d calls, want %d:\n%s", len(calls), n, strings.Join(calls, "\n"))
	}
}

// succeeded is a seeded job of the serverless instance orders.
func (e *env) succeeded(t *testing.T) Key {
	t.Helper()
	for _, x := range e.sim.Examples() {
		if x.Label == "succeeded" {
			return Key{GroupID: x.GroupID, ClusterName: x.ClusterName, JobID: x.RestoreJobID}
		}
	}
	t.Fatal("the simulator has no job that succeeded")
	return Key{}
}

func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *atlas.Error
	if !errors.As(err, &e) || e.Status != status || e.ErrorCode != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

const noJob = "000000000000000000000000"

var (
	orders    = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedClusterName}
	catalog   = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedFlexClusterName}
	reporting = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedDedicatedClusterName}
	billing   = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedReplicaSetClusterName}
	returns   = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedMigratedToFlexName}
	loyalty   = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedMigratedToDedicatedName}
	free      = ClusterKey{GroupID: atlassim.SeedGroupID, Name: atlassim.SeedMigratedToFreeName}
	tickets   = ClusterKey{GroupID: atlassim.SeedSecondGroupID, Name: atlassim.SeedSecondClusterName}
	nowhere   = ClusterKey{GroupID: atlassim.SeedGroupID, Name: "nosuch"}
)

func (k ClusterKey) job(id string) Key {
	return Key{GroupID: k.GroupID, ClusterName: k.Name, JobID: id}
}

// newServiceOf is a service before an Atlas that answers each list by its path and the
// number of the page.
func newServiceOf(t *testing.T, answer func(path, page string) (status int, body string)) *Service {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r.URL.Path, r.URL.Query().Get("pageNum"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	client, err := atlas.New(atlas.AccessToken{Token: "t"}, atlas.WithBaseURL(server.URL), atlas.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return newService(t, client, Options{Serverless: ServerlessOff}, slog.New(slog.DiscardHandler))
}

// disowned is what Atlas says of a cluster that the API does not have.
const disowned = `{"error":404,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`

// resources are JSON objects with ids that descend from n to m.
func resources(n, m int) string {
	var b strings.Builder
	for i := n; i >= m; i-- {
		fmt.Fprintf(&b, `{"id":"%024x","name":"c%d"},`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}
