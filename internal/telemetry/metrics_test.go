package telemetry

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// counted is a client and a service that have counted this.
type counted[S any] struct{ stats S }

func (c counted[S]) Stats() S { return c.stats }

func watching(t *testing.T, client atlas.Stats, service restore.Stats) *Metrics {
	t.Helper()
	m := New()
	m.Watch(func() map[string]Upstream {
		return map[string]Upstream{"": {Client: counted[atlas.Stats]{client}, Service: counted[restore.Stats]{service}}}
	})
	return m
}

// scrape asks for the metrics as Prometheus does, and gives the samples of ours by
// their name and labels, as Prometheus writes them.
func scrape(t *testing.T, m *Metrics) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w,
		httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	decoder := &expfmt.SampleDecoder{
		Dec:  expfmt.NewDecoder(w.Body, expfmt.ResponseFormat(w.Header())),
		Opts: &expfmt.DecodeOptions{Timestamp: model.Now()},
	}
	samples := make(map[string]float64)
	for {
		var some model.Vector
		if err := decoder.Decode(&some); errors.Is(err, io.EOF) {
			return samples
		} else if err != nil {
			t.Fatal(err)
		}
		for _, s := range some {
			if name, ours := strings.CutPrefix(s.Metric.String(), namespace+"_"); ours {
				samples[name] = float64(s.Value)
			}
		}
	}
}

func wantSamples(t *testing.T, got, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if v, ok := got[name]; !ok || v != value {
			t.Errorf("%s is %v (there: %v), want %v", name, v, ok, value)
		}
	}
}

func TestMetrics_ofTheAtlasClient(t *testing.T) {
	m := watching(t, atlas.Stats{
		Retries: 3, RetriesRefused: 4, TokenRequests: map[string]uint64{"4xx": 11},
		Sets: []atlas.SetStats{
			{
				Name: "cloud backups", Requests: map[string]uint64{"2xx": 10, "none": 2}, RateLimited: 1, RefusedByBudget: 5,
				RefusedByBreaker: 6,
				Breaker:          "half-open",
				Emptiest:         atlas.BucketStats{Project: "63f3484e1f3a9b27c6000001", Remaining: 50, Capacity: 1200}, Spent: 2,
			},
			{Name: "root", Breaker: "off"},
		},
	}, restore.Stats{})
	got := scrape(t, m)
	wantSamples(t, got, map[string]float64{
		`atlas_retries_total`:                                                   3,
		`atlas_refused_retries_total`:                                           4,
		`atlas_token_requests_total{class="4xx"}`:                               11,
		`atlas_token_requests_total{class="2xx"}`:                               0,
		`atlas_requests_total{class="2xx", endpoint_set="cloud backups"}`:       10,
		`atlas_requests_total{class="none", endpoint_set="cloud backups"}`:      2,
		`atlas_requests_total{class="5xx", endpoint_set="cloud backups"}`:       0,
		`atlas_rate_limited_total{endpoint_set="cloud backups"}`:                1,
		`atlas_refused_calls_total{by="budget", endpoint_set="cloud backups"}`:  5,
		`atlas_refused_calls_total{by="breaker", endpoint_set="cloud backups"}`: 6,
		`atlas_breaker_state{endpoint_set="cloud backups", state="closed"}`:     0,
		`atlas_breaker_state{endpoint_set="cloud backups", state="half-open"}`:  1,
		`atlas_breaker_state{endpoint_set="cloud backups", state="open"}`:       0,
		`atlas_budget_remaining_calls{endpoint_set="cloud backups"}`:            50,
		`atlas_budget_capacity_calls{endpoint_set="cloud backups"}`:             1200,
		`atlas_budget_spent_projects{endpoint_set="cloud backups"}`:             2,
		`atlas_budget_spent_projects{endpoint_set="root"}`:                      0,
		`cache_max_bytes`: 0,
	})
	for name := range got {
		if strings.Contains(name, "63f3484e") {
			t.Errorf("a label holds an id: %s", name)
		}
		if strings.Contains(name, "breaker_state") && strings.Contains(name, "root") {
			t.Errorf("a breaker that is off has a state: %s", name)
		}
	}
}

func TestMetrics_ofTheCache(t *testing.T) {
	m := watching(t, atlas.Stats{}, restore.Stats{
		Kinds: []restore.KindStats{
			{Name: "job", Hits: 1, Misses: 2, Bypassed: 3, Coalesced: 4, Entries: 5},
			{Name: restore.KindNotFound, Entries: 6},
		},
		Bytes: 7, MaxBytes: 8, Overflowed: 9, Expired: 10,
	})
	got := scrape(t, m)
	wantSamples(t, got, map[string]float64{
		`cache_lookups_total{kind="job", result="hit"}`:    1,
		`cache_lookups_total{kind="job", result="miss"}`:   2,
		`cache_lookups_total{kind="job", result="bypass"}`: 3,
		`shared_calls_total{kind="job"}`:                   4,
		`cache_entries{kind="job"}`:                        5,
		`cache_entries{kind="missing"}`:                    6,
		`cache_bytes`:                                      7,
		`cache_max_bytes`:                                  8,
		`cache_evictions_total{reason="overflow"}`:         9,
		`cache_evictions_total{reason="expired"}`:          10,
	})
}

// With a single credential no label tells which; with several each has its own, and one
// that has gone is not remembered.
func TestMetrics_haveACredentialLabel(t *testing.T) {
	m := New()
	up := map[string]Upstream{}
	m.Watch(func() map[string]Upstream { return up })
	for name, n := range map[string]uint64{"payments": 1, "shop": 2} {
		up[name] = Upstream{
			Client: counted[atlas.Stats]{atlas.Stats{Retries: n}}, Service: counted[restore.Stats]{restore.Stats{Bytes: n}},
		}
	}
	wantSamples(t, scrape(t, m), map[string]float64{
		`atlas_retries_total{credential="payments"}`: 1,
		`atlas_retries_total{credential="shop"}`:     2,
		`cache_bytes{credential="payments"}`:         1,
		`cache_bytes{credential="shop"}`:             2,
	})
	delete(up, "shop")
	if v, there := scrape(t, m)[`atlas_retries_total{credential="shop"}`]; there {
		t.Errorf("one that has gone has %v retries", v)
	}
}

func TestMetrics_ofOperationsAndRequests(t *testing.T) {
	m := New()
	m.Operation(t.Context(), "query", "errors", []string{"NOT_FOUND", "NOT_FOUND", "RATE_LIMITED"}, 20*time.Millisecond)
	m.AtlasRequest(t.Context(), "root", 3*time.Second)
	got := scrape(t, m)
	wantSamples(t, got, map[string]float64{
		`graphql_operations_total{operation_type="query", outcome="errors"}`:            1,
		`graphql_operations_total{operation_type="query", outcome="ok"}`:                0,
		`graphql_errors_total{code="NOT_FOUND"}`:                                        2,
		`graphql_errors_total{code="RATE_LIMITED"}`:                                     1,
		`graphql_operation_duration_seconds_bucket{le="0.01", operation_type="query"}`:  0,
		`graphql_operation_duration_seconds_bucket{le="0.025", operation_type="query"}`: 1,
		`graphql_operation_duration_seconds_sum{operation_type="query"}`:                .02,
		`atlas_request_duration_seconds_bucket{endpoint_set="root", le="2.5"}`:          0,
		`atlas_request_duration_seconds_bucket{endpoint_set="root", le="5"}`:            1,
	})
}

// What clients make up is no label: neither paths, nor methods, nor statuses.
func TestInstrument_labelsRouteMethodAndCode(t *testing.T) {
	m := New()
	var inFlight float64
	handler := m.Instrument(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inFlight = testutil.ToFloat64(m.inFlight)
		if r.URL.Path == "/graphql" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	for _, request := range []string{
		"POST /graphql?query=secret", "GET /health/live", "GET /health/ready", "GET /", "GET /secret", "GET /graphql/secret",
		"SECRET /secret",
	} {
		method, target, _ := strings.Cut(request, " ")
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody))
	}
	if inFlight != 1 || testutil.ToFloat64(m.inFlight) != 0 {
		t.Errorf("%v in flight while one is, %v afterwards", inFlight, testutil.ToFloat64(m.inFlight))
	}
	got := scrape(t, m)
	for name := range got {
		if !strings.HasPrefix(name, "http_requests_total") {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(map[string]float64{
		`http_requests_total{code="418", method="post", route="graphql"}`:  1,
		`http_requests_total{code="200", method="get", route="health"}`:    2,
		`http_requests_total{code="200", method="get", route="other"}`:     3,
		`http_requests_total{code="200", method="unknown", route="other"}`: 1,
	}, got); diff != "" {
		t.Error(diff)
	}
}

// A deadline for reading, and a connection that is taken over, reach through.
func TestInstrument_writersHaveTheirOptionalInterfaces(t *testing.T) {
	server := httptest.NewServer(New().Instrument(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		if err := c.Flush(); err != nil {
			t.Error(err)
		}
		conn, _, err := c.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	})))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := server.Client().Do(req); err == nil {
		_ = res.Body.Close()
	}
}

// The rules of promtool check metrics.
func TestMetrics_namesPassPromlint(t *testing.T) {
	m := watching(t, atlas.Stats{
		Sets: []atlas.SetStats{{Name: "root", Breaker: "open", Emptiest: atlas.BucketStats{Capacity: 1}}},
	}, restore.Stats{Kinds: []restore.KindStats{{Name: "job"}}})
	m.Operation(t.Context(), "query", "ok", []string{"NOT_FOUND"}, 0)
	m.AtlasRequest(t.Context(), "root", 0)
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, namespace) {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	for _, name := range []string{"go_goroutines", "process_open_fds", namespace + "_build_info"} {
		if n, err := testutil.GatherAndCount(m.registry, name); err != nil || n != 1 {
			t.Errorf("%d of %s, %v", n, name, err)
		}
	}
}

func TestMetrics_ofAnswersBeingWritten(t *testing.T) {
	m := New()
	m.WatchAnswers(func() (bytes int64, cut, refused uint64) { return 1, 2, 3 })
	wantSamples(t, scrape(t, m), map[string]float64{
		`http_answer_bytes`:                          1,
		`http_answers_ended_total{reason="cut"}`:     2,
		`http_answers_ended_total{reason="refused"}`: 3,
	})
}
