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
	"os"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// emptyJobsReader is a reader that has every resource, with nothing but its key.
type emptyJobsReader struct{ loader.Reader }

func (emptyJobsReader) job(key restore.Key) *restore.Job { return &restore.Job{Key: key} }

func (o emptyJobsReader) Job(_ context.Context, _ restore.Tier, key restore.Key) (*restore.Job, error) {
	return o.job(key), nil
}

func (o emptyJobsReader) BatchedJobs(_ context.Context,
	_ restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	results := make(map[string]restore.JobResult, len(ids))
	for _, id := range ids {
		results[id] = restore.JobResult{
			Job: o.job(restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}),
		}
	}
	return results, nil
}

func (emptyJobsReader) Snapshot(_ context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return &restore.Snapshot{SnapshotKey: key}, nil
}

func (emptyJobsReader) Snapshots(context.Context, restore.ClusterKey, []string) (map[string]*restore.Snapshot, error) {
	return nil, nil // each is asked for by itself
}

func (emptyJobsReader) Cluster(_ context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return &restore.Cluster{ClusterKey: key, ID: "c"}, nil
}

func (emptyJobsReader) Clusters(context.Context, string) (*restore.Clusters, error) {
	return &restore.Clusters{}, nil
}

func (emptyJobsReader) Project(_ context.Context, id string) (*atlas.Project, error) {
	return &atlas.Project{ID: id}, nil
}

func (emptyJobsReader) Projects(context.Context) (*restore.Projects, error) {
	return &restore.Projects{}, nil
}

// Whatever a router sends as one of several references: that one is served, or null
// with an error at its index, and those beside it are served.
func FuzzReferences(f *testing.F) {
	const beside = `{"__typename":"ServerlessRestoreJob","groupId":"63f3484e1f3a9b27c6000001","clusterName":"c",` +
		`"id":"67ebae01a6713bc8f4000001"}`
	for _, seed := range []string{
		beside, `{}`, `{"__typename":"RestoreJob"}`, `{"__typename":null}`,
		`{"__typename":"AtlasProject","id":"63f3484e1f3a9b27c6000001"}`,
		`{"__typename":"AtlasCluster","groupId":"63f3484e1f3a9b27c6000001","name":"c"}`,
		`{"__typename":"AtlasCluster","groupId":null,"name":null}`,
		`{"__typename":"AtlasSnapshot","groupId":"63f3484e1f3a9b27c6000001","clusterName":1e999,"id":{"a":[]}}`,
		`{"__typename":"FlexRestoreJob","groupId":"63f3484e1f3a9b27c6000001","clusterName":"c","id":null}`,
	} {
		f.Add(seed)
	}
	logger := slog.New(slog.DiscardHandler)
	g, err := New(Config{Reader: emptyJobsReader{}, Logger: logger, Access: AllowAll(io.Discard)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, representation string) {
		var object map[string]any
		if json.Unmarshal([]byte(representation), &object) != nil || object == nil {
			t.Skip("no object")
		}
		fuzzed, _ := json.Marshal(object)
		body := fmt.Sprintf(`{"query":%q,"variables":{"representations":[%s,%s,%s]}}`, entityQuery, beside, fuzzed, beside)
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		g.ServeHTTP(w, r)
		var answer struct {
			Data struct {
				Entities []map[string]any `json:"_entities"`
			} `json:"data"`
			Errors []struct {
				Path       []any          `json:"path"`
				Extensions map[string]any `json:"extensions"`
			} `json:"errors"`
		}
		if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&answer); err != nil ||
			len(answer.Data.Entities) != 3 {
			t.Fatalf("%v: %s", err, w.Body)
		}
		if answer.Data.Entities[0] == nil || answer.Data.Entities[2] == nil {
			t.Errorf("its neighbours were not served: %s", w.Body)
		}
		if served := answer.Data.Entities[1] != nil; served != (len(answer.Errors) == 0) {
			t.Fatalf("served: %t: %s", served, w.Body)
		}
		for _, e := range answer.Errors {
			if len(e.Path) != 2 || e.Path[1] != 1.0 || e.Extensions["code"] != codeBadUserInput {
				t.Errorf("the error is not at its index: %s", w.Body)
			}
		}
	})
}

func TestSDL_isThePublishedSchema(t *testing.T) {
	published, err := os.ReadFile("../../schema/subgraph.graphql")
	if err != nil {
		t.Fatal(err)
	}
	e := newEnv(t)
	for _, query := range []string{"{ _service { sdl } }", "{ ...F } fragment F on Query { ... { _service { sdl } } }"} {
		r := e.post(t, query, nil)
		var service struct {
			SDL string `json:"sdl"`
		}
		if err := json.Unmarshal(r.Data["_service"], &service); err != nil || len(r.Errors) > 0 {
			t.Fatal(r.Raw)
		}
		if service.SDL != string(published) {
			t.Errorf("run 'make schema': what is published differs from %.200s", service.SDL)
		}
	}
}

func TestSDL_needsNoIntrospection(t *testing.T) {
	e := newEnv(t)
	if r := e.post(t, "{ _service { sdl } }", nil); len(r.Errors) > 0 || !strings.Contains(r.Raw, "@link") {
		t.Errorf("%.500s", r.Raw)
	}
	if r := e.post(t, "{ __schema { queryType { name } } }", nil); len(r.Errors) == 0 {
		t.Errorf("introspection is on: %s", r.Raw)
	}
}

func TestService_servesThePublishedSDL(t *testing.T) {
	for file, plain := range map[string]bool{"subgraph.graphql": false, "subgraph-without-authorization.graphql": true} {
		e := newEnv(t, withConfig(func(c *Config) { c.PlainSDL = plain }))
		want, err := os.ReadFile("../../schema/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var service struct {
			SDL string `json:"sdl"`
		}
		r := e.post(t, "{ _service { sdl } }", nil)
		if err := json.Unmarshal(r.Data["_service"], &service); err != nil || service.SDL != string(want) {
			t.Errorf("%s is not what _service returns: %v", file, err)
		}
	}
}
