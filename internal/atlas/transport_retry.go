package atlas

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/httpclient"
)

const (
	// DefaultRetries is how many attempts may follow the first one.
	DefaultRetries = 2
	// MaxRetries bounds WithRetries.
	MaxRetries = 5

	// A wait is random, from 0 to retryBase, then from 0 to twice that and so on, up to maxRetryWait.
	retryBase = 100 * time.Millisecond
	// maxRetryWait also bounds a wait that Atlas asks for. The caller gets the error where it is longer.
	maxRetryWait = 2 * time.Second
	// minAttempt is the least time that an attempt has before another one replaces it.
	minAttempt = time.Second
	// minTimeAfterWait is the least time that must be left for an attempt after its wait.
	minTimeAfterWait = 250 * time.Millisecond
)

// The retry budget: each call adds retryRatio of a retry, saved up to maxSavedRetries. A client
// that makes few calls has freeRetries in each freeRetriesPer besides.
const (
	retryRatio      = 0.1
	maxSavedRetries = 50
	freeRetries     = 10
	freeRetriesPer  = 10 * time.Second
)

var errAttemptTimeout = errors.New("the attempt took too long")

// retryBudget bounds the retries of all calls of a client, so that in an outage the requests are little
// more than the calls and not a multiple of them.
type retryBudget struct {
	free *rate.Limiter

	mu    sync.Mutex
	saved float64
}

func newRetryBudget() *retryBudget {
	return &retryBudget{free: rate.NewLimiter(rate.Every(freeRetriesPer/freeRetries), freeRetries)}
}

// deposit adds the part of a retry that each call adds.
func (b *retryBudget) deposit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.saved = min(maxSavedRetries, b.saved+retryRatio)
}

// withdraw takes one retry, and reports whether the budget has one.
func (b *retryBudget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved >= 1 {
		b.saved--
		return true
	}
	return b.free.Allow()
}

// retry repeats attempts that failed for a cause that may pass.
func (c *Client) retry(next http.RoundTripper) http.RoundTripper {
	return &retrier{
		next: next, retries: c.retries, budget: newRetryBudget(),
		logger: c.logger, stats: &c.stats, closeIdle: c.closeIdleConnections,
	}
}

type retrier struct {
	next    http.RoundTripper
	retries int
	budget  *retryBudget
	logger  *slog.Logger
	stats   *counters
	// closeIdle closes connections that carry no request.
	closeIdle func()
}

// newBackOff returns waits with full jitter. Package backoff draws from nothing to the double of an
// interval, so the intervals are half of the constants.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = retryBase / 2
	b.RandomizationFactor = 1
	b.Multiplier = 2
	b.MaxInterval = maxRetryWait / 2
	b.Reset()
	return b
}

// RoundTrip makes the attempts of one call, and returns the response or the error of the last one.
func (t *retrier) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	idempotent := (r.Method == http.MethodGet || r.Method == http.MethodHead) && (r.Body == nil || r.Body == http.NoBody)
	if t.retries == 0 || callInfoFrom(ctx) == nil || !idempotent {
		return t.next.RoundTrip(r)
	}
	t.budget.deposit()
	waits := newBackOff()
	for attempt := 1; ; attempt++ {
		last := attempt > t.retries
		res, err := t.attempt(r, attempt, last)
		if last {
			return res, err
		}
		// Many calls may have shared a connection that ended; one retry each is not the load that
		// the budget is against.
		free := attempt == 1 && httpclient.ReusedConnectionEnded(ctx, err)
		wait, ok := t.plan(ctx, res, err, waits, free)
		if !ok {
			return res, err
		}
		if res != nil {
			_ = res.Body.Close()
		}
		t.log(ctx, r, attempt, wait, res, err)
		t.stats.retries.Add(1)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// plan reports whether another attempt follows, and returns the wait before it. A free one takes
// nothing from the retry budget.
func (t *retrier) plan(ctx context.Context,
	res *http.Response, err error, waits backoff.BackOff, free bool) (time.Duration, bool) {
	if ctx.Err() != nil || !isTransient(res, err) {
		return 0, false
	}
	wait := waits.NextBackOff()
	if err == nil {
		requested := requestedWait(res)
		if requested > maxRetryWait {
			return 0, false
		}
		if requested > 0 {
			// Callers that were told the same time must not all come at it.
			wait = requested + rand.N(retryBase) //nolint:gosec // jitter needs no secrecy
		}
	}
	if deadline, ok := flight.Deadline(ctx); ok && time.Until(deadline) < wait+minTimeAfterWait {
		return 0, false
	}
	if !free && !t.budget.withdraw() {
		t.stats.retriesRefused.Add(1)
		return 0, false
	}
	return wait, true
}

func (t *retrier) log(ctx context.Context,
	r *http.Request, attempt int, wait time.Duration, res *http.Response, err error) {
	attrs := []slog.Attr{
		slog.String("operation", callInfoFrom(ctx).op), slog.String("path", r.URL.Path),
		slog.Int("attempt", attempt), slog.Duration("wait", wait),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", Scrub(err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", res.StatusCode))
	}
	t.logger.LogAttrs(ctx, slog.LevelDebug, "atlas request is tried again", attrs...)
}

// attempt sends the request once; number is 1 for the first attempt. The header of the response must
// arrive in half of the time that is left, and in at least minAttempt; the body has the time of the
// whole call. The last attempt has all of the time, and so has one after which there would be no time
// for a wait and another attempt.
func (t *retrier) attempt(r *http.Request, number int, last bool) (*http.Response, error) {
	deadline, bounded := flight.Deadline(r.Context())
	remaining := time.Until(deadline)
	timeout := max(remaining/2, minAttempt)
	maxWait := min(retryBase<<(number-1), maxRetryWait)
	if last || !bounded || remaining < timeout+maxWait+minAttempt {
		return t.next.RoundTrip(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil) // bufferBody has read the body
	timer := &attemptTimer{time.AfterFunc(timeout, func() { cancel(errAttemptTimeout) })}
	defer timer.stop()
	res, err := t.next.RoundTrip(r.WithContext(context.WithValue(ctx, attemptTimerKey{}, timer)))
	if err != nil && errors.Is(context.Cause(ctx), errAttemptTimeout) && r.Context().Err() == nil &&
		!errors.As(err, new(*Error)) {
		err = attemptTimeoutError{}
		// The idle connections may be as dead as this one. HTTP/1.1 has no ping that finds them, and
		// the next attempt would wait on one of them.
		t.closeIdle()
	}
	return res, err
}

// attemptTimeoutError is the timeout of one attempt (net.Error). The error of its context would say that
// the caller left.
type attemptTimeoutError struct{}

var _ net.Error = attemptTimeoutError{}

func (attemptTimeoutError) Error() string   { return errAttemptTimeout.Error() }
func (attemptTimeoutError) Timeout() bool   { return true }
func (attemptTimeoutError) Temporary() bool { return true }

// isTransient reports whether another attempt may succeed: after 429, 502, 503, 504, a connection or a
// body that ended early, or a timeout. It is false for an *Error, with which this package rejected the
// attempt.
func isTransient(res *http.Response, err error) bool {
	if err == nil {
		switch res.StatusCode {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	if errors.As(err, new(*Error)) {
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout() || httpclient.ConnectionEnded(err)
}
