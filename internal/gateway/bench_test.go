package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/icholy/digest"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// The gateway beside a bare reverse proxy that puts the same credential on the same
// calls, both before the same simulator, in one run. Compare the two within a run;
// a figure alone says more about the machine.

func BenchmarkOneJob(b *testing.B) { benchmarkJobs(b, 1) }

func BenchmarkTwentyJobs(b *testing.B) { benchmarkJobs(b, 20) }

func benchmarkJobs(b *testing.B, n int) {
	b.Helper()
	s := newBenchSystem(b)
	b.Run("gateway", func(b *testing.B) {
		s.run(b, func(client *http.Client, first int) error {
			var query strings.Builder
			for i := range n {
				query.WriteString(jobField(fmt.Sprint("j", i), s.job(first+i), "{ id state finishedAt }"))
			}
			body, err := json.Marshal(map[string]string{"query": "{" + query.String() + "}"})
			if err != nil {
				return err
			}
			return fetch(client, http.MethodPost, s.gateway, body)
		})
	})
	b.Run("reverse proxy, job by job", func(b *testing.B) {
		s.run(b, func(client *http.Client, first int) error {
			for i := range n {
				x := s.job(first + i)
				path := s.proxy + "/api/atlas/v2/groups/" + x.GroupID + "/serverless/" + x.ClusterName + "/backup/restoreJobs/" + x.RestoreJobID
				if err := fetch(client, http.MethodGet, path, nil); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type benchSystem struct {
	jobs           []atlassim.Example
	gateway, proxy string
	calls          atomic.Int64
}

func newBenchSystem(b *testing.B) *benchSystem {
	b.Helper()
	s := &benchSystem{}
	sim := atlassim.New(
		atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner),
		atlassim.WithRateLimit(1<<30, 1<<30))
	for _, x := range sim.Examples() {
		if x.Tier == atlassim.TierServerless {
			s.jobs = append(s.jobs, x)
		}
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		sim.ServeHTTP(w, r)
	}))
	b.Cleanup(upstream.Close)
	logger := slog.New(slog.DiscardHandler)
	key := atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey}
	client, err := atlas.New(key, atlas.WithBaseURL(upstream.URL))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	service, err := restore.NewService(client, restore.Options{}, logger)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(service.Close)
	gw, err := New(Config{Reader: service, Logger: logger})
	if err != nil {
		b.Fatal(err)
	}
	front := httptest.NewServer(gw)
	b.Cleanup(front.Close)
	s.gateway = front.URL + "/graphql"

	target, err := url.Parse(upstream.URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport: &digest.Transport{
			Username: testPublicKey, Password: testPrivateKey,
			Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Accept", "application/vnd.atlas.2023-01-01+json")
		},
	})
	b.Cleanup(proxy.Close)
	s.proxy = proxy.URL
	return s
}

func (s *benchSystem) job(i int) atlassim.Example { return s.jobs[i%len(s.jobs)] }

// run has 16 clients for each processor ask for different jobs.
func (s *benchSystem) run(b *testing.B, query func(client *http.Client, first int) error) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	if err := query(client, 0); err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	s.calls.Store(0)
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := query(client, int(next.Add(1))); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(s.calls.Load())/float64(b.N), "calls/op")
}

func fetch(client *http.Client, method, target string, body []byte) error {
	req, err := http.NewRequest(method, target, bytes.NewReader(body)) //nolint:noctx // a benchmark has no context to hand on
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors"`)) {
		return fmt.Errorf("%d %s", res.StatusCode, answer)
	}
	return nil
}
