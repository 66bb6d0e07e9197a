package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// onlyReads fails on every request but GET, and POST for access tokens.
type onlyReads struct {
	next http.RoundTripper

	mu     sync.Mutex
	writes []string
	reads  int
	tokens int
}

func (o *onlyReads) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	switch {
	case r.Method == http.MethodGet:
		o.reads++
	case r.Method == http.MethodPost && r.URL.Path == "/api/oauth/token":
		o.tokens++
	default:
		o.writes = append(o.writes, r.Method+" "+r.URL.Path)
		o.mu.Unlock()
		return nil, fmt.Errorf("%s %s changes something", r.Method, r.URL.Path)
	}
	o.mu.Unlock()
	return o.next.RoundTrip(r)
}

// Every field of the schema is read, of clusters of each tier, and every subscription; no mutation is served.
func TestGateway_withoutActionsSendsNothingButReads(t *testing.T) {
	below := &onlyReads{next: http.DefaultTransport}
	e := newEnv(t, withAtlas(atlas.WithTransport(below)), withConfig(func(c *Config) { c.WarnLimits = true }),
		func(c *envConfig) {
			c.credential = atlas.ServiceAccount{ClientID: "client", ClientSecret: "secret"}
			c.sim = append(c.sim, atlassim.WithServiceAccount("client", "secret", atlassim.ProjectOwner),
				atlassim.WithCollectionRestores())
		})
	walk := newSchemaWalk()
	walk.first, walk.links = 2, 2
	executed := 0
	for _, label := range []string{"succeeded", "flex", "dedicated", "sharded", "migratedToDedicated"} {
		x := e.example(t, label)
		arguments := rootArguments(x.GroupID)
		arguments["clusterName"], arguments["restoreJobId"] = fmt.Sprintf("%q", x.ClusterName), fmt.Sprintf("%q", x.RestoreJobID)
		for _, name := range walk.names() {
			query := walk.query(name, arguments, func(typename string) string { return representation(typename, x.GroupID) })
			if r := e.post(t, query, nil); r.Data == nil {
				t.Errorf("%s: %s", name, r.Raw[:min(len(r.Raw), 300)])
			}
			executed++
		}
	}
	job := e.example(t, "succeeded")
	for _, field := range []string{"serverlessRestoreJob", "restoreJob"} {
		r := e.send(t, http.MethodPost, "/graphql", fmt.Sprintf(`{"query":"subscription { %s(groupId: \"%s\", clusterName: \"%s\", restoreJobId: \"%s\") { id } }"}`,
			field, job.GroupID, job.ClusterName, job.RestoreJobID), "Content-Type: application/json", "Accept: text/event-stream")
		if !strings.Contains(r.Raw, job.RestoreJobID) {
			t.Errorf("%s: %s", field, r.Raw)
		}
	}
	for _, mutation := range []string{
		`mutation { cancelRestore(groupId: "` + job.GroupID + `", clusterName: "x", restoreJobId: "` + job.RestoreJobID + `") { outcome } }`,
		`mutation { createSnapshot(input: {groupId: "` + job.GroupID + `", clusterName: "x", retentionInDays: 1}, idempotencyKey: "k") { id } }`,
	} {
		if r := e.post(t, mutation, nil); r.Data != nil || len(r.Errors) != 1 {
			t.Errorf("%s: %s", mutation, r.Raw)
		}
	}
	if len(below.writes) > 0 || below.tokens == 0 || below.reads < 100 || executed < 80 {
		t.Errorf("after %d operations: %d reads, %d for tokens, and %q", executed, below.reads, below.tokens, below.writes)
	}
}
