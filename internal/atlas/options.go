package atlas

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"atlas-restore-gateway/internal/loopback"
)

// DefaultBaseURL is the URL of Atlas, except for its government cloud.
const DefaultBaseURL = "https://cloud.mongodb.com"

// Bounds and defaults of options.
const (
	DefaultTimeout = 20 * time.Second
	MinTimeout     = 100 * time.Millisecond
	MaxTimeout     = 5 * time.Minute

	DefaultMaxBodyBytes = 8 << 20
	MinMaxBodyBytes     = 1 << 10
	MaxMaxBodyBytes     = 256 << 20
)

type settings struct {
	baseURL      *url.URL
	timeout      time.Duration
	maxBodyBytes int64
	envelope     bool
	pretty       bool
	logger       *slog.Logger
	transport    http.RoundTripper
	dial         func(ctx context.Context, network, address string) (net.Conn, error)
	retries      int
	reserve      int
	unlimited    bool
	breaker      Breaker
	observe      func(ctx context.Context, endpointSet string, took time.Duration)
	traceContext bool
	share        func(SharedBucketConfig) SharedBucket
	actions      bool
}

// Option sets one setting of a Client, or returns an error where the value is invalid.
type Option func(*settings) error

// apiPath is the beginning of the path of each operation, after the base URL.
const apiPath = "/api/atlas/v2"

// WithBaseURL sets the URL of Atlas; see ParseBaseURL.
func WithBaseURL(raw string) Option {
	return func(s *settings) error {
		u, err := ParseBaseURL(raw)
		s.baseURL = u
		return err
	}
}

// ParseBaseURL parses the URL of Atlas: scheme, host and optionally a path that all paths of the API are
// below. The beginning of the API's own paths (/api/atlas/v2, /api/atlas) is cut off its end, because
// the token endpoint is beside it. Another version of the API, or a path into it, is an error. Plain
// http is accepted for a loopback address only, because access tokens and download URLs would cross
// the network unencrypted. Errors do not repeat raw.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	// url.Parse repeats its input, which may hold a password.
	case err != nil:
		return nil, errors.New("the base URL cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the base URL must start with https://")
	case u.Hostname() == "":
		return nil, errors.New("the base URL names no host")
	case u.User != nil:
		return nil, errors.New("the base URL must not hold a user or a password")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the base URL must not hold a query or a fragment")
	case u.Scheme == "http" && !loopback.Is(u.Hostname()):
		return nil, errors.New("the base URL must use https; plain http is for loopback addresses only")
	}
	u.Path, u.RawPath = trimAPIPath(u.Path), trimAPIPath(u.RawPath)
	segments := strings.ToLower(u.Path) + "/"
	if strings.Contains(segments, "/api/atlas/") || strings.Contains(segments, "/api/public/") {
		return nil, errors.New("the base URL leads into the API: end it before /api/, as in " + DefaultBaseURL)
	}
	return u, nil
}

// trimAPIPath cuts slashes and the beginning of the API's own paths off the end of a path.
func trimAPIPath(path string) string {
	path = strings.TrimRight(path, "/")
	for _, end := range []string{apiPath, "/api/atlas"} {
		if before, found := strings.CutSuffix(path, end); found {
			return strings.TrimRight(before, "/")
		}
	}
	return path
}

// WithTimeout bounds a whole call, with its challenge or token, its retries and the waits between them:
// MinTimeout to MaxTimeout.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < MinTimeout || d > MaxTimeout {
			return fmt.Errorf("the timeout must be from %s to %s, not %s", MinTimeout, MaxTimeout, d)
		}
		s.timeout = d
		return nil
	}
}

// WithMaxBodyBytes bounds the body of a response, in bytes after decompression: MinMaxBodyBytes to
// MaxMaxBodyBytes.
func WithMaxBodyBytes(n int64) Option {
	return func(s *settings) error {
		if n < MinMaxBodyBytes || n > MaxMaxBodyBytes {
			return fmt.Errorf("the bound on answers must be from %d to %d bytes, not %d", MinMaxBodyBytes, MaxMaxBodyBytes, n)
		}
		s.maxBodyBytes = n
		return nil
	}
}

// WithEnvelope asks Atlas for envelope=true: the status also stands in the body,
// for networks whose proxies hide it.
func WithEnvelope(yes bool) Option {
	return func(s *settings) error { s.envelope = yes; return nil }
}

// WithPretty asks Atlas for pretty=true: indented bodies, for people who look at the traffic.
func WithPretty(yes bool) Option {
	return func(s *settings) error { s.pretty = yes; return nil }
}

// WithLogger sets the log: debug lines for requests, warnings for deprecations. Nothing is logged
// without it.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		s.logger = l
		return nil
	}
}

// WithRetries sets how many attempts may follow one that failed for a cause that may pass (429 with a
// short wait, 502, 503, 504, a broken connection, a timeout): 0, which is none, to MaxRetries. Only
// requests that change nothing are repeated.
func WithRetries(n int) Option {
	return func(s *settings) error {
		if n < 0 || n > MaxRetries {
			return fmt.Errorf("the retries must be from 0 to %d, not %d", MaxRetries, n)
		}
		s.retries = n
		return nil
	}
}

// WithBudget sets whether calls are rejected while a bucket is down to its reserve (see
// DefaultReserve) or blocked by a 429; it is on by default. Without it calls are only counted.
func WithBudget(yes bool) Option {
	return func(s *settings) error { s.unlimited = !yes; return nil }
}

// WithSharedBudget sets a function that returns the buckets that this process shares with others which use the same
// budget. It is called for each bucket, concurrently, and must return at once.
func WithSharedBudget(share func(SharedBucketConfig) SharedBucket) Option {
	return func(s *settings) error { s.share = share; return nil }
}

// WithActions lets the client use the operations that change something (see Actions). Without it, it sends nothing but
// GET, and POST for access tokens.
func WithActions() Option {
	return func(s *settings) error { s.actions = true; return nil }
}

// WithBreaker sets the circuit breakers. The default is DefaultBreaker; Breaker{} is none.
func WithBreaker(b Breaker) Option {
	return func(s *settings) error {
		if err := b.validate(); err != nil {
			return err
		}
		s.breaker = b
		return nil
	}
}

// WithTraceContext has each request to Atlas carry the span of its attempt (W3C Trace Context), if that is recorded.
// Without it Atlas learns nothing of traces.
func WithTraceContext(on bool) Option {
	return func(s *settings) error {
		s.traceContext = on
		return nil
	}
}

// WithRequestObserver sets a function that is called for each request that belongs to an endpoint set:
// with the context of its attempt, the name of the set, as in Stats, and the time until the whole response or the
// failure. It is called concurrently and must return at once.
func WithRequestObserver(observe func(ctx context.Context, endpointSet string, took time.Duration)) Option {
	return func(s *settings) error {
		if observe == nil {
			return errors.New("the observer of requests is nil")
		}
		s.observe = observe
		return nil
	}
}

// WithTransport replaces the http.Transport at the bottom of the stack. It is meant for tests.
func WithTransport(rt http.RoundTripper) Option {
	return func(s *settings) error {
		if rt == nil {
			return errors.New("the transport is nil")
		}
		s.transport = rt
		return nil
	}
}

// WithDial sets the function that opens connections, without WithTransport. It is meant for tests; the
// default is a net.Dialer.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(s *settings) error {
		if dial == nil {
			return errors.New("what opens connections is nil")
		}
		s.dial = dial
		return nil
	}
}
