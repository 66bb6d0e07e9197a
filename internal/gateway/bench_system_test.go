package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// benchSystem is one Atlas and, before it, what is compared.
type benchSystem struct {
	jobs                              []atlassim.Example
	gateway, forgetful, facade, proxy string
	calls                             atomic.Int64
}

func newBenchSystem(b *testing.B, latency time.Duration) *benchSystem {
	b.Helper()
	s := &benchSystem{}
	sim := atlassim.New(
		atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner),
		atlassim.WithRateLimit(1<<30, 1<<30))
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		if latency > 0 {
			<-time.After(latency)
		}
		sim.ServeHTTP(w, r)
	}))
	b.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	if err != nil {
		b.Fatal(err)
	}
	s.gateway = s.newGateway(b, upstream.URL, restore.DefaultKeep)
	s.forgetful = s.newGateway(b, upstream.URL, restore.Keep{})
	s.facade = serveGateway(b, plainFacade{base: upstream.URL, client: &http.Client{Transport: authorized(http.DefaultTransport)}})
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport: authorized(&http.Transport{MaxIdleConnsPerHost: 2 * benchClients}),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
		},
	})
	b.Cleanup(proxy.Close)
	s.proxy = proxy.URL
	s.jobs = newestOrders(b, upstream.URL)
	return s
}

func (s *benchSystem) newGateway(b *testing.B, base string, keep restore.Keep) string {
	b.Helper()
	client, err := atlas.New(atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey}, atlas.WithBaseURL(base), atlas.WithBudget(false))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	service, err := restore.NewService(client, restore.Options{Keep: keep}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(service.Close)
	return serveGateway(b, service)
}

func serveGateway(b *testing.B, reader loader.Reader) string {
	b.Helper()
	gw, err := New(Config{Reader: reader, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(gw)
	b.Cleanup(server.Close)
	return server.URL + "/graphql"
}

// newestOrders are the newest finished jobs of the instance orders, of which none will
// leave the newest 500 while the benchmark runs.
func newestOrders(b *testing.B, base string) []atlassim.Example {
	b.Helper()
	client := &http.Client{Transport: authorized(&http.Transport{DisableKeepAlives: true})}
	var list struct {
		Results []struct {
			ID         string `json:"id"`
			FinishedAt string `json:"finishedAt"`
		} `json:"results"`
	}
	path := base + "/api/atlas/v2/groups/" + atlassim.SeedGroupID + "/serverless/orders/backup/restoreJobs"
	if err := getJSON(context.Background(), client, path+"?itemsPerPage=450", &list); err != nil {
		b.Fatal(err)
	}
	var jobs []atlassim.Example
	for _, j := range list.Results {
		if j.FinishedAt != "" {
			jobs = append(jobs, atlassim.Example{GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: j.ID})
		}
	}
	return jobs
}

func authorized(next http.RoundTripper) http.RoundTripper {
	return &digest.Transport{Username: testPublicKey, Password: testPrivateKey, Transport: next}
}

func getJSON(ctx context.Context, client *http.Client, target string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(into)
}

// plainFacade reads as a facade does that somebody writes in an afternoon: one get for
// each field, on the default transport.
type plainFacade struct {
	loader.Reader
	base   string
	client *http.Client
}

func (f plainFacade) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	var j struct {
		ID                string     `json:"id"`
		FinishedAt        *time.Time `json:"finishedAt"`
		TargetClusterName *string    `json:"targetClusterName"`
	}
	path := f.base + "/api/atlas/v2/groups/" + key.GroupID + "/serverless/" + key.ClusterName + "/backup/restoreJobs/" + key.JobID
	if err := getJSON(ctx, f.client, path, &j); err != nil {
		return nil, err
	}
	return &restore.Job{Key: key, ServedBy: restore.Serverless, State: restore.Succeeded, FinishedAt: j.FinishedAt, TargetClusterName: j.TargetClusterName}, nil
}

// BatchedJobs is not what such a facade has: it gets each.
func (f plainFacade) BatchedJobs(ctx context.Context, _ restore.API, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	type got struct {
		id string
		restore.JobResult
	}
	results := make(chan got, len(ids))
	for _, id := range ids {
		go func() {
			job, err := f.ServerlessJob(ctx, restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id})
			results <- got{id, restore.JobResult{Job: job, Err: err}}
		}()
	}
	all := make(map[string]restore.JobResult, len(ids))
	for range ids {
		r := <-results
		all[r.id] = r.JobResult
	}
	return all, nil
}
