package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testPublicKey  = "gateway"
	testPrivateKey = "private-key-of-the-test"
)

// env is the whole system in one process: HTTP client → gateway → client → simulator.
type env struct {
	sim     *atlassim.Simulator
	gateway *Gateway
	url     string // of the gateway
	client  *http.Client
	log     *lockedBuffer
}

type envOption func(*envConfig)

type envConfig struct {
	upstream http.Handler
	atlas    []atlas.Option
	config   Config
	mode     restore.ServerlessMode
	keep     restore.Keep
}

// before answers in the simulator's place.
func before(h http.Handler) envOption { return func(c *envConfig) { c.upstream = h } }

func withAtlas(opts ...atlas.Option) envOption {
	return func(c *envConfig) { c.atlas = append(c.atlas, opts...) }
}

func withConfig(set func(*Config)) envOption { return func(c *envConfig) { set(&c.config) } }

func withServerless(mode restore.ServerlessMode) envOption {
	return func(c *envConfig) { c.mode = mode }
}

// bare turns off whatever saves calls or makes them again: retries, budget, breaker,
// and what is kept. It is for tests that count single calls.
func bare(c *envConfig) {
	c.atlas = append(c.atlas, atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))
	c.keep = restore.Keep{}
}

// ways are a gateway as the program starts it, and a bare one.
var ways = map[string]envOption{"as it starts": func(*envConfig) {}, "bare": bare}

func newEnv(t *testing.T, opts ...envOption) *env {
	t.Helper()
	e := &env{log: &lockedBuffer{}, client: &http.Client{Transport: &http.Transport{}}}
	e.sim = atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
	// As the program starts without flags: atlas.New has its defaults on.
	c := envConfig{upstream: e.sim, keep: restore.DefaultKeep}
	for _, opt := range opts {
		opt(&c)
	}
	upstream := httptest.NewServer(c.upstream)
	t.Cleanup(upstream.Close)
	logger := slog.New(LogHandler(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	client, err := atlas.New(atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey},
		append([]atlas.Option{
			atlas.WithBaseURL(upstream.URL), atlas.WithLogger(logger),
		}, c.atlas...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	c.config.Logger = logger
	if c.config.Reader == nil {
		service, err := restore.NewService(client, restore.Options{Serverless: c.mode, Keep: c.keep}, logger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(service.Close)
		c.config.Reader = service
	}
	if e.gateway, err = New(c.config); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e.gateway)
	t.Cleanup(server.Close)
	t.Cleanup(e.client.CloseIdleConnections)
	e.url = server.URL
	return e
}

// example is a seeded job of the simulator.
func (e *env) example(t *testing.T, label string) atlassim.Example {
	t.Helper()
	for _, x := range e.sim.Examples() {
		if x.Label == label {
			return x
		}
	}
	t.Fatalf("the simulator has no example %q", label)
	return atlassim.Example{}
}

// result is a GraphQL response.
type result struct {
	Status int                        `json:"-"`
	Header http.Header                `json:"-"`
	Raw    string                     `json:"-"`
	Data   map[string]json.RawMessage `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// post sends a query and wants a GraphQL response.
func (e *env) post(t *testing.T, query string, variables map[string]any) result {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return e.send(t, http.MethodPost, "/graphql", string(body), "Content-Type: application/json")
}

// fresh sends a query that wants to hear from Atlas itself.
func (e *env) fresh(t *testing.T, query string) result {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return e.send(t, http.MethodPost, "/graphql", string(body), "Content-Type: application/json", "Cache-Control: no-cache")
}

// send sends anything; headers are "Name: value".
func (e *env) send(t *testing.T, method, path, body string, headers ...string) result {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := result{Status: res.StatusCode, Header: res.Header, Raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatalf("the answer is not JSON: %v: %s", err, raw)
		}
	}
	return r
}

// lockedBuffer is a log that many goroutines write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedBuffer) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}
