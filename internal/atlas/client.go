package atlas

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas/jsonscan"
	"atlas-restore-gateway/internal/loopback"
	"atlas-restore-gateway/internal/secret"
)

// Client calls the Atlas Administration API with one credential. It cannot be changed after New and is
// safe for concurrent use. It shares nothing with other Clients, so that nothing is shared between
// credentials.
type Client struct {
	settings

	http     *http.Client
	auth     authorizer
	budget   *budget
	breakers *breakers
	bulkhead *bulkhead
	bodies   *bodyPool
	scanners jsonscan.Pool
	stats    counters

	secret      secret.Text // of the credential; no error repeats it
	base        string      // baseURL as text, escaped, without a slash at its end
	isLocal     bool        // baseURL is on this machine
	commonQuery string      // what every call asks for: envelope, pretty; joined by & and without a "?"

	// reported holds the operations whose deprecation stands in the log already;
	// there are only as many as this package has.
	deprecationsLogged sync.Map
}

// New returns a client with a credential and options. It makes no call, and returns an error where a
// credential or an option is invalid.
func New(credential Credential, opts ...Option) (*Client, error) {
	if credential == nil {
		return nil, errors.New("atlas: no credential")
	}
	if err := credential.validate(); err != nil {
		return nil, fmt.Errorf("atlas: %w", err)
	}
	c := &Client{settings: settings{
		timeout:      DefaultTimeout,
		maxBodyBytes: DefaultMaxBodyBytes,
		logger:       slog.New(slog.DiscardHandler),
		retries:      DefaultRetries,
		reserve:      DefaultReserve,
		breaker:      DefaultBreaker(),
		observe:      func(context.Context, string, time.Duration) {},
	}}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if err := opt(&c.settings); err != nil {
			return nil, fmt.Errorf("atlas: %w", err)
		}
	}
	if c.transport == nil {
		c.transport = newTransport(c.dial)
	}
	c.base, c.isLocal = c.baseURL.String(), loopback.Is(c.baseURL.Hostname())
	c.commonQuery = newCommonQuery(c.envelope, c.pretty)
	c.secret = credential.secret()
	c.newHTTPClient(credential)
	return c, nil
}

// BaseURL returns the URL of Atlas, below which all paths of the client are.
func (c *Client) BaseURL() string { return c.base }

// Close stops a token request that is being made in the background, waits for it and closes idle
// connections. Calls must have ended.
func (c *Client) Close() {
	c.auth.Close()
	c.closeIdleConnections()
}

func (c *Client) closeIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func newCommonQuery(envelope, pretty bool) string {
	switch {
	case envelope && pretty:
		return "envelope=true&pretty=true"
	case envelope:
		return "envelope=true"
	case pretty:
		return "pretty=true"
	default:
		return ""
	}
}
