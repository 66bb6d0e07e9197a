package atlas

import (
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

// Client calls the Atlas Administration API with one credential. It cannot change
// after New and is safe for concurrent use. Nothing in it is ever shared between
// two credentials: one Client each.
type Client struct {
	settings

	http     *http.Client
	auth     authorizer
	budget   *budget
	breakers *breakers
	shares   *shares
	bodies   *bodies
	scanners jsonscan.Pool
	stats    counters

	secret secret.Text // of the credential; no error repeats it
	base   string      // baseURL as text, escaped, without a slash at its end
	near   bool        // baseURL is on this machine
	query  string      // what every call asks for: envelope, pretty; joined by & and without a "?"

	// reported holds the operations whose deprecation stands in the log already;
	// there are only as many as this package has.
	reported sync.Map
}

// New makes a client from a credential and options. It fails when one of them is
// unfit and calls nobody.
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
		observe:      func(string, time.Duration) {},
	}}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if err := opt(&c.settings); err != nil {
			return nil, fmt.Errorf("atlas: %w", err)
		}
	}
	if c.transport == nil {
		c.transport = newTransport(c.dial)
	}
	c.base, c.near = c.baseURL.String(), loopback.Is(c.baseURL.Hostname())
	c.query = commonQuery(c.envelope, c.pretty)
	c.secret = credential.secret()
	if err := c.stack(credential); err != nil {
		return nil, fmt.Errorf("atlas: %w", err)
	}
	return c, nil
}

// BaseURL is where this client finds Atlas.
func (c *Client) BaseURL() string { return c.base }

// Close ends what the client does by itself (a token being renewed), waits for it
// and closes idle connections. Calls must have ended.
func (c *Client) Close() {
	c.auth.Close()
	c.closeIdleConnections()
}

func (c *Client) closeIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func commonQuery(envelope, pretty bool) string {
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

// refuseRedirect hands a redirect back as the answer. Atlas sends none, and to
// follow one would carry the credential to a host that nobody named.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
