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

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"atlas-restore-gateway/internal/httpclient"
)

// Breaker says when calls to an endpoint set that keeps failing are refused at once: those of
// one project, and those of all projects where several fail. The zero Breaker never refuses.
type Breaker struct {
	// Requests is how many must have ended within Window before they are judged.
	Requests uint32
	// FailureRatio, above 0 and up to 1, is the share of failures that opens.
	FailureRatio float64
	// Window is how far back requests count, in steps of a tenth of it; from 1 s.
	Window time.Duration
	// OpenFor is how long calls are refused before some are let through to try.
	OpenFor time.Duration
	// Probes is how many those are at a time; as many successes close. One that has had no
	// answer for a second keeps no other from being sent.
	Probes uint32
}

// DefaultBreaker is what a Client has when nothing else is said: open for 2 s when,
// of 10 requests or more within 10 s, 60 % failed; then 2 probes. So all is well within
// 3 s of Atlas's recovery.
func DefaultBreaker() Breaker {
	return Breaker{Requests: 10, FailureRatio: 0.6, Window: 10 * time.Second, OpenFor: 2 * time.Second, Probes: 2}
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

const (
	// maxProjectCircuits bounds the projects whose failures are remembered, of each
	// endpoint set; the least recently used is forgotten first, and starts closed again.
	maxProjectCircuits = 2000
	// failingProjects is how many projects must fail before calls of all are refused: what
	// is out of order for one or two may be so for them alone.
	failingProjects = 3
	// failingProbes is how many must fail when that is tried again.
	failingProbes = 2
)

// rulesOfOne and rulesOfAll are those of the circuit of one project and of that of all
// projects. The latter is for an Atlas that answers nobody: one success of any project
// closes it.
func (b Breaker) rulesOfOne() circuitRules {
	return circuitRules{projects: 1, failures: 1, probeProjects: 1, successes: int(b.Probes)}
}

func (b Breaker) rulesOfAll() circuitRules {
	return circuitRules{projects: failingProjects, failures: int(b.Requests), probeProjects: failingProbes, successes: 1}
}

// BreakerError is the cause of an *Error of KindUnavailable for which no call was made,
// because the ones before failed.
type BreakerError struct {
	// EndpointSet is the name of the endpoint set that is left alone, as in Stats.
	EndpointSet string
	// Project is that of the call; empty where it has none.
	Project string
	// All is whether calls of all projects are refused, because those of several failed;
	// else it is those of Project.
	All bool
	// Cause is what failed last, such as "status 500". It names no host and no address.
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
	return "the endpoint set " + e.EndpointSet + " is left alone because " + whose + " failed, the last one with " + e.Cause
}

// breakers are the circuits of each endpoint set: one for each project, and one for all
// projects. A call passes that of its project first.
type breakers struct {
	settings Breaker
	logger   *slog.Logger
	stats    *counters
	local    *exhaustion
	sets     [endpointSetCount]*setBreaker // nil where nothing is refused
}

type setBreaker struct {
	all *circuit

	mu       sync.Mutex
	projects *simplelru.LRU[string, *circuit]
}

func newBreakers(settings Breaker, logger *slog.Logger, stats *counters) (*breakers, error) {
	b := &breakers{settings: settings, logger: logger, stats: stats, local: &exhaustion{logger: logger}}
	if settings == (Breaker{}) {
		return b, nil
	}
	for set := range b.sets {
		projects, err := simplelru.NewLRU[string, *circuit](maxProjectCircuits, nil)
		if err != nil {
			return nil, err
		}
		b.sets[set] = &setBreaker{projects: projects, all: newCircuit(settings, settings.rulesOfAll(), func(from, to circuitState, cause string) {
			b.logChange(slog.String("endpoint_set", endpointSet(set).String()), from, to, cause)
		})}
	}
	return b, nil
}

// project is the circuit of one project.
func (b *breakers) project(set endpointSet, project string) *circuit {
	project = project[:min(len(project), maxKeyBytes)]
	one := b.sets[set]
	one.mu.Lock()
	defer one.mu.Unlock()
	c, ok := one.projects.Get(project)
	if !ok {
		c = newCircuit(b.settings, b.settings.rulesOfOne(), func(from, to circuitState, cause string) {
			b.logChange(slog.Group("", slog.String("endpoint_set", set.String()), slog.String("project", project)), from, to, cause)
		})
		one.projects.Add(project, c)
	}
	return c
}

// logChange logs a change of state. That a circuit opens and closes is for operators; what
// it tries in between goes on as long as Atlas fails.
func (b *breakers) logChange(whose slog.Attr, from, to circuitState, cause string) {
	level := slog.LevelDebug
	switch {
	case to == circuitOpen && from == circuitClosed:
		level = slog.LevelWarn
	case to == circuitClosed:
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{whose, slog.String("from", from.String()), slog.String("to", to.String())}
	if to == circuitOpen {
		attrs = append(attrs, slog.String("cause", cause))
	}
	b.logger.LogAttrs(context.Background(), level, "atlas breaker changed", attrs...)
}

// state is that of the endpoint set for Stats: the worst of all its circuits.
func (s *setBreaker) state() string {
	worst := s.all.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.projects.Values() {
		worst = max(worst, c.now())
	}
	return worst.String()
}

// guarded refuses attempts while the circuit of their project, or that of all projects, is
// open: with KindUnavailable, a *BreakerError and the time until the next probe, and
// without a call.
func (b *breakers) guarded(next http.RoundTripper) http.RoundTripper {
	next = b.local.reported(next)
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		info := callInfoOf(ctx)
		if info == nil || b.sets[info.set] == nil {
			return next.RoundTrip(r)
		}
		one, all := b.project(info.set, info.project), b.sets[info.set].all
		v, cause := verdictUncounted, ""
		var ofAll *admission
		ofOne, err := b.admit(ctx, info, one, false)
		if err != nil {
			return nil, err
		}
		// A project that fails when all are tried again is not let through a second time.
		defer func() { one.end(ofOne, v, info.project, cause, ofAll != nil && ofAll.probe) }()
		if ofAll, err = b.admit(ctx, info, all, true); err != nil {
			return nil, err
		}
		defer func() {
			v := v
			if v == verdictFailed && ofOne.probe && !ofAll.probe {
				// That this project fails is known; it must not add to what counts for others.
				v = verdictUncounted
			}
			all.end(ofAll, v, info.project, cause, false)
		}()
		start := time.Now()
		res, err := next.RoundTrip(r)
		v, cause = judge(ctx, res, err, time.Since(start))
		return res, err
	})
}

// admit asks the circuit of the call's project, or that of all.
func (b *breakers) admit(ctx context.Context, info *callInfo, c *circuit, all bool) (*admission, error) {
	a, refused, err := c.admit(ctx)
	if refused != nil {
		b.stats.sets[info.set].broken.Add(1)
		return nil, &Error{Op: info.op, Kind: KindUnavailable, RetryAfter: refused.after, Err: &BreakerError{
			EndpointSet: info.set.String(), Project: info.project, All: all, Cause: refused.cause,
		}}
	}
	return a, err
}

// judge says what an attempt that took that long tells about Atlas, and what failed.
func judge(ctx context.Context, res *http.Response, err error, after time.Duration) (verdict, string) {
	switch {
	case err == nil && !failing(res):
		return verdictGood, ""
	case err == nil && isCountTimeout(res):
		return verdictUncounted, ""
	case err == nil && res.StatusCode < http.StatusInternalServerError:
		return verdictFailed, "a page in the place of an answer"
	case err == nil:
		return verdictFailed, "status " + strconv.Itoa(res.StatusCode)
	case sparesAtlas(ctx, err, after):
		return verdictUncounted, ""
	case errors.Is(context.Cause(ctx), errAttemptTimeout), errors.Is(err, context.DeadlineExceeded), isNetTimeout(err):
		return verdictFailed, "no answer in time"
	case errors.As(err, new(*cutOffError)):
		return verdictFailed, "an answer that broke off"
	default:
		return verdictFailed, "no connection, or one that broke"
	}
}

func isNetTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
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
// or was in a greater hurry than any attempt is given, one of us refused, this machine has
// nothing left that a call needs, or the end of a connection is counted by the request that
// opened it.
func sparesAtlas(ctx context.Context, err error, after time.Duration) bool {
	if errors.As(err, new(*Error)) || IsExhausted(err) || httpclient.ReusedConnectionEnded(ctx, err) {
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

// isCountTimeout reports whether it was only the counting of a list that failed.
func isCountTimeout(res *http.Response) bool {
	return res.StatusCode == http.StatusInternalServerError && answerError("", res.StatusCode, res.Header, bodyOf(res)).isCountTimeout()
}
