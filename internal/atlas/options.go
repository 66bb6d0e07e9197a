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

// DefaultBaseURL is where Atlas lives, but for its government cloud.
const DefaultBaseURL = "https://cloud.mongodb.com"

// Bounds of the settings, and what they are when nothing else is said.
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
	observe      func(endpointSet string, took time.Duration)
}

// Option sets one thing of a Client, or says why it cannot.
type Option func(*settings) error

// apiPath is what every operation's path begins with, behind the base URL.
const apiPath = "/api/atlas/v2"

// WithBaseURL sets where Atlas is, as ParseBaseURL reads it.
func WithBaseURL(raw string) Option {
	return func(s *settings) error {
		u, err := ParseBaseURL(raw)
		s.baseURL = u
		return err
	}
}

// ParseBaseURL reads where Atlas is: scheme, host and perhaps a path that everything
// hangs below. The beginning of the API's own paths (/api/atlas/v2, /api/atlas) may stand at its
// end and is cut off: the token endpoint lies beside it. Another version of the API, or a path into it, is
// an error. Plain http is accepted for a loopback address only, because an access token or
// a download URL would cross the network in the clear. No error repeats raw.
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
	u.Path, u.RawPath = withoutAPI(u.Path), withoutAPI(u.RawPath)
	segments := strings.ToLower(u.Path) + "/"
	if strings.Contains(segments, "/api/atlas/") || strings.Contains(segments, "/api/public/") {
		return nil, errors.New("the base URL leads into the API: end it before /api/, as in " + DefaultBaseURL)
	}
	return u, nil
}

// withoutAPI cuts slashes and the beginning of the API's own paths off the end of a path.
func withoutAPI(path string) string {
	path = strings.TrimRight(path, "/")
	for _, end := range []string{apiPath, "/api/atlas"} {
		if before, found := strings.CutSuffix(path, end); found {
			return strings.TrimRight(before, "/")
		}
	}
	return path
}

// WithTimeout bounds a whole call, from the first byte sent to the last byte
// read, challenge or token, retries and the waits between them included: MinTimeout to MaxTimeout.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < MinTimeout || d > MaxTimeout {
			return fmt.Errorf("the timeout must be from %s to %s, not %s", MinTimeout, MaxTimeout, d)
		}
		s.timeout = d
		return nil
	}
}

// WithMaxBodyBytes bounds the answer that is read, in bytes after decompression:
// MinMaxBodyBytes to MaxMaxBodyBytes.
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

// WithPretty asks Atlas for pretty=true: indented bodies, to be read by people
// who watch the wire.
func WithPretty(yes bool) Option {
	return func(s *settings) error { s.pretty = yes; return nil }
}

// WithLogger sets where the client writes: debug lines for requests, warnings for
// deprecations. Nothing is logged without it.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		s.logger = l
		return nil
	}
}

// WithRetries sets how many attempts may follow one that failed in passing (429 with a
// short wait, 502, 503, 504, a broken connection, no answer in time): 0, which is
// never, to MaxRetries. Only calls that change nothing are made again.
func WithRetries(n int) Option {
	return func(s *settings) error {
		if n < 0 || n > MaxRetries {
			return fmt.Errorf("the retries must be from 0 to %d, not %d", MaxRetries, n)
		}
		s.retries = n
		return nil
	}
}

// WithReserve sets how many of the 1200 calls of a usual bucket are left to others: 0 to
// MaxReserve. Of a bucket of another size the same share is left.
func WithReserve(n int) Option {
	return func(s *settings) error {
		if n < 0 || n > MaxReserve {
			return fmt.Errorf("the reserve must be from 0 to %d, not %d", MaxReserve, n)
		}
		s.reserve = n
		return nil
	}
}

// WithBudget sets whether calls are refused when a bucket is down to its reserve or a
// 429 shut it; they are by default. Without, everything is asked of Atlas, and calls
// are only counted.
func WithBudget(yes bool) Option {
	return func(s *settings) error { s.unlimited = !yes; return nil }
}

// WithBreaker sets when an endpoint set that keeps failing is left alone. The default
// is DefaultBreaker, and Breaker{} is never.
func WithBreaker(b Breaker) Option {
	return func(s *settings) error {
		if err := b.validate(); err != nil {
			return err
		}
		s.breaker = b
		return nil
	}
}

// WithRequestObserver sets who is told of each request on the wire that belongs to an
// endpoint set: by its name, as in Stats, and how long the whole answer, or the
// failure, took. It is called by many goroutines and must not wait.
func WithRequestObserver(observe func(endpointSet string, took time.Duration)) Option {
	return func(s *settings) error {
		if observe == nil {
			return errors.New("the observer of requests is nil")
		}
		s.observe = observe
		return nil
	}
}

// WithTransport sets what carries requests, below the credential. It is meant for
// tests; the default is newTransport.
func WithTransport(rt http.RoundTripper) Option {
	return func(s *settings) error {
		if rt == nil {
			return errors.New("the transport is nil")
		}
		s.transport = rt
		return nil
	}
}

// WithDial sets what opens connections, where WithTransport sets nothing else. It is
// meant for tests; the default is a net.Dialer.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(s *settings) error {
		if dial == nil {
			return errors.New("what opens connections is nil")
		}
		s.dial = dial
		return nil
	}
}
