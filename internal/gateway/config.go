package gateway

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"atlas-restore-gateway/graph/fastpath"
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

// Config is what a Gateway is made of. Reader, Logger and Access are required.
type Config struct {
	Mode   Mode
	Reader loader.Reader
	Logger *slog.Logger
	// Access says who may call, and what of Reader they may see.
	Access *Access
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
	// CORS are the web pages of elsewhere that may use the gateway.
	CORS CORS
	// Cache says who may keep answers to a GET with the hash of a document.
	Cache CacheScope
	// NoCompression sends every answer as it is.
	NoCompression bool
	// Limits bound what a document may ask for; zero means document.DefaultLimits.
	Limits document.Limits
	// MaxCost is how many calls of Atlas an operation may cost at worst, and how many
	// requests may really be sent for it; 0 means DefaultMaxCost. No more calls are made than
	// it can cost at worst.
	MaxCost int
	// Credentials says how many credentials of Reader are asked when all projects are listed, and
	// how many which of them has a project, for what an operation can cost; nil is a single one.
	Credentials func() (listed, searched int)
	// MaxAnswerFields is how many fields an answer may have at worst, those of lists as
	// often as they have elements; 0 means DefaultMaxAnswerFields.
	MaxAnswerFields int
	// MaxAnswerBytes is how many bytes an answer may have before it is compressed; 0 means
	// DefaultMaxAnswerBytes.
	MaxAnswerBytes int64
	// MaxAnswerMemory is how many bytes all answers have that are being written, to whatever
	// client; 0 means DefaultMaxAnswerMemory. One answer is written whatever its size.
	MaxAnswerMemory int64
	// WarnLimits logs what goes beyond a limit, and serves it; all but what goes beyond
	// MaxRequestBytes or MaxAnswerBytes of this package, or comes to more fields than anybody could count.
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
	// Metrics is told what happens; nil tells nobody.
	Metrics Metrics

	// fastPath replaces the fast path in tests: nil for none.
	fastPath func(*fastpath.FastPath) *fastpath.FastPath
}

// withDefaults has a value for everything that was not set.
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
	if c.Credentials == nil {
		c.Credentials = func() (listed, searched int) { return 1, 0 }
	}
	return c
}
