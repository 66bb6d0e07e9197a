package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/test/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testPublicKey  = "gateway"
	testPrivateKey = "private-key-of-the-test"
)

// env is the whole system in one process: HTTP client → gateway → client → simulator.
type env struct {
	sim     *atlassim.Simulator
	atlas   *atlas.Client
	gateway *Gateway
	url     string // of the gateway
	client  *http.Client
	log     *lockedBuffer
	some    []string // jobs that a test has read
}

type envOption func(*envConfig)

type envConfig struct {
	sim        []atlassim.Option
	upstream   http.Handler // nil for the simulator
	wrap       func(http.Handler) http.Handler
	credential atlas.Credential
	atlas      []atlas.Option
	config     Config
	mode       restore.ServerlessMode
	cache      restore.CacheSettings
	pipes      bool // the network is made of pipes
	quiet      bool // nothing is logged
	actions    bool // mutations are served
}

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// serve serves the handler until the test ends, and tells where.
func (c *envConfig) serve(t *testing.T, h http.Handler) (url string, dial dialer) {
	t.Helper()
	if c.pipes {
		return "http://127.0.0.1", memnet.Serve(t, h).Dial
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, (&net.Dialer{}).DialContext
}

// inBubble is for tests inside a bubble of synctest: time passes there by itself, and
// what is still running when the test ends fails it.
func inBubble(c *envConfig) { c.pipes, c.quiet = true, true }

// withSmallBodies makes tests with endless bodies cheaper.
var withSmallBodies = withAtlas(atlas.WithMaxBodyBytes(640 << 10))

// withUpstream replaces the simulator.
func withUpstream(h http.Handler) envOption { return func(c *envConfig) { c.upstream = h } }

func withAtlas(opts ...atlas.Option) envOption {
	return func(c *envConfig) { c.atlas = append(c.atlas, opts...) }
}

func withConfig(set func(*Config)) envOption { return func(c *envConfig) { set(&c.config) } }

func withServerless(mode restore.ServerlessMode) envOption {
	return func(c *envConfig) { c.mode = mode }
}

// bare turns off whatever saves calls or makes them again: retries, budget, breaker,
// and the cache. It is for tests that count single calls.
func bare(c *envConfig) {
	c.atlas = append(c.atlas, atlas.WithRetries(0), atlas.WithBudget(false), atlas.WithBreaker(atlas.Breaker{}))
	c.cache = restore.CacheSettings{}
}

// withActions serves mutations.
func withActions(c *envConfig) { c.actions = true }

// actionsOf returns what mutations act with: the client's credential.
func (c *envConfig) actionsOf(t *testing.T, opts []atlas.Option, service *restore.Service, logger *slog.Logger) *Actions {
	t.Helper()
	client, err := atlas.New(c.credential, append(opts, atlas.WithActions())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	ledger := &actions.MemoryLedger{}
	return &Actions{
		Choose: func(context.Context, string) (*restore.Actions, func(), error) {
			return restore.NewActions(client, logger), func() {}, nil
		},
		Ledger: ledger, Switch: &actions.Switch{Ledger: ledger},
		Forget: func(_ context.Context, cluster restore.ClusterKey) { service.Forget(cluster) },
	}
}

// noRetries makes each attempt the only one.
var noRetries = withAtlas(atlas.WithRetries(0))

// setups are a gateway as the program starts it, and a bare one.
var setups = map[string]envOption{"as it starts": func(*envConfig) {}, "bare": bare}

func newEnv(t *testing.T, opts ...envOption) *env {
	t.Helper()
	e := &env{log: &lockedBuffer{}}
	// As the program starts without flags: atlas.New has its defaults on.
	c := envConfig{
		cache: restore.DefaultCacheSettings, credential: atlas.APIKey{PublicKey: testPublicKey, PrivateKey: testPrivateKey},
	}
	for _, opt := range opts {
		opt(&c)
	}
	if c.pipes {
		advanceClock()
	}
	e.sim = atlassim.New(append(c.sim, atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))...)
	if c.upstream == nil {
		c.upstream = e.sim
	}
	if c.wrap != nil {
		c.upstream = c.wrap(c.upstream)
	}
	atlasURL, dialAtlas := c.serve(t, c.upstream)
	logger := slog.New(LogHandler(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if c.quiet {
		logger = slog.New(slog.DiscardHandler)
	}
	clientOptions := append([]atlas.Option{
		atlas.WithBaseURL(atlasURL), atlas.WithLogger(logger), atlas.WithDial(dialAtlas),
	}, c.atlas...)
	client, err := atlas.New(c.credential, clientOptions...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	e.atlas = client
	c.config.Logger = logger
	if c.config.Access == nil {
		c.config.Access = AllowAll(io.Discard)
	}
	if c.config.Reader == nil {
		service, err := restore.NewService(client, restore.Options{Serverless: c.mode, Cache: c.cache}, logger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(service.Close)
		c.config.Reader = service
		if c.config.Live, err = service.Live(); err != nil {
			t.Fatal(err)
		}
		if c.actions {
			c.config.Actions = c.actionsOf(t, clientOptions, service, logger)
		}
	}
	if e.gateway, err = New(c.config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.gateway.Close)
	var dial dialer
	e.url, dial = c.serve(t, e.gateway)
	e.client = &http.Client{Transport: &http.Transport{DialContext: dial}}
	t.Cleanup(e.client.CloseIdleConnections)
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
	Errors []resultError              `json:"errors"`
}

// resultError is one error of a GraphQL response.
type resultError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
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
func (e *env) postNoCache(t *testing.T, query string) result {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return e.send(t, http.MethodPost, "/graphql", string(body), "Content-Type: application/json",
		"Cache-Control: no-cache")
}

// send sends anything; headers are "Name: value".
func (e *env) send(t *testing.T, method, path, body string, headers ...string) result {
	t.Helper()
	r, err := e.trySend(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trySend is send for a request that may get no response.
func (e *env) trySend(ctx context.Context, method, path, body string, headers ...string) (result, error) {
	req, err := http.NewRequestWithContext(ctx, method, e.url+path, strings.NewReader(body))
	if err != nil {
		return result{}, err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return result{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return result{}, err
	}
	r := result{Status: res.StatusCode, Header: res.Header, Raw: string(raw)}
	if method != http.MethodHead && strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &r); err != nil {
			return result{}, fmt.Errorf("the answer is not JSON: %w: %s", err, raw)
		}
	}
	return r, nil
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
