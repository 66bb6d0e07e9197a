package atlas

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"atlas-restore-gateway/internal/httpclient"
)

// Bounds of the http.Transport. They are shorter than the timeout of a call, so that the errors
// tell a host that does not respond from one that is slow.
const (
	dialTimeout           = 5 * time.Second
	tlsHandshakeTimeout   = 5 * time.Second
	responseHeaderTimeout = 15 * time.Second
	idleConnTimeout       = 90 * time.Second
	maxHeaderBytes        = 64 << 10
	maxConnsPerHost       = 8 * maxCallsPerProject
	maxIdleConns          = 2 * maxCallsPerProject
)

// newTransport returns the http.Transport of a client: HTTP/2 where Atlas offers it, gzip, and more
// idle connections than the calls of one project use, because dialling costs more than a call. Dial
// opens connections; nil means a net.Dialer.
func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	t := httpclient.NewTransport(dialTimeout, dial)
	t.TLSHandshakeTimeout = tlsHandshakeTimeout
	t.ResponseHeaderTimeout = responseHeaderTimeout
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = maxIdleConns, maxIdleConns, maxConnsPerHost
	t.IdleConnTimeout = idleConnTimeout
	t.MaxResponseHeaderBytes = maxHeaderBytes
	return t
}

// newHTTPClient sets c.http, and with it the state that the RoundTrippers have.
func (c *Client) newHTTPClient(credential Credential) {
	c.budget = newBudget(c.reserve, maxBuckets, &c.stats)
	c.budget.unlimited, c.budget.observe, c.budget.logger, c.budget.share = c.unlimited, c.observe, c.logger, c.share
	c.breakers = newBreakers(c.breaker, c.logger, &c.stats)
	c.bulkhead, c.bodies = newBulkhead(), newBodyPool()
	authorize := func(next http.RoundTripper) http.RoundTripper {
		c.auth = credential.authorize(next, &c.settings, func(ctx context.Context) error {
			_, err := c.GetSystemStatus(ctx)
			return err
		})
		return c.auth
	}
	// A request passes these from top to bottom, its response from bottom to top. One call may be
	// several attempts, and one attempt several requests (a challenge and its answer).
	//
	// Each attempt has a span, also one that the breaker or the budget rejects.
	//
	// Retries are above the breaker and the budget, which are about attempts. The breaker is above
	// the budget, so that an attempt that it rejects takes no token of a bucket. Requests are
	// counted below the credential, which also sends those for access tokens from there on.
	transport := stack(c.transport,
		c.bulkhead.limit,
		c.retry,
		c.traceAttempts,
		c.breakers.guard,
		c.logExhaustion,
		c.budget.enforce,
		authorize,
		c.budget.count,
		countRequests,
		c.bufferBody,
		c.trace,
		c.restrictMethods,
		httpclient.LimitConnections,
	)
	c.http = &http.Client{Transport: transport, CheckRedirect: rejectRedirect}
}

// stack puts layers of RoundTrippers on top of transport, the first one outermost.
func stack(transport http.RoundTripper, layers ...func(next http.RoundTripper) http.RoundTripper) http.RoundTripper {
	for _, layer := range slices.Backward(layers) {
		transport = layer(transport)
	}
	return transport
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// rejectRedirect makes a redirect the answer of a call. Atlas sends none, and following one would
// send the credential to a host that the configuration does not name.
func rejectRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// trace logs a debug line for each request that is sent, those for challenges and access tokens
// included. It logs neither headers nor queries.
func (c *Client) trace(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		if !c.logger.Enabled(ctx, slog.LevelDebug) {
			return next.RoundTrip(r)
		}
		start := time.Now()
		res, err := next.RoundTrip(r)
		attrs := []slog.Attr{
			slog.String("method", r.Method),
			slog.String("path", r.URL.Path),
			slog.Duration("duration", time.Since(start)),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", Scrub(err.Error())))
		} else {
			attrs = append(attrs, slog.Int("status", res.StatusCode))
		}
		c.logger.LogAttrs(ctx, slog.LevelDebug, "atlas request", attrs...)
		return res, err
	})
}
