package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"atlas-restore-gateway/internal/document"
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
	// MaxRequestBytes is the largest bound on a body; it holds where limits only warn.
	MaxRequestBytes         = 64 << 20
	DefaultMaxRequestBytes  = 1 << 20
	DefaultBodyTimeout      = 30 * time.Second
	DefaultOperationTimeout = 30 * time.Second
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
	// OperationTimeout bounds how long an operation may take; 0 means
	// DefaultOperationTimeout. What was read by then is served.
	OperationTimeout time.Duration
	// Origins are the web pages of elsewhere that may use the gateway.
	Origins Origins
	// Cache says who may keep answers to a GET with the hash of a document.
	Cache CacheScope
	// NoCompression sends every answer as it is.
	NoCompression bool
	// Limits bound what a document may ask for; zero means document.DefaultLimits.
	Limits document.Limits
	// MaxCost is how many calls of Atlas an operation may cost at worst, and how many
	// requests may really be sent for it; 0 means DefaultMaxCost.
	MaxCost int
	// MaxAnswerFields is how many fields an answer may have at worst, those of lists as
	// often as they have elements; 0 means DefaultMaxAnswerFields.
	MaxAnswerFields int
	// WarnLimits logs what goes beyond a limit, and serves it; all but what goes beyond
	// MaxRequestBytes, or comes to more fields than anybody could count.
	WarnLimits bool
	// Introspection lets clients read the schema, and has errors suggest what it has.
	Introspection bool
	// DocumentBytes bounds the documents that are kept, about; 0 means
	// document.DefaultCacheBytes.
	DocumentBytes int64
	// NoPersistedQueries refuses hashes in the place of documents.
	NoPersistedQueries bool
	// TrustedDocuments are those of a manifest, and Trust what becomes of others.
	TrustedDocuments []document.Trusted
	Trust            document.TrustMode
	// Playground answers / and /playground/; without one / says where the API is.
	Playground http.Handler
	// Dashboard answers /dashboard and what is below it; nil serves none.
	Dashboard http.Handler
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
	if c.OperationTimeout == 0 {
		c.OperationTimeout = DefaultOperationTimeout
	}
	if c.MaxCost == 0 {
		c.MaxCost = DefaultMaxCost
	}
	if c.MaxAnswerFields == 0 {
		c.MaxAnswerFields = DefaultMaxAnswerFields
	}
	if c.Limits == (document.Limits{}) {
		c.Limits = document.DefaultLimits
	}
	graphQL, err := newGraphQL(c)
	if err != nil {
		return nil, err
	}
	if err := c.Origins.Check(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	guard, err := crossSite(c.Origins)
	if err != nil {
		return nil, err
	}
	compress, err := compressed(!c.NoCompression)
	if err != nil {
		return nil, err
	}
	g := &Gateway{}
	r := chi.NewRouter()
	// The order matters: everything below the ids can be found by them, everything
	// below the access log is in it, and a panic anywhere below is answered.
	r.Use(requestID, traceID, accessLog(c.Logger), recoverPanics(c.Logger), setHeaders(c.Mode), knownMethods)
	// A preflight is answered before anybody asks where it comes from. What is
	// refused for that is small; what comes back from GraphQL may be large.
	r.With(c.Origins.cors(), guard, compress).Handle("/graphql", graphQL)
	if c.Playground == nil {
		r.Get("/", root)
	} else {
		r.Handle("/", c.Playground)
		r.Handle("/playground/*", c.Playground)
	}
	if c.Dashboard != nil {
		r.Handle("/dashboard", c.Dashboard)
		r.Handle("/dashboard/*", c.Dashboard)
	}
	r.Get("/health/live", live)
	r.Get("/health/ready", g.ready)
	g.Handler = r
	return g, nil
}

// Drain makes /health/ready say no, so that a load balancer sends no more.
func (g *Gateway) Drain() { g.draining.Store(true) }

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
