package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"atlas-restore-gateway/internal/loader"
)

// Mode says what stands behind the gateway; it is sent with every answer in the
// header X-Atlas-Mode.
type Mode string

// The modes.
const (
	ModeLive Mode = "live"
	ModeDemo Mode = "demo"
)

// Bounds of the settings.
const (
	DefaultMaxRequestBytes = 1 << 20
	DefaultBodyTimeout     = 30 * time.Second
	queryCacheSize         = 1000
)

// Config is what a Gateway is made of. Reader and Logger are required.
type Config struct {
	Mode   Mode
	Reader loader.Reader
	Logger *slog.Logger
	// Concurrency is how many calls one operation has under way; 0 means
	// loader.DefaultConcurrency.
	Concurrency int
	// MaxRequestBytes bounds the body of a request; 0 means DefaultMaxRequestBytes.
	MaxRequestBytes int64
	// BodyTimeout bounds how long a client may take to send it; 0 means
	// DefaultBodyTimeout.
	BodyTimeout time.Duration
	// Metrics is told what happens; nil tells nobody.
	Metrics Metrics
}

// Gateway is the HTTP handler of the whole service.
type Gateway struct {
	http.Handler

	draining atomic.Bool
}

// New wires a Gateway.
func New(c Config) (*Gateway, error) {
	if c.Reader == nil || c.Logger == nil {
		return nil, errors.New("gateway: Reader and Logger are required")
	}
	if c.Mode == "" {
		c.Mode = ModeLive
	}
	if c.Concurrency == 0 {
		c.Concurrency = loader.DefaultConcurrency
	}
	if c.MaxRequestBytes == 0 {
		c.MaxRequestBytes = DefaultMaxRequestBytes
	}
	if c.BodyTimeout == 0 {
		c.BodyTimeout = DefaultBodyTimeout
	}
	g := &Gateway{}
	r := chi.NewRouter()
	// The order matters: everything below the ids can be found by them, everything
	// below the access log is in it, and a panic anywhere below is answered.
	r.Use(requestID, traceID, accessLog(c.Logger), recoverPanics(c.Logger), modeHeader(c.Mode))
	r.Handle("/graphql", newGraphQL(c))
	r.Get("/", root)
	r.Get("/health/live", live)
	r.Get("/health/ready", g.ready)
	g.Handler = r
	if c.Metrics != nil {
		g.Handler = c.Metrics.Instrument(r)
	}
	return g, nil
}

// Drain makes /health/ready say no, so that a load balancer sends no more.
func (g *Gateway) Drain() { g.draining.Store(true) }

func modeHeader(m Mode) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Atlas-Mode", string(m))
			next.ServeHTTP(w, r)
		})
	}
}

func root(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "Atlas Restore Gateway. The GraphQL API is at /graphql (GET and POST); health is at /health/live and /health/ready.\n")
}

func live(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "live\n") }

func (g *Gateway) ready(w http.ResponseWriter, _ *http.Request) {
	if g.draining.Load() {
		writeText(w, http.StatusServiceUnavailable, "shutting down\n")
		return
	}
	writeText(w, http.StatusOK, "ready\n")
}

func writeText(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
