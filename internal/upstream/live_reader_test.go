package upstream

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/restore"
)

// jobOf is the id of the only job that a token may see.
func jobOf(token string) string { return strings.Repeat(token[len(token)-1:], 24) }

// newJobAtlas lists to each token a job that is its own.
func newJobAtlas(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.atlas.2023-01-01+json;charset=utf-8")
		if !strings.HasSuffix(r.URL.Path, "/serverless/orders/backup/restoreJobs") {
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"results":[{"id":%q,"snapshotId":"63f3484e1f3a9b27c6000009"}],"totalCount":1}`,
			jobOf(r.Header.Get("Authorization")))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestLiveReader_sharesNothingBetweenTokens(t *testing.T) {
	var m made
	p := NewPassthrough(m.build(newJobAtlas(t).URL), 0)
	defer p.Close()
	live, once := p.Live(), p.Reader()
	cluster := restore.ClusterKey{GroupID: "63f3484e1f3a9b27c6000001", Name: "orders"}
	poll := func(token string) uint64 {
		t.Helper()
		polled, err := live.Poll(as(t.Context(), token), restore.PollQuery{
			Cluster: cluster, Tiers: []restore.Tier{restore.Serverless}, First: 20,
		})
		if err != nil {
			t.Fatal(err)
		}
		return polled.Fingerprint()
	}
	if one, other, again := poll("token-1"), poll("token-2"), poll("token-1"); one == other || one != again {
		t.Error("the fingerprints of two tokens are one, or those of one token are two")
	}
	type reader interface {
		Jobs(ctx context.Context, q restore.JobQuery) (*restore.Jobs, error)
	}
	for name, r := range map[string]reader{"the view": live, "the service": once} {
		for _, token := range []string{"token-1", "token-2", "token-3"} {
			jobs, err := r.Jobs(as(t.Context(), token), restore.JobQuery{Tier: restore.Serverless, Cluster: cluster, First: 20})
			if err != nil || len(jobs.Jobs) != 1 || jobs.Jobs[0].JobID != jobOf(token) {
				t.Errorf("of %s %s gets %+v, %v", name, token, jobs, err)
			}
		}
	}
}
