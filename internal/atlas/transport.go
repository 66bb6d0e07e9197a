package atlas

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"atlas-restore-gateway/internal/httpclient"
)

// Bounds below the whole call's timeout, so that a dead host is told from a slow one.
const (
	dialTimeout           = 5 * time.Second
	tlsHandshakeTimeout   = 5 * time.Second
	responseHeaderTimeout = 15 * time.Second
	idleConnTimeout       = 90 * time.Second
	maxHeaderBytes        = 64 << 10
	maxConnsPerHost       = 8 * maxPerProject
	maxIdleConns          = 2 * maxPerProject
)

// newTransport returns what carries requests: HTTP/2 where Atlas offers it, gzip, and more idle
// connections than one project can use, because a burst of jobs that has to dial anew
// pays more for dialling than for the calls. A silent connection is left within httpclient.LostAfter,
// which is less than what an attempt has of the default timeout.
func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	t := httpclient.NewTransport(dialTimeout, dial)
	t.TLSHandshakeTimeout = tlsHandshakeTimeout
	t.ResponseHeaderTimeout = responseHeaderTimeout
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = maxIdleConns, maxIdleConns, maxConnsPerHost
	t.IdleConnTimeout = idleConnTimeout
	t.MaxResponseHeaderBytes = maxHeaderBytes
	return t
}

// stack puts the RoundTrippers on one another, from the wire up to what the calls
// see: the picture in the package's comment, read from below. Each has a reason for
// its place. An attempt is what the breaker judges and the budget grants, so retries
// are above both; what the breaker refuses costs no token; and the credential may need
// two requests for one attempt, so they are counted below it.
func (c *Client) stack(credential Credential) error {
	var err error
	if c.budget, err = newBudget(c.reserve, maxBuckets, &c.stats); err != nil {
		return err
	}
	c.budget.unlimited, c.budget.observe, c.budget.logger = c.unlimited, c.observe, c.logger
	if c.breakers, err = newBreakers(c.breaker, c.logger, &c.stats); err != nil {
		return err
	}
	wire := c.budget.counted(metered(c.whole(traced(httpclient.LimitConnections(c.transport), c.logger))))
	c.auth, err = credential.authorize(wire, &c.settings, func(ctx context.Context) error {
		_, err := c.GetSystemStatus(ctx)
		return err
	})
	if err != nil {
		return err
	}
	c.shares, c.bodies = newShares(), newBodies()
	c.http = &http.Client{CheckRedirect: refuseRedirect, Transport: c.shares.shared(&retrier{
		next:    c.breakers.guarded(c.budget.budgeted(c.auth)),
		retries: c.retries, budget: newRetryBudget(), logger: c.logger, stats: &c.stats, leaveIdle: c.closeIdleConnections,
	})}
	return nil
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// traced writes one debug line for each request on the wire: challenges and
// tokens included, so that what was spent of the budget can be counted. Neither
// headers nor queries are logged.
func traced(next http.RoundTripper, logger *slog.Logger) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		if !logger.Enabled(ctx, slog.LevelDebug) {
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
		logger.LogAttrs(ctx, slog.LevelDebug, "atlas request", attrs...)
		return res, err
	})
}
