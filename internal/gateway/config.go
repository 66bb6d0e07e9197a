package gateway

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/graph/fastpath"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/loader"
)

// Mode says whether Atlas or the simulator is behind the gateway. It is sent with every response in the header
// X-Atlas-Mode.
type Mode string

// The modes.
const (
	ModeLive Mode = "live"
	ModeDemo Mode = "demo"
)

// Bounds of the settings.
const (
	// MaxRequestBytes is the largest limit on a body; it holds even where limits only warn.
	MaxRequestBytes         = 64 << 20
	DefaultMaxRequestBytes  = 1 << 20
	DefaultBodyTimeout      = 30 * time.Second
	DefaultOperationTimeout = 30 * time.Second
)

// Config is what a Gateway is made of. Reader, Logger and Access are required.
type Config struct {
	Mode   Mode
	Reader loader.Reader
	// Live is what subscriptions read from; nil serves none.
	Live   Live
	Logger *slog.Logger
	// Access is who may call, and which results of Reader they may see.
	Access *Access
	// Concurrency is how many calls of Atlas one operation makes at a time; 0 means loader.DefaultConcurrency.
	Concurrency int
	// MaxRequestBytes bounds the body of a request; 0 means DefaultMaxRequestBytes.
	MaxRequestBytes int64
	// BodyTimeout bounds how long a client may take to send a body; 0 means DefaultBodyTimeout.
	BodyTimeout time.Duration
	// OperationTimeout bounds how long an operation may take; 0 means DefaultOperationTimeout. Fields that were read by
	// then are served.
	OperationTimeout time.Duration
	// Streams bound subscriptions; what is zero means DefaultStreams.
	Streams Streams
	// CORS are the pages of other origins that may use the gateway.
	CORS CORS
	// Cache is which caches may store responses to a GET with the hash of a document.
	Cache CacheScope
	// NoCompression sends every response uncompressed.
	NoCompression bool
	// Limits bound what a document may ask for; zero means document.DefaultLimits.
	Limits document.Limits
	// MaxCost is how many calls of Atlas an operation may cost at worst, and how many requests may really be sent for
	// it; 0 means DefaultMaxCost. No more calls are made than the operation can cost at worst.
	MaxCost int
	// Credentials returns how many credentials of Reader are asked for the list of all projects, and how many are asked
	// which of them has a project; both add to the cost of an operation. Nil is a single credential.
	Credentials func() (listed, searched int)
	// MaxAnswerFields is how many fields an answer may have at worst, fields of lists multiplied by the length of the
	// list; 0 means DefaultMaxAnswerFields.
	MaxAnswerFields int
	// MaxAnswerBytes is how many bytes an answer may have before it is compressed; 0 means DefaultMaxAnswerBytes.
	MaxAnswerBytes int64
	// MaxAnswerMemory is how many bytes all answers have that are being written to all clients; 0 means
	// DefaultMaxAnswerMemory. A single answer is written whatever its size.
	MaxAnswerMemory int64
	// WarnLimits logs operations that exceed a limit, and serves them. MaxRequestBytes and MaxAnswerBytes of this
	// package, and the largest count of fields of package document, are enforced all the same.
	WarnLimits bool
	// Introspection lets clients read the schema, and lets errors suggest names of it.
	Introspection bool
	// PlainSDL leaves the directives of authorization out of the SDL that _service returns.
	PlainSDL bool
	// DocumentBytes is about how many bytes cached documents take; 0 means document.DefaultCacheBytes.
	DocumentBytes int64
	// NoPersistedQueries rejects hashes in place of documents.
	NoPersistedQueries bool
	// SharedTexts are the texts of persisted queries that replicas of the gateway share; nil is none.
	SharedTexts document.SharedTexts
	// TrustedDocuments are the documents of a manifest, and Trust is what happens to others.
	TrustedDocuments []document.Trusted
	Trust            document.TrustMode
	// Playground serves / and /playground/; without it / is a text that names the API's URL.
	Playground http.Handler
	// PlaygroundSchema serves the schema that the playground shows, to callers who may query; nil serves none.
	PlaygroundSchema http.Handler
	// Actions are what mutations do; nil serves none.
	Actions *Actions
	// Dashboard serves /dashboard and the paths below it; nil serves none.
	Dashboard http.Handler
	// Metrics counts operations and requests; nil counts nothing.
	Metrics Metrics
	// Tracer makes the spans; nil makes none.
	Tracer trace.Tracer

	// fastPath replaces the fast path in tests: nil for none.
	fastPath func(*fastpath.FastPath) *fastpath.FastPath
}

// withDefaults returns the config with a value for everything that is not set.
func (c Config) withDefaults() Config {
	c.Mode = cmp.Or(c.Mode, ModeLive)
	c.Concurrency = cmp.Or(c.Concurrency, loader.DefaultConcurrency)
	c.MaxRequestBytes = cmp.Or(c.MaxRequestBytes, DefaultMaxRequestBytes)
	c.BodyTimeout = cmp.Or(c.BodyTimeout, DefaultBodyTimeout)
	c.OperationTimeout = cmp.Or(c.OperationTimeout, DefaultOperationTimeout)
	c.Limits = cmp.Or(c.Limits, document.DefaultLimits)
	c.MaxCost = cmp.Or(c.MaxCost, DefaultMaxCost)
	c.MaxAnswerFields = cmp.Or(c.MaxAnswerFields, DefaultMaxAnswerFields)
	c.MaxAnswerBytes = cmp.Or(c.MaxAnswerBytes, DefaultMaxAnswerBytes)
	c.MaxAnswerMemory = cmp.Or(c.MaxAnswerMemory, DefaultMaxAnswerMemory)
	c.Streams = c.Streams.withDefaults()
	if c.Credentials == nil {
		c.Credentials = func() (listed, searched int) { return 1, 0 }
	}
	return c
}
