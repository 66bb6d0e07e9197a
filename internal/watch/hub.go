package watch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/restore"
)

// Intervals of polls.
const (
	// MinInterval is the time between two polls of a cluster whose jobs change, and the longest time for which what
	// another watch has caused to be read is the present state for a new one.
	MinInterval = 5 * time.Second
	// MaxInterval is that of a cluster whose jobs do not change.
	MaxInterval = 30 * time.Second
	// ClusterInterval is the time between two polls of the clusters of a project.
	ClusterInterval = time.Minute
)

// Source reads from Atlas. Its methods are documented at restore.Live, which implements it.
type Source interface {
	Poll(ctx context.Context, q restore.PollQuery) (*restore.Polled, error)
	Adopt(ctx context.Context, q restore.PollQuery, data []byte, readAt time.Time) (*restore.Polled, error)
	PollClusters(ctx context.Context, groupID string) (*restore.Clusters, error)
	HasSpareCalls(ctx context.Context, groupID string) bool
	SharedPolls(ctx context.Context, groupID string) restore.SharedPolls
}

// Hub has the pollers. It is safe for concurrent use, and must be closed.
type Hub struct {
	source Source
	tracer trace.Tracer // nil makes no spans
	logger *slog.Logger
	ctx    context.Context //nolint:containedctx // that of all pollers, which live as long as the hub
	cancel context.CancelFunc
	wg     sync.WaitGroup
	counts struct{ changed, unchanged, failed, deferred, adopted atomic.Uint64 }

	mu      sync.Mutex // of pollers and watches, too
	pollers map[pollerKey]*poller
	closed  bool
}

// pollerKey names a poller: of the clusters of a project where the cluster has no name.
type pollerKey struct {
	credential string
	cluster    restore.ClusterKey
}

// NewHub returns a hub without pollers. The tracer makes a span for each poll; nil makes none.
func NewHub(source Source, tracer trace.Tracer, logger *slog.Logger) *Hub {
	h := &Hub{source: source, tracer: tracer, logger: logger, pollers: make(map[pollerKey]*poller)}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Close ends all pollers and waits for them.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.wg.Wait()
}

// Stats are the counters of a hub.
type Stats struct {
	Pollers int
	// Changed and Unchanged are polls that were answered, Failed those that were not, and Deferred those that were not
	// made because the calls are left to others.
	// Adopted are polls of other processes that were taken over.
	Changed, Unchanged, Failed, Deferred, Adopted uint64
}

// Stats returns the counters.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{
		Pollers: len(h.pollers), Changed: h.counts.changed.Load(), Unchanged: h.counts.unchanged.Load(),
		Failed: h.counts.failed.Load(), Deferred: h.counts.deferred.Load(), Adopted: h.counts.adopted.Load(),
	}
}

// Query says what is watched: one job, or the newest jobs of some clusters of a project.
type Query struct {
	// Credential names the credential that polls read with, where it is that of a caller. Watches with different
	// credentials share nothing.
	Credential string
	// Context has the values of the contexts of polls. That it ends does not matter.
	Context context.Context //nolint:containedctx // values for another goroutine
	GroupID string
	// ClusterNames are the clusters; nil means all for which Select, if it is not nil, returns true.
	ClusterNames []string
	Select       func(*restore.Cluster) bool
	Tier         restore.Tier // restore.Serverless or restore.AnyTier
	First        int
	ID           string // of a job; "" for lists
}

// Watch is an interest in clusters. It must be closed.
type Watch struct {
	hub     *Hub
	query   Query
	changed chan struct{}

	// The lock of the hub guards these.
	clusters *poller // of the list of clusters; nil where they are named
	pollers  map[restore.ClusterKey]*poller
	version  uint64 // counts changes of the set of clusters
}

// Watch starts the pollers for the query, where they do not run.
func (h *Hub) Watch(q Query) *Watch {
	w := &Watch{hub: h, query: q, changed: make(chan struct{}, 1), pollers: make(map[restore.ClusterKey]*poller)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.ClusterNames == nil {
		w.clusters = h.join(pollerKey{q.Credential, restore.ClusterKey{GroupID: q.GroupID}}, w)
		if w.clusters.clusters != nil {
			w.setClusters(w.clusters.clusters)
		}
	} else {
		for _, name := range q.ClusterNames {
			w.add(restore.ClusterKey{GroupID: q.GroupID, Name: name})
		}
	}
	return w
}

// join adds a watch to a poller, which is started where it does not run. The lock is held.
func (h *Hub) join(key pollerKey, w *Watch) *poller {
	p := h.pollers[key]
	if p == nil {
		p = newPoller(h, key)
		h.pollers[key] = p
		if !h.closed {
			h.wg.Go(p.run)
		}
	}
	p.watches[w] = struct{}{}
	p.refresh()
	return p
}

// add adds the poller of a cluster. The lock is held.
func (w *Watch) add(cluster restore.ClusterKey) {
	if w.pollers[cluster] == nil {
		w.pollers[cluster] = w.hub.join(pollerKey{w.query.Credential, cluster}, w)
	}
}

// setClusters makes the clusters of a project those that are watched. One that may be missing because a list could not
// be read is watched as before. The lock is held.
func (w *Watch) setClusters(all *restore.Clusters) {
	watched := make(map[restore.ClusterKey]bool, len(all.Clusters))
	for _, c := range all.Clusters {
		if w.query.Select == nil || w.query.Select(c) {
			watched[c.ClusterKey] = true
		}
	}
	for cluster, p := range w.pollers {
		if !watched[cluster] && all.MayHide(cluster.Name) == nil {
			p.leave(w)
			delete(w.pollers, cluster)
			w.version++
		}
	}
	for cluster := range watched {
		if w.pollers[cluster] == nil {
			w.add(cluster)
			w.version++
		}
	}
}

// Changed returns a channel that has an element when the state may be another one than before.
func (w *Watch) Changed() <-chan struct{} { return w.changed }

func (w *Watch) signal() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// State is what is known of the clusters of a watch.
type State struct {
	// Version is another one when what was read has changed.
	Version uint64
	// Polled is when the polls began from which the state is known, the earliest of the last ones of each cluster; zero
	// where a cluster was not polled yet.
	Polled time.Time
	// Unanswered is when the first poll began since which a cluster was not read; zero where all polls were answered.
	Unanswered time.Time
	// AnsweredAt is when that cluster was read last; zero where it never was.
	AnsweredAt time.Time
	// ClusterName is that cluster; "" for the list of clusters.
	ClusterName string
}

// State returns the state.
func (w *Watch) State() State {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	s := State{Version: w.version, Polled: time.Now()}
	read := func(p *poller) {
		s.Version += p.changes
		if !p.unanswered.IsZero() && (s.Unanswered.IsZero() || p.unanswered.Before(s.Unanswered)) {
			s.Unanswered, s.AnsweredAt, s.ClusterName = p.unanswered, p.answeredAt, p.key.cluster.Name
		}
	}
	for _, p := range w.pollers {
		read(p)
		if p.lastPoll.Before(s.Polled) {
			s.Polled = p.lastPoll
		}
	}
	if w.clusters != nil {
		read(w.clusters)
		if w.clusters.lastPoll.IsZero() {
			s.Polled = time.Time{}
		}
	}
	return s
}

// Refresh has the clusters polled that were not within MinInterval.
func (w *Watch) Refresh() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	for _, p := range w.pollers {
		p.refresh()
	}
}

// Close ends the watch.
func (w *Watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	for _, p := range w.pollers {
		p.leave(w)
	}
	w.pollers = nil
	if w.clusters != nil {
		w.clusters.leave(w)
	}
}

// errNoSpareCalls is the error of a poll that was not made.
var errNoSpareCalls = errors.New("watch: the calls that Atlas allows the project are left to callers who wait for them")
