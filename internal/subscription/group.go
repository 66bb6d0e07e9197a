package subscription

import (
	"bytes"
	"context"
	"sync"
	"time"

	"atlas-restore-gateway/internal/watch"
)

// groupKey names the subscriptions that have the same events: those to the same thing, of callers with the same rights.
type groupKey struct{ spec, rights string }

// Result is an executed event.
type Result struct {
	// Body is the event as it is sent. It must not be changed.
	Body []byte
	// Value is what the body was encoded from, for Spec.Stale.
	Value any
	// Failed reports that what was asked for could not be read, and may be later.
	Failed bool
	// Over reports that no other event can come.
	Over bool
	// Expired reports that Atlas does not accept the caller's own credential any more.
	Expired bool
}

// event is one event of a group, or the one before again, with the news that Atlas does not answer.
type event struct {
	seq    uint64
	result Result
	stale  *Staleness // nil where Atlas answers
}

// Staleness says since when a cluster was not read.
type Staleness struct {
	Since time.Time
	// ClusterName is the cluster; "" for the list of clusters of a project.
	ClusterName string
}

// group executes the events of its streams, in a goroutine of its own, until it has no stream or is over.
type group struct {
	manager *Manager
	key     groupKey
	spec    *Spec // of the stream that opened the group
	watch   *watch.Watch
	cancel  context.CancelFunc
	streams int // guarded by the manager

	mu     sync.Mutex
	latest event         // seq is 0 before the first
	polled time.Time     // the state of the latest event is at least as new as this
	over   bool          // there will be no other event
	beat   chan struct{} // closed, and replaced, when any of these changes and after each poll
}

// join adds a stream to the group of its key, which is made where there is none.
func (m *Manager) join(spec *Spec, rights string) *group {
	key := groupKey{spec.Key, rights}
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.groups[key]
	if g == nil {
		ctx, cancel := context.WithCancel(m.ctx)
		g = &group{
			manager: m, key: key, spec: spec, watch: m.config.Hub.Watch(spec.Watch), cancel: cancel,
			beat: make(chan struct{}),
		}
		m.groups[key] = g
		m.wg.Go(func() { g.run(ctx) })
	} else {
		g.watch.Refresh()
	}
	g.streams++
	return g
}

// leave removes a stream. The last one ends the group.
func (g *group) leave() {
	m := g.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	if g.streams--; g.streams == 0 {
		g.remove()
		g.cancel()
	}
}

// remove removes the group from the manager, whose lock is held.
func (g *group) remove() {
	if g.manager.groups[g.key] == g {
		delete(g.manager.groups, g.key)
	}
}

// change changes the state under the lock, and wakes the streams.
func (g *group) change(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
	close(g.beat)
	g.beat = make(chan struct{})
}

// execution is what a group knows of the events that it has executed.
type execution struct {
	version uint64    // of the watch
	at      time.Time // zero before the first
	good    bool      // the latest event is a state that was read
	failing time.Time // since when executions fail; zero where they do not
	stale   bool      // the latest event says that Atlas does not answer
}

// run executes events until ctx ends or the subscription is over.
func (g *group) run(ctx context.Context) {
	defer g.watch.Close()
	defer func() {
		g.manager.mu.Lock()
		defer g.manager.mu.Unlock()
		g.remove()
	}()
	var x execution
	first := time.Now().Add(g.manager.config.FirstEvent)
	for {
		state := g.watch.State()
		now := time.Now()
		next := now.Add(refreshInterval)
		switch {
		case x.at.IsZero() && state.Polled.IsZero() && now.Before(first):
			next = first
		case x.due(state, now):
			if g.execute(ctx, &x, state) || ctx.Err() != nil {
				return
			}
		}
		if since, some := x.unanswered(state); some && x.good && !x.stale {
			if at := since.Add(g.manager.config.StaleAfter); !at.After(now) {
				g.announceStale(&x, state)
			} else if at.Before(next) {
				next = at
			}
		}
		g.change(func() {
			if !x.at.IsZero() {
				g.polled = state.Polled
			}
		})
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-g.watch.Changed():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// due reports whether an event has to be executed.
func (x *execution) due(state watch.State, now time.Time) bool {
	answered := state.Unanswered.IsZero()
	return x.at.IsZero() || state.Version != x.version || answered && x.stale || answered && !x.failing.IsZero() ||
		answered && now.Sub(x.at) >= refreshInterval
}

// unanswered returns since when what is watched could not be read.
func (x *execution) unanswered(state watch.State) (time.Time, bool) {
	if !x.failing.IsZero() && (state.Unanswered.IsZero() || x.failing.Before(state.Unanswered)) {
		return x.failing, true
	}
	return state.Unanswered, !state.Unanswered.IsZero()
}

// execute executes an event, and gives it to the streams if it is another one than the latest. It reports whether the
// subscription is over.
func (g *group) execute(ctx context.Context, x *execution, state watch.State) (over bool) {
	if g.manager.executions.Acquire(ctx, 1) != nil {
		return false
	}
	result := g.spec.Execute(ctx)
	g.manager.executions.Release(1)
	if ctx.Err() != nil {
		return false
	}
	isFirst := x.at.IsZero()
	x.version, x.at = state.Version, time.Now()
	if result.Failed {
		if x.failing.IsZero() {
			x.failing = x.at
		}
		if !isFirst {
			return false // the latest event is a state, or says so already
		}
	} else {
		x.failing, x.good = time.Time{}, true
	}
	over = result.Over || result.Expired
	recovered := x.stale && state.Unanswered.IsZero() && !result.Failed
	g.change(func() {
		if isFirst || recovered || !bytes.Equal(result.Body, g.latest.result.Body) {
			g.latest = event{seq: g.latest.seq + 1, result: result}
			x.stale = false
		}
		g.polled, g.over = state.Polled, over
	})
	return over
}

// announceStale sends the latest state once more, with the news that Atlas does not answer.
func (g *group) announceStale(x *execution, state watch.State) {
	x.stale = true
	since := state.AnsweredAt
	if since.IsZero() {
		since = x.failing
	}
	g.change(func() {
		g.latest.seq++
		g.latest.stale = &Staleness{Since: since, ClusterName: state.ClusterName}
	})
}
