package subscription

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"atlas-restore-gateway/internal/watch"
)

// Config has the settings of a Manager. Hub and Execution are required.
type Config struct {
	Hub *watch.Hub
	// StaleAfter is the time without an answer of Atlas after which an event says so.
	StaleAfter time.Duration
	// MaxLife is the longest life of a stream.
	MaxLife time.Duration
	// MaxStreams bounds the streams, and MaxPerCaller those of a caller that can be told from others; 0 is no bound.
	MaxStreams, MaxPerCaller int
	// FirstEvent is how long the first event waits for Atlas at most.
	FirstEvent time.Duration
}

// Intervals and bounds.
const (
	// refreshInterval is the time after which an event is executed although the jobs have not changed, because what they
	// link to may have.
	refreshInterval = time.Minute
	// maxExecutions is how many events are executed at a time.
	maxExecutions = 64
)

// Manager has the groups and the streams. It is safe for concurrent use.
type Manager struct {
	config     Config
	ctx        context.Context //nolint:containedctx // of all groups, which live as long as the manager
	cancel     context.CancelFunc
	wg         sync.WaitGroup
	executions *semaphore.Weighted
	counts     struct{ events, stale, dropped atomic.Uint64 }

	shutdown     chan struct{} // closed by Shutdown
	shutdownOnce sync.Once

	mu      sync.Mutex
	groups  map[groupKey]*group
	streams int
	callers map[string]int
}

// New returns a Manager. Close must be called.
func New(c Config) *Manager {
	m := &Manager{
		config: c, executions: semaphore.NewWeighted(maxExecutions), shutdown: make(chan struct{}),
		groups: make(map[groupKey]*group), callers: make(map[string]int),
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m
}

// Shutdown ends all streams, and each that is opened later, with ErrShutdown.
func (m *Manager) Shutdown() { m.shutdownOnce.Do(func() { close(m.shutdown) }) }

// ShuttingDown returns a channel that is closed by Shutdown.
func (m *Manager) ShuttingDown() <-chan struct{} { return m.shutdown }

// Close ends the groups and waits for them. Streams must be closed before.
func (m *Manager) Close() {
	m.Shutdown()
	m.cancel()
	m.wg.Wait()
}

// Stats are the counters of a Manager: events that were sent, those of them that said that Atlas does not answer, and
// events that a newer one has replaced before a client took them.
type Stats struct{ Events, Stale, Dropped uint64 }

// Stats returns the counters.
func (m *Manager) Stats() Stats {
	return Stats{Events: m.counts.events.Load(), Stale: m.counts.stale.Load(), Dropped: m.counts.dropped.Load()}
}

// Why a stream has ended before its subscription was over.
var (
	// ErrShutdown is the end of a stream because the gateway stops.
	ErrShutdown = errors.New("subscription: the gateway is shutting down")
	// ErrLife is that of a stream that has had its longest life.
	ErrLife = errors.New("subscription: the stream has had its longest life")
	// ErrExpired is that of a stream whose caller is not authenticated any more.
	ErrExpired = errors.New("subscription: the caller is not authenticated any more")
)

// LimitError is the error of a stream that would be one too many.
type LimitError struct {
	// Caller reports whether the limit is that of the caller, and not that of all.
	Caller bool
	Max    int
}

func (e *LimitError) Error() string {
	if e.Caller {
		return fmt.Sprintf("you have %d streams open, and one caller can have no more: close one of them", e.Max)
	}
	return fmt.Sprintf("the gateway has %d streams open and takes no more: try again later", e.Max)
}

// admit counts a stream of a caller; "" is one that cannot be told from others.
func (m *Manager) admit(caller string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.shutdown:
		return ErrShutdown
	default:
	}
	if most := m.config.MaxStreams; most > 0 && m.streams >= most {
		return &LimitError{Max: most}
	}
	if most := m.config.MaxPerCaller; most > 0 && caller != "" && m.callers[caller] >= most {
		return &LimitError{Caller: true, Max: most}
	}
	m.streams++
	if caller != "" {
		m.callers[caller]++
	}
	return nil
}

// release is the reverse of admit.
func (m *Manager) release(caller string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.streams--
	if caller == "" {
		return
	}
	if m.callers[caller]--; m.callers[caller] == 0 {
		delete(m.callers, caller)
	}
}
