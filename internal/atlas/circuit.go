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

// verdict is what one attempt tells about Atlas.
type verdict int

const (
	// verdictUncounted tells nothing.
	verdictUncounted verdict = iota
	verdictGood
	verdictFailed
)

// Bounds of a circuit that is half-open.
const (
	// probeEvery is how long a probe without an answer keeps the next one waiting. Without
	// it one probe that hangs would hide for the time of a whole attempt that Atlas is back.
	probeEvery = time.Second
	// probeWait is how long a call waits for the answers of the probes, so that the calls
	// right after an outage are not refused because of the few that find out.
	probeWait = time.Second
)

// circuitRules are what the circuit of one project and that of all differ in.
type circuitRules struct {
	// projects is how many different ones must have failed within the window to open it.
	projects int
	// failures of probes, by so many different projects, open it again, and successes of
	// probes close it.
	failures, probeProjects, successes int
}

// circuit refuses attempts while the ones before failed. It is closed, and counts what
// ended within the window; open, and refuses; or half-open, and lets probes through.
//
// Attempts are counted when they end: one that hangs for longer than the window, the worst
// of all, counts too. One that began before the circuit last changed its state tells about
// the time before that, and is not counted.
type circuit struct {
	settings Breaker
	rules    circuitRules
	// changed is called with the lock held, and told what failed last when it opens.
	changed func(from, to circuitState, cause string)
	made    time.Time // the steps of the window are counted from it

	mu    sync.Mutex
	state circuitState
	epoch uint64        // number of the state: how often it has changed
	wake  chan struct{} // closed when those who wait are to look again
	until time.Time     // end of the time open
	used  time.Time     // when an attempt was last asked for, or ended
	cause string        // what failed last, without names or addresses

	window  [windowSteps]windowStep
	failing []projectFailure // at most as many as decide, the oldest first

	probes              uint32    // of this round, without an answer yet
	probed              time.Time // start of the latest
	round               int       // of probes; one begins when those of the last have no answer
	failures, successes int       // of probes
}

// windowSteps is in how many steps a window moves on.
const windowSteps = 10

// windowStep counts what ended within one step of the window, which number names.
type windowStep struct {
	number       int64
	good, failed uint32
}

type projectFailure struct {
	project string
	at      time.Time
}

func newCircuit(settings Breaker, rules circuitRules, changed func(from, to circuitState, cause string)) *circuit {
	return &circuit{settings: settings, rules: rules, changed: changed, made: time.Now(), wake: make(chan struct{})}
}

// admission is the leave of one attempt. It must be handed to end exactly once.
type admission struct {
	epoch uint64
	start time.Time
	probe bool
	round int
}

// refusal is the answer of a circuit that admits no attempt: for how long, and what failed.
type refusal struct {
	after time.Duration
	cause string
}

// admit waits for the leave to make an attempt: not at all where the circuit is closed or
// open, and up to probeWait for the answers of probes. Without it refused says why; both
// are nil, and err set, when ctx ends first.
func (c *circuit) admit(ctx context.Context) (a *admission, refused *refusal, err error) {
	var start time.Time
	for {
		c.mu.Lock()
		now := time.Now()
		a, refused := c.try(now)
		next, wake, cause := c.probed.Add(probeEvery), c.wake, c.cause
		c.mu.Unlock()
		if a != nil || refused != nil {
			return a, refused, nil
		}
		if start.IsZero() {
			start = now
		}
		last := start.Add(probeWait)
		if !now.Before(last) {
			return nil, &refusal{probeEvery, cause}, nil
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

// try is admit without a wait; without either result the caller is to wait. The lock is held.
func (c *circuit) try(now time.Time) (*admission, *refusal) {
	// What failed long ago says nothing any more where nobody has asked since.
	if c.state != circuitClosed && now.Sub(c.used) > c.settings.Window {
		c.enter(circuitClosed)
	}
	c.used = now
	switch {
	case c.state == circuitClosed:
		return &admission{epoch: c.epoch, start: now}, nil
	case c.state == circuitOpen && now.Before(c.until):
		return nil, &refusal{min(c.until.Sub(now), c.settings.OpenFor), c.cause}
	case c.state == circuitOpen:
		c.enter(circuitHalfOpen)
	}
	if c.probes > 0 && now.Sub(c.probed) >= probeEvery {
		c.round++
		c.probes = 0
	}
	most := c.settings.Probes
	if c.round > 0 && c.successes == 0 {
		most = 1 // Atlas hangs
	}
	if c.probes >= most {
		return nil, nil
	}
	c.probes++
	c.probed = now
	return &admission{epoch: c.epoch, start: now, probe: true, round: c.round}, nil
}

// end takes in what an attempt of the project told, and what failed. Enough is whether
// this one failure opens the circuit.
func (c *circuit) end(a *admission, v verdict, project, cause string, enough bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.epoch != c.epoch {
		return
	}
	now := time.Now()
	c.used = now
	if a.probe {
		if a.round == c.round {
			c.probes--
		}
		c.wakeAll()
	}
	switch v {
	case verdictUncounted:
	case verdictGood:
		c.good(now)
	case verdictFailed:
		if c.failed(a, now, project, cause); enough && a.epoch == c.epoch {
			c.open(a)
		}
	}
}

// good counts a success. The lock is held.
func (c *circuit) good(now time.Time) {
	if c.state == circuitClosed {
		c.step(now).good++
		return
	}
	if c.successes++; c.successes >= c.rules.successes {
		c.enter(circuitClosed)
	}
}

// failed counts a failure. The lock is held.
func (c *circuit) failed(a *admission, now time.Time, project, cause string) {
	c.cause = cause
	var opens bool
	if c.state == circuitClosed {
		c.step(now).failed++
		opens = c.failingProjects(now, project, c.rules.projects) && c.trips(now)
	} else {
		c.failures++
		opens = c.failingProjects(now, project, c.rules.probeProjects) && c.failures >= c.rules.failures
	}
	if opens {
		c.open(a)
	}
}

// open opens the circuit because the attempt failed. The time that it took counts: one that
// had no answer for long tells nothing of whether Atlas is back by now, so that is tried
// at once. The lock is held.
func (c *circuit) open(a *admission) {
	c.until = a.start.Add(c.settings.OpenFor)
	c.enter(circuitOpen)
}

// failingProjects notes that the project failed, and reports whether with it at least that many
// did within the window. The lock is held.
func (c *circuit) failingProjects(now time.Time, project string, least int) bool {
	c.failing = slices.DeleteFunc(c.failing, func(f projectFailure) bool {
		return f.project == project || now.Sub(f.at) > c.settings.Window
	})
	if len(c.failing) == max(c.rules.projects, c.rules.probeProjects) {
		c.failing = slices.Delete(c.failing, 0, 1)
	}
	c.failing = append(c.failing, projectFailure{project, now})
	return len(c.failing) >= least
}

// step is the step of the window that is now. The lock is held.
func (c *circuit) step(now time.Time) *windowStep {
	number := c.stepNumber(now)
	s := &c.window[number%windowSteps]
	if s.number != number {
		*s = windowStep{number: number}
	}
	return s
}

func (c *circuit) stepNumber(now time.Time) int64 {
	return int64(now.Sub(c.made) / (c.settings.Window / windowSteps))
}

// trips reports whether what ended within the window opens the circuit. The lock is held.
func (c *circuit) trips(now time.Time) bool {
	var good, failed uint32
	for _, s := range c.window {
		if s.number > c.stepNumber(now)-windowSteps {
			good, failed = good+s.good, failed+s.failed
		}
	}
	ended := good + failed
	return ended >= c.settings.Requests && float64(failed) >= c.settings.FailureRatio*float64(ended)
}

// enter changes the state. The lock is held.
func (c *circuit) enter(to circuitState) {
	from := c.state
	c.state = to
	c.epoch++
	c.wakeAll()
	c.window, c.failing = [windowSteps]windowStep{}, nil
	c.probes, c.probed, c.round, c.failures, c.successes = 0, time.Time{}, 0, 0, 0
	c.changed(from, to, c.cause)
}

// wakeAll has those who wait look again. The lock is held.
func (c *circuit) wakeAll() {
	close(c.wake)
	c.wake = make(chan struct{})
}

// now is the state for Stats.
func (c *circuit) now() circuitState {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case now.Sub(c.used) > c.settings.Window:
		return circuitClosed // as soon as somebody asks
	case c.state == circuitOpen && !now.Before(c.until):
		return circuitHalfOpen
	default:
		return c.state
	}
}
