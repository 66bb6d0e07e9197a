package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// benchGateways returns two gateways before one simulator, with one cache: with the fast path and without.
func benchGateways(b *testing.B, tracer trace.Tracer) (on, off *Gateway) {
	b.Helper()
	upstream := httptest.NewServer(atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner)))
	b.Cleanup(upstream.Close)
	logger := slog.New(slog.DiscardHandler)
	client, err := atlas.New(atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey},
		atlas.WithBaseURL(upstream.URL), atlas.WithLogger(logger))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	service, err := restore.NewService(client, restore.Options{Cache: restore.DefaultCacheSettings}, logger)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(service.Close)
	c := Config{Reader: service, Logger: logger, Access: AllowAll(io.Discard), Tracer: tracer}
	if on, err = New(c); err != nil {
		b.Fatal(err)
	}
	c.fastPath = noFastPath
	if off, err = New(c); err != nil {
		b.Fatal(err)
	}
	return on, off
}

func benchPost(b *testing.B, g *Gateway, body string) string {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Body.String()
}

func benchBody(b *testing.B, query string, variables map[string]any) string {
	b.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

// cpuTime is what the process has used: other programs of the machine do not count.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCachedJobs asks for twenty cached jobs, in the ways in which clients do.
func BenchmarkCachedJobs(b *testing.B) {
	const jobs, fields, cluster = 20, "id state deliveryType createdAt finishedAt expiresAt snapshotId targetClusterName",
		"orders"
	in := `groupId: "` + atlassim.SeedGroupID + `", clusterName: "` + cluster + `"`
	list := `{ serverlessRestoreJobs(` + in +
		fmt.Sprintf(`, first: %d) { nodes { %s } pageInfo { hasNextPage endCursor } } }`, jobs, fields)
	on, off := benchGateways(b, nil)
	var answer struct {
		Data struct {
			List struct {
				Nodes []struct {
					ID string `json:"id"`
				} `json:"nodes"`
			} `json:"serverlessRestoreJobs"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(benchPost(b, on, benchBody(b, list, nil))), &answer); err != nil ||
		len(answer.Data.List.Nodes) != jobs {
		b.Fatal(err, len(answer.Data.List.Nodes))
	}
	var aliases strings.Builder
	representations := make([]any, 0, jobs)
	for i, node := range answer.Data.List.Nodes {
		fmt.Fprintf(&aliases, `j%d: serverlessRestoreJob(%s, restoreJobId: %q) { %s } `, i, in, node.ID, fields)
		representations = append(representations, map[string]any{
			"__typename": "ServerlessRestoreJob", "groupId": atlassim.SeedGroupID, "clusterName": cluster, "id": node.ID,
		})
	}
	for _, tt := range []struct{ name, body string }{
		{name: "aliases", body: benchBody(b, "{ "+aliases.String()+"}", nil)},
		{name: "list", body: benchBody(b, list, nil)},
		{
			name: "entities", body: benchBody(b,
				`query ($r: [_Any!]!) { _entities(representations: $r) { ... on ServerlessRestoreJob { `+fields+` } } }`,
				map[string]any{"r": representations}),
		},
		{
			name: "project", body: benchBody(b,
				`{ restoreJobs(groupId: "`+atlassim.SeedGroupID+`", clusterNames: ["`+cluster+
					fmt.Sprintf(`"], first: %d) { nodes { %s } pageInfo { hasNextPage endCursor } } }`, jobs, fields), nil),
		},
	} {
		if got, want := benchPost(b, on, tt.body), benchPost(b, off, tt.body); got != want ||
			strings.Contains(got, `"errors"`) || strings.Count(got, `"id"`) != jobs {
			b.Fatalf("got  %s\nwant %s", got, want)
		}
		for _, path := range []struct {
			name string
			g    *Gateway
		}{{name: "fast path", g: on}, {name: "gqlgen", g: off}} {
			b.Run(tt.name+"/"+path.name, func(b *testing.B) {
				start := cpuTime(b)
				for b.Loop() {
					_ = benchPost(b, path.g, tt.body)
				}
				b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}
