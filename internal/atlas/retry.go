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

	"atlas-restore-gateway/internal/httpclient"
)

// How often and how long after one another an attempt is made.
const (
	// DefaultRetries is how many attempts may follow the first.
	DefaultRetries = 2
	// MaxRetries bounds WithRetries.
	MaxRetries = 5

	// A wait is drawn evenly from 0 to retryBase, then to twice that and so on, up
	// to maxRetryWait.
	retryBase = 100 * time.Millisecond
	// maxRetryWait bounds a wait that Atlas asks for, too: what takes longer is the
	// caller's to wait for.
	maxRetryWait = 2 * time.Second
	// minAttempt is the least time that an attempt gets before it is given up for
	// another one.
	minAttempt = time.Second
	// retryRoom is what has to be left behind a wait for the attempt to make sense.
	retryRoom = 250 * time.Millisecond
)

// The retry budget: so many retries for each first attempt, saved up to a bound,
// and a few a second for a client that is little used.
const (
	retryShare    = 0.1
	maxSaved      = 50
	retryFloor    = 10
	retryFloorPer = 10 * time.Second
)

var errAttemptTimeout = errors.New("the attempt took too long")

// retryBudget bounds retries over all calls, so that an outage is met with little
// more than the calls themselves and not with a multiple of them.
type retryBudget struct {
	floor *rate.Limiter

	mu    sync.Mutex
	saved float64
}

func newRetryBudget() *retryBudget {
	return &retryBudget{floor: rate.NewLimiter(rate.Every(retryFloorPer/retryFloor), retryFloor)}
}

// deposit is made for each call.
func (b *retryBudget) deposit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.saved = min(maxSaved, b.saved+retryShare)
}

// take reports whether one more retry is in the budget.
func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved >= 1 {
		b.saved--
		return true
	}
	return b.floor.Allow()
}

// retrier makes an attempt again that failed in passing.
type retrier struct {
	next    http.RoundTripper
	retries int
	budget  *retryBudget
	logger  *slog.Logger
	stats   *counters
	// leaveIdle closes connections that carry no request.
	leaveIdle func()
}

// newBackOff draws full jitter: backoff draws around an interval, from nothing to
// its double, so the intervals are half of what is meant.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = retryBase / 2
	b.RandomizationFactor = 1
	b.Multiplier = 2
	b.MaxInterval = maxRetryWait / 2
	b.Reset()
	return b
}

// RoundTrip makes the attempts of one call. The last one's answer or error is the
// result.
func (t *retrier) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	idempotent := (r.Method == http.MethodGet || r.Method == http.MethodHead) && (r.Body == nil || r.Body == http.NoBody)
	if t.retries == 0 || callInfoOf(ctx) == nil || !idempotent {
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
		// Many calls may have shared a connection that ended, and no load comes of one more each.
		free := attempt == 1 && httpclient.ReusedConnectionEnded(ctx, err)
		wait, ok := t.plan(ctx, res, err, waits, free)
		if !ok {
			return res, err
		}
		if res != nil {
			_ = res.Body.Close()
		}
		t.report(ctx, r, attempt, wait, res, err)
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

// plan decides whether another attempt follows, and after which wait. A free one does not count
// against the retry budget.
func (t *retrier) plan(ctx context.Context, res *http.Response, err error, waits backoff.BackOff, free bool) (time.Duration, bool) {
	if ctx.Err() != nil || !transient(res, err) {
		return 0, false
	}
	wait := waits.NextBackOff()
	if err == nil {
		stated := statedWait(res)
		if stated > maxRetryWait {
			return 0, false
		}
		if stated > 0 {
			// Those who were told the same moment shall not all come at it.
			wait = stated + rand.N(retryBase) //nolint:gosec // jitter needs no secrecy
		}
	}
	if deadline, ok := Deadline(ctx); ok && time.Until(deadline) < wait+retryRoom {
		return 0, false
	}
	if !free && !t.budget.take() {
		t.stats.retriesRefused.Add(1)
		return 0, false
	}
	return wait, true
}

func (t *retrier) report(ctx context.Context, r *http.Request, attempt int, wait time.Duration, res *http.Response, err error) {
	attrs := []slog.Attr{
		slog.String("operation", callInfoOf(ctx).op), slog.String("path", r.URL.Path),
		slog.Int("attempt", attempt), slog.Duration("wait", wait),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", Scrub(err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", res.StatusCode))
	}
	t.logger.LogAttrs(ctx, slog.LevelDebug, "atlas request is tried again", attrs...)
}

// attempt sends the request once, the number-th time. It has half of the time that is
// left, and not less than minAttempt, to bring the head of an answer; its body then
// has the time of the whole call. The last attempt has all that is left, and so has
// one behind which there would be no room for a wait and another.
func (t *retrier) attempt(r *http.Request, number int, last bool) (*http.Response, error) {
	deadline, bounded := Deadline(r.Context())
	remaining := time.Until(deadline)
	share := max(remaining/2, minAttempt)
	longest := min(retryBase<<(number-1), maxRetryWait)
	if last || !bounded || remaining < share+longest+minAttempt {
		return t.next.RoundTrip(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil) // the answer is whole; there is nothing left to read
	b := &bell{time.AfterFunc(share, func() { cancel(errAttemptTimeout) })}
	defer b.stop()
	res, err := t.next.RoundTrip(r.WithContext(context.WithValue(ctx, bellKey{}, b)))
	if err != nil && errors.Is(context.Cause(ctx), errAttemptTimeout) && r.Context().Err() == nil && !errors.As(err, new(*Error)) {
		err = attemptError{}
		// What made this connection silent may have made the idle ones silent, too. HTTP/1.1 has no
		// ping to find them, and the next attempt would wait on one of them.
		t.leaveIdle()
	}
	return res, err
}

// attemptError is the timeout of one attempt (net.Error). It takes the place of a
// canceled context, because nobody left.
type attemptError struct{}

var _ net.Error = attemptError{}

func (attemptError) Error() string   { return errAttemptTimeout.Error() }
func (attemptError) Timeout() bool   { return true }
func (attemptError) Temporary() bool { return true }

// transient reports whether an attempt may end better if it is made again: 429, 502,
// 503, 504, a connection or an answer that broke off, or no answer in time. What one of us refused
// (an *Error) and what Atlas meant is not.
func transient(res *http.Response, err error) bool {
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
	var notFound *net.DNSError
	if errors.As(err, &notFound) && notFound.IsNotFound {
		return false
	}
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout() || httpclient.ConnectionEnded(err)
}
