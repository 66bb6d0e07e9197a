package atlas

import (
	"context"
	"slices"
	"sync"
	"time"
)

// circuitState is the state of a circuit; see Breaker.
type circuitState int

const (
	circuitClosed circuitState = iota
	circuitHalfOpen
	circuitOpen
)

func (s circuitState) String() string { return [...]string{"closed", "half-open", "open"}[s] }

// outcome is what one attempt tells about Atlas.
type outcome int

const (
	// outcomeIgnored tells nothing.
	outcomeIgnored outcome = iota
	outcomeSuccess
	outcomeFailure
)

// Bounds of a circuit that is half-open.
const (
	// probeInterval is how long the next probe waits for one that has no response. Without this
	// bound a probe that hangs would delay the next one for a whole attempt.
	probeInterval = time.Second
	// probeWait is how long a call waits for the responses of probes, so that calls right after an
	// outage are not rejected.
	probeWait = time.Second
)

// circuitRules are the differences between the circuit of one project and the one of all projects.
type circuitRules struct {
	// projects is how many different projects must have failed within the window to open it.
	projects int
	// failures is how many probes, and probeProjects of how many different projects, must fail to
	// open it again; successes is how many must succeed to close it.
	failures, probeProjects, successes int
}

// circuit is one circuit breaker. Closed, it counts the attempts that ended within the window; open,
// it rejects attempts; half-open, it lets probes through.
//
//	closed ── ratio of failures ──► open ── OpenFor is over ──► half-open
//	  ▲                              ▲                           │    │
//	  │                              └────── probes fail ────────┘    │
//	  └──────────────────────── probes succeed ───────────────────────┘
//
// Attempts count when they end, so that one that hangs for longer than the window counts, too. An
// attempt that began before the last change of the state does not count.
type circuit struct {
	settings Breaker
	rules    circuitRules
	// changed is called with the lock held. Cause is the last failure.
	changed   func(from, to circuitState, cause string)
	createdAt time.Time // the steps of the window begin here

	mu        sync.Mutex
	state     circuitState
	epoch     uint64        // how often the state has changed
	wake      chan struct{} // closed when waiting attempts must try again
	openUntil time.Time     // when the circuit becomes half-open
	lastUsed  time.Time     // when an attempt last began or ended
	lastCause string        // the last failure, without hosts or addresses

	window  [windowSteps]windowStep
	failing []projectFailure // at most as many as the rules need, the oldest first

	probes              uint32    // of this round that have no response yet
	lastProbe           time.Time // start of the latest probe
	round               int       // of probes; another one begins when the probes of the last one hang
	failures, successes int       // of probes
}

// windowSteps is how many steps a window has.
const windowSteps = 10

// windowStep counts the attempts that ended within one step of the window.
type windowStep struct {
	number              int64
	successes, failures uint32
}

type projectFailure struct {
	project string
	at      time.Time
}

func newCircuit(settings Breaker, rules circuitRules, changed func(from, to circuitState, cause string)) *circuit {
	return &circuit{settings: settings, rules: rules, changed: changed, createdAt: time.Now(), wake: make(chan struct{})}
}

// permit is the permission for one attempt. It must be released exactly once.
type permit struct {
	epoch uint64
	start time.Time
	probe bool
	round int
}

// rejection is the answer of a circuit that gives no permit: for how long, and the last failure.
type rejection struct {
	after time.Duration
	cause string
}

// acquire returns a permit or a rejection. A closed or open circuit answers at once; a half-open one
// up to probeWait later, when probes have a response. When ctx ends first both are nil.
func (c *circuit) acquire(ctx context.Context) (p *permit, rejected *rejection, err error) {
	var start time.Time
	for {
		c.mu.Lock()
		now := time.Now()
		p, rejected := c.tryAcquire(now)
		next, wake, cause := c.lastProbe.Add(probeInterval), c.wake, c.lastCause
		c.mu.Unlock()
		if p != nil || rejected != nil {
			return p, rejected, nil
		}
		if start.IsZero() {
			start = now
		}
		last := start.Add(probeWait)
		if !now.Before(last) {
			return nil, &rejection{probeInterval, cause}, nil
		}
		if next.After(last) {
			next = last
		}
		timer := time.NewTimer(next.Sub(now))
		select {
		case <-wake:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, nil, ctx.Err()
		}
		timer.Stop()
	}
}

// tryAcquire is acquire without the wait. Both results are nil where the attempt must wait. The lock
// is held.
func (c *circuit) tryAcquire(now time.Time) (*permit, *rejection) {
	// Failures are too old to count if no attempt was made since.
	if c.state != circuitClosed && now.Sub(c.lastUsed) > c.settings.Window {
		c.setState(circuitClosed)
	}
	c.lastUsed = now
	switch {
	case c.state == circuitClosed:
		return &permit{epoch: c.epoch, start: now}, nil
	case c.state == circuitOpen && now.Before(c.openUntil):
		return nil, &rejection{min(c.openUntil.Sub(now), c.settings.OpenFor), c.lastCause}
	case c.state == circuitOpen:
		c.setState(circuitHalfOpen)
	}
	if c.probes > 0 && now.Sub(c.lastProbe) >= probeInterval {
		c.round++
		c.probes = 0
	}
	limit := c.settings.Probes
	if c.round > 0 && c.successes == 0 {
		limit = 1 // Atlas hangs
	}
	if c.probes >= limit {
		return nil, nil
	}
	c.probes++
	c.lastProbe = now
	return &permit{epoch: c.epoch, start: now, probe: true, round: c.round}, nil
}

// release counts the outcome of an attempt of a project. With opensAtOnce one failure opens the
// circuit.
func (c *circuit) release(p *permit, result outcome, project, cause string, opensAtOnce bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.epoch != c.epoch {
		return
	}
	now := time.Now()
	c.lastUsed = now
	if p.probe {
		if p.round == c.round {
			c.probes--
		}
		c.wakeWaiters()
	}
	switch result {
	case outcomeIgnored:
	case outcomeSuccess:
		c.succeed(now)
	case outcomeFailure:
		if c.fail(p, now, project, cause); opensAtOnce && p.epoch == c.epoch {
			c.open(p)
		}
	}
}

// succeed counts a success. The lock is held.
func (c *circuit) succeed(now time.Time) {
	if c.state == circuitClosed {
		c.step(now).successes++
		return
	}
	if c.successes++; c.successes >= c.rules.successes {
		c.setState(circuitClosed)
	}
}

// fail counts a failure. The lock is held.
func (c *circuit) fail(p *permit, now time.Time, project, cause string) {
	c.lastCause = cause
	var opens bool
	if c.state == circuitClosed {
		c.step(now).failures++
		opens = c.failingProjects(now, project, c.rules.projects) && c.trips(now)
	} else {
		c.failures++
		opens = c.failingProjects(now, project, c.rules.probeProjects) && c.failures >= c.rules.failures
	}
	if opens {
		c.open(p)
	}
}

// open opens the circuit because an attempt failed, for OpenFor from the start of the attempt: an
// attempt that hung tells how Atlas was when it began, and the next probe need not wait. The lock
// is held.
func (c *circuit) open(p *permit) {
	c.openUntil = p.start.Add(c.settings.OpenFor)
	c.setState(circuitOpen)
}

// failingProjects records that a project failed, and reports whether at least limit projects did
// within the window. The lock is held.
func (c *circuit) failingProjects(now time.Time, project string, limit int) bool {
	c.failing = slices.DeleteFunc(c.failing, func(f projectFailure) bool {
		return f.project == project || now.Sub(f.at) > c.settings.Window
	})
	if len(c.failing) == max(c.rules.projects, c.rules.probeProjects) {
		c.failing = slices.Delete(c.failing, 0, 1)
	}
	c.failing = append(c.failing, projectFailure{project, now})
	return len(c.failing) >= limit
}

// step returns the current step of the window. The lock is held.
func (c *circuit) step(now time.Time) *windowStep {
	number := c.stepNumber(now)
	s := &c.window[number%windowSteps]
	if s.number != number {
		*s = windowStep{number: number}
	}
	return s
}

func (c *circuit) stepNumber(now time.Time) int64 {
	return int64(now.Sub(c.createdAt) / (c.settings.Window / windowSteps))
}

// trips reports whether the attempts that ended within the window open the circuit. The lock is held.
func (c *circuit) trips(now time.Time) bool {
	var successes, failures uint32
	for _, s := range c.window {
		if s.number > c.stepNumber(now)-windowSteps {
			successes, failures = successes+s.successes, failures+s.failures
		}
	}
	ended := successes + failures
	return ended >= c.settings.Requests && float64(failures) >= c.settings.FailureRatio*float64(ended)
}

// setState changes the state. The lock is held.
func (c *circuit) setState(to circuitState) {
	from := c.state
	c.state = to
	c.epoch++
	c.wakeWaiters()
	c.window, c.failing = [windowSteps]windowStep{}, nil
	c.probes, c.lastProbe, c.round, c.failures, c.successes = 0, time.Time{}, 0, 0, 0
	c.changed(from, to, c.lastCause)
}

// wakeWaiters makes waiting attempts try again. The lock is held.
func (c *circuit) wakeWaiters() {
	close(c.wake)
	c.wake = make(chan struct{})
}

// currentState returns the state for Stats.
func (c *circuit) currentState() circuitState {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case now.Sub(c.lastUsed) > c.settings.Window:
		return circuitClosed // with the next attempt
	case c.state == circuitOpen && !now.Before(c.openUntil):
		return circuitHalfOpen
	default:
		return c.state
	}
}
