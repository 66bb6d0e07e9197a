package atlas

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"atlas-restore-gateway/internal/httpclient"
)

// Breaker says when calls to an endpoint set that keeps failing are refused at once.
// The zero Breaker never refuses.
type Breaker struct {
	// Requests is how many must have ended within Window before they are judged.
	Requests uint32
	// FailureRatio, above 0 and up to 1, is the share of failures that opens.
	FailureRatio float64
	// Window is how far back requests count, in steps of a tenth of it; from 1 s.
	Window time.Duration
	// OpenFor is how long calls are refused before some are let through to try.
	OpenFor time.Duration
	// Probes is how many those are at a time; as many successes in a row close.
	Probes uint32
}

// DefaultBreaker is what a Client has when nothing else is said: open for 5 s when,
// of 10 requests or more within 10 s, 60 % failed; then 2 probes.
func DefaultBreaker() Breaker {
	return Breaker{Requests: 10, FailureRatio: 0.6, Window: 10 * time.Second, OpenFor: 5 * time.Second, Probes: 2}
}

func (b Breaker) validate() error {
	switch {
	case b == Breaker{}:
		return nil
	case b.Requests < 1 || b.Probes < 1:
		return errors.New("the breaker needs requests to judge and probes to close")
	case !(b.FailureRatio > 0 && b.FailureRatio <= 1):
		return fmt.Errorf("the breaker's failure ratio must be above 0 and up to 1, not %v", b.FailureRatio)
	case b.Window < time.Second || b.Window > time.Hour || b.OpenFor <= 0 || b.OpenFor > time.Hour:
		return errors.New("the breaker's window must be from 1 s to 1 h, and its open time above 0 and up to 1 h")
	}
	return nil
}

var errBreakerOpen = errors.New("too many calls failed; none is made for a while")

// What the breaker is told of an attempt that was no success. Neither gets out.
var (
	errFailed    = errors.New("the attempt failed")
	errUncounted = errors.New("the attempt tells nothing about Atlas")
)

// setBreaker is the breaker of one endpoint set: one for all projects, because it is
// the machines behind the set that fail.
type setBreaker struct {
	*gobreaker.CircuitBreaker[struct{}]

	opened atomic.Pointer[time.Time]
}

type breakers struct {
	settings Breaker
	logger   *slog.Logger
	stats    *counters
	sets     [endpointSetCount]*setBreaker // nil where nothing is refused
}

func newBreakers(settings Breaker, logger *slog.Logger, stats *counters) *breakers {
	b := &breakers{settings: settings, logger: logger, stats: stats}
	if settings == (Breaker{}) {
		return b
	}
	for set := range b.sets {
		one := &setBreaker{}
		one.CircuitBreaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name:         endpointSet(set).String(),
			MaxRequests:  settings.Probes,
			Interval:     settings.Window,
			BucketPeriod: settings.Window / 10,
			Timeout:      settings.OpenFor,
			ReadyToTrip:  settings.trips,
			IsExcluded:   func(verdict error) bool { return errors.Is(verdict, errUncounted) },
			OnStateChange: func(name string, from, to gobreaker.State) {
				b.changed(one, name, from, to)
			},
		})
		b.sets[set] = one
	}
	return b
}

// trips judges what has ended.
func (b Breaker) trips(c gobreaker.Counts) bool {
	ended := c.TotalSuccesses + c.TotalFailures
	return ended >= b.Requests && float64(c.TotalFailures) >= b.FailureRatio*float64(ended)
}

// changed notes and logs a change of state, under the lock of the breaker.
func (b *breakers) changed(one *setBreaker, name string, from, to gobreaker.State) {
	level := slog.LevelInfo
	if to == gobreaker.StateOpen {
		level = slog.LevelWarn
		now := time.Now()
		one.opened.Store(&now)
	}
	b.logger.LogAttrs(context.Background(), level, "atlas breaker changed",
		slog.String("endpoint_set", name), slog.String("from", from.String()), slog.String("to", to.String()))
}

// guarded refuses attempts while the breaker of their endpoint set is open: with
// KindUnavailable and the time until the next probe, and without a call.
func (b *breakers) guarded(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoOf(r.Context())
		if info == nil || b.sets[info.set] == nil {
			return next.RoundTrip(r)
		}
		one := b.sets[info.set]
		var res *http.Response
		var err error
		attempt := func() (struct{}, error) {
			start := time.Now()
			res, err = next.RoundTrip(r) //nolint:bodyclose // it is the answer, and its reader closes it
			switch {
			case err != nil && sparesAtlas(r.Context(), err, time.Since(start)):
				return struct{}{}, errUncounted
			case err != nil || failing(res):
				return struct{}{}, errFailed
			}
			return struct{}{}, nil
		}
		if one.State() == gobreaker.StateClosed {
			_, verdict := attempt()
			one.note(verdict)
			return res, err
		}
		_, verdict := one.Execute(attempt)
		if errors.Is(verdict, gobreaker.ErrOpenState) || errors.Is(verdict, gobreaker.ErrTooManyRequests) {
			b.stats.sets[info.set].broken.Add(1)
			return nil, &Error{Op: info.op, Kind: KindUnavailable, RetryAfter: b.untilProbe(one), Err: errBreakerOpen}
		}
		return res, err
	})
}

// note counts an attempt of a closed breaker when it ends. Were it let into the library
// as a whole, it would count for the time when it began, and an attempt that hangs for
// longer than the window, the worst of all, would not count.
func (s *setBreaker) note(verdict error) {
	if s.State() == gobreaker.StateClosed {
		_, _ = s.Execute(func() (struct{}, error) { return struct{}{}, verdict })
	}
}

// untilProbe is how long it takes until a call may be let through again: a second when
// the probes are under way just now.
func (b *breakers) untilProbe(one *setBreaker) time.Duration {
	if opened := one.opened.Load(); opened != nil {
		if wait := b.settings.OpenFor - time.Since(*opened); wait > 0 {
			return min(wait, b.settings.OpenFor)
		}
	}
	return time.Second
}

// failing reports whether the answer shows that Atlas, or what stands before it, is
// out of order: a 5xx, or a page for people. A 4xx is Atlas at work, a 429 too.
func failing(res *http.Response) bool {
	if res.StatusCode >= http.StatusInternalServerError {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return mediaType == "text/html" && res.StatusCode < http.StatusBadRequest
}

// sparesAtlas reports whether a failure after that time is not Atlas's: the caller left,
// or was in a greater hurry than any attempt is given, or one of us refused, or the end of a
// connection is counted by the request that opened it.
func sparesAtlas(ctx context.Context, err error, after time.Duration) bool {
	if errors.As(err, new(*Error)) || httpclient.ReusedConnectionEnded(ctx, err) {
		return true
	}
	switch cause := context.Cause(ctx); {
	case cause == nil, errors.Is(cause, errAttemptTimeout):
		return false
	case errors.Is(ctx.Err(), context.Canceled):
		return true
	default:
		return after < minAttempt
	}
}
