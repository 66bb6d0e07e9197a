package atlas

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"atlas-restore-gateway/internal/httpclient"
	"atlas-restore-gateway/internal/lru"
)

// Breaker is the settings of the circuit breakers. Each endpoint set has one for each project and one
// for all projects, which opens when several projects fail. An open one rejects calls without
// making them. With the zero Breaker there are none.
type Breaker struct {
	// Requests is how many requests must have ended within Window before their failures count.
	Requests uint32
	// FailureRatio is the ratio of failures that opens a breaker, above 0 and up to 1.
	FailureRatio float64
	// Window is how long requests count after their end, in steps of a tenth of it; 1 s to 1 h.
	Window time.Duration
	// OpenFor is how long calls are rejected before probes are let through, up to 1 h.
	OpenFor time.Duration
	// Probes is how many probes are let through at a time, and how many successes of them close
	// the breaker of a project. A probe that has had no response for a second does not count.
	Probes uint32
}

// DefaultBreaker returns the settings that a Client has without WithBreaker: a breaker opens for 2 s
// when, of 10 requests or more within 10 s, 60 % failed; then 2 probes follow. Calls
// succeed again within 3 s of Atlas's recovery.
func DefaultBreaker() Breaker {
	return Breaker{Requests: 10, FailureRatio: 0.6, Window: 10 * time.Second, OpenFor: 2 * time.Second, Probes: 2}
}

func (b Breaker) validate() error {
	switch {
	case b == Breaker{}:
		return nil
	case b.Requests < 1 || b.Probes < 1:
		return errors.New("the breaker needs at least one request and one probe")
	case !(b.FailureRatio > 0 && b.FailureRatio <= 1):
		return fmt.Errorf("the breaker's failure ratio must be above 0 and up to 1, not %v", b.FailureRatio)
	case b.Window < time.Second || b.Window > time.Hour || b.OpenFor <= 0 || b.OpenFor > time.Hour:
		return errors.New("the breaker's window must be from 1 s to 1 h, and its open time above 0 and up to 1 h")
	}
	return nil
}

const (
	// maxProjectCircuits bounds the circuits of projects, of each endpoint set. The least recently
	// used one is evicted, strictly: a circuit that was just made must not be, because a new one
	// starts closed.
	maxProjectCircuits = 2000
	// failingProjects is how many projects must fail before the circuit of all projects opens:
	// the cause of one or two failures may lie in these projects.
	failingProjects = 3
	// failingProbes is how many projects must fail as probes before it opens again.
	failingProbes = 2
)

// projectRules returns the rules of the circuit of one project.
func (b Breaker) projectRules() circuitRules {
	return circuitRules{projects: 1, failures: 1, probeProjects: 1, successes: int(b.Probes)}
}

// globalRules returns the rules of the circuit of all projects. It is for an Atlas that answers no
// project: one success of any project closes it.
func (b Breaker) globalRules() circuitRules {
	return circuitRules{projects: failingProjects, failures: int(b.Requests), probeProjects: failingProbes, successes: 1}
}

// BreakerError is the cause of an *Error of KindUnavailable when a circuit breaker rejected the call.
type BreakerError struct {
	// EndpointSet is the name of the endpoint set, as in Stats.
	EndpointSet string
	// Project is the project of the call; empty where it has none.
	Project string
	// All is true where calls for all projects are rejected, because those for several failed, and
	// false where it is those for Project.
	All bool
	// Cause is the last failure, such as "status 500". It names no host and no address.
	Cause string
}

func (e *BreakerError) Error() string {
	whose := "its calls"
	switch {
	case e.All:
		whose = "calls for several projects"
	case e.Project != "":
		whose = "calls for the project " + e.Project
	}
	return "the endpoint set " + e.EndpointSet + " is left alone because " + whose + " failed, the last one with " +
		e.Cause
}

// breakers are the circuits of each endpoint set: one for each project, and one for all
// projects. A call passes the one of its project first.
type breakers struct {
	settings Breaker
	logger   *slog.Logger
	stats    *counters
	sets     [endpointSetCount]*setBreaker // nil with the zero Breaker
}

type setBreaker struct {
	all *circuit

	mu       sync.Mutex
	projects *lru.Map[string, *circuit]
}

func newBreakers(settings Breaker, logger *slog.Logger, stats *counters) *breakers {
	b := &breakers{settings: settings, logger: logger, stats: stats}
	if settings == (Breaker{}) {
		return b
	}
	for set := range b.sets {
		projects := lru.New[string, *circuit](maxProjectCircuits)
		b.sets[set] = &setBreaker{
			projects: projects, all: newCircuit(settings, settings.globalRules(), func(from, to circuitState, cause string) {
				b.logChange(slog.String("endpoint_set", endpointSet(set).String()), from, to, cause)
			})}
	}
	return b
}

// project returns the circuit of one project.
func (b *breakers) project(set endpointSet, project string) *circuit {
	project = project[:min(len(project), maxKeyBytes)]
	one := b.sets[set]
	one.mu.Lock()
	defer one.mu.Unlock()
	c, ok := one.projects.Get(project)
	if !ok {
		c = newCircuit(b.settings, b.settings.projectRules(), func(from, to circuitState, cause string) {
			b.logChange(slog.Group("", slog.String("endpoint_set", set.String()), slog.String("project", project)), from, to,
				cause)
		})
		one.projects.Add(project, c)
	}
	return c
}

// logChange logs a change of state. Operators see when a circuit opens and closes. The probes in
// between, which go on as long as Atlas fails, are debug lines.
func (b *breakers) logChange(circuit slog.Attr, from, to circuitState, cause string) {
	level := slog.LevelDebug
	switch {
	case to == circuitOpen && from == circuitClosed:
		level = slog.LevelWarn
	case to == circuitClosed:
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{circuit, slog.String("from", from.String()), slog.String("to", to.String())}
	if to == circuitOpen {
		attrs = append(attrs, slog.String("cause", cause))
	}
	b.logger.LogAttrs(context.Background(), level, "atlas breaker changed", attrs...)
}

// state returns the state of the endpoint set for Stats: the worst one of its circuits.
func (s *setBreaker) state() string {
	worst := s.all.currentState()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.projects.Values() {
		worst = max(worst, c.currentState())
	}
	return worst.String()
}

// guard rejects an attempt while the circuit of its project, or the one of all projects, is open:
// with KindUnavailable, a *BreakerError and the time until the next probe.
func (b *breakers) guard(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		info := callInfoFrom(ctx)
		if info == nil || b.sets[info.set] == nil {
			return next.RoundTrip(r)
		}
		one, all := b.project(info.set, info.project), b.sets[info.set].all
		result, cause := outcomeIgnored, ""
		var ofAll *permit
		ofOne, err := b.acquire(ctx, info, one, false)
		if err != nil {
			return nil, err
		}
		// A project whose probe of all projects fails gets no second probe of its own.
		defer func() { one.release(ofOne, result, info.project, cause, ofAll != nil && ofAll.probe) }()
		if ofAll, err = b.acquire(ctx, info, all, true); err != nil {
			return nil, err
		}
		defer func() {
			result := result
			if result == outcomeFailure && ofOne.probe && !ofAll.probe {
				// The project is known to fail, which must not count for the others again.
				result = outcomeIgnored
			}
			all.release(ofAll, result, info.project, cause, false)
		}()
		start := time.Now()
		res, err := next.RoundTrip(r)
		result, cause = classify(ctx, res, err, time.Since(start))
		return res, err
	})
}

// acquire asks the circuit of the call's project, or the one of all projects, for a permit.
func (b *breakers) acquire(ctx context.Context, info *callInfo, c *circuit, all bool) (*permit, error) {
	p, rejected, err := c.acquire(ctx)
	if rejected != nil {
		b.stats.sets[info.set].refusedByBreaker.Add(1)
		return nil, &Error{Op: info.op, Kind: KindUnavailable, RetryAfter: rejected.after, Err: &BreakerError{
			EndpointSet: info.set.String(), Project: info.project, All: all, Cause: rejected.cause,
		}}
	}
	return p, err
}

// classify returns what an attempt that took a time tells about Atlas, and the cause of a failure.
func classify(ctx context.Context, res *http.Response, err error, took time.Duration) (outcome, string) {
	switch {
	case err == nil && !isFailure(res):
		return outcomeSuccess, ""
	case err == nil && isCountTimeout(res):
		return outcomeIgnored, ""
	case err == nil && res.StatusCode < http.StatusInternalServerError:
		return outcomeFailure, "a page in the place of an answer"
	case err == nil:
		return outcomeFailure, "status " + strconv.Itoa(res.StatusCode)
	case isIgnored(ctx, err, took):
		return outcomeIgnored, ""
	case errors.Is(context.Cause(ctx), errAttemptTimeout), errors.Is(err, context.DeadlineExceeded), isNetTimeout(err):
		return outcomeFailure, "no answer in time"
	case errors.As(err, new(*truncatedError)):
		return outcomeFailure, "an answer that broke off"
	default:
		return outcomeFailure, "no connection, or one that broke"
	}
}

func isNetTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// isFailure reports whether a response says that Atlas, or a proxy before it, does not work: a 5xx or
// an HTML page. A 4xx is a working Atlas, also a 429.
func isFailure(res *http.Response) bool {
	if res.StatusCode >= http.StatusInternalServerError {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return mediaType == "text/html" && res.StatusCode < http.StatusBadRequest
}

// isIgnored reports whether a failure says nothing about Atlas: the caller left, or had less time
// than the shortest attempt; this package rejected the attempt; this machine lacks resources; or a
// connection ended, which counts for the request that opened it.
func isIgnored(ctx context.Context, err error, took time.Duration) bool {
	if errors.As(err, new(*Error)) || IsExhausted(err) || httpclient.ReusedConnectionEnded(ctx, err) {
		return true
	}
	switch cause := context.Cause(ctx); {
	case cause == nil, errors.Is(cause, errAttemptTimeout):
		return false
	case errors.Is(ctx.Err(), context.Canceled):
		return true
	default:
		return took < minAttempt
	}
}

// isCountTimeout reports whether only the counting of a list failed.
func isCountTimeout(res *http.Response) bool {
	return res.StatusCode == http.StatusInternalServerError &&
		answerError("", res.StatusCode, res.Header, bodyOf(res)).isCountTimeout()
}
