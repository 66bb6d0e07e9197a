package watch

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"atlas-restore-gateway/internal/restore"
)

// Bounds of the time between two polls.
const (
	// backoff is by how much an interval grows when nothing has changed.
	backoff = 1.5
	// jitter is by which part an interval is longer or shorter at random, so that pollers do not poll all at once.
	jitter = 0.1
)

// poller polls one cluster, or the clusters of one project, in a goroutine of its own. It ends when it has had no watch
// for MinInterval: a client that comes again and again causes no more polls than one that stays.
type poller struct {
	hub  *Hub
	key  pollerKey
	wake chan struct{}

	// The lock of the hub guards these.
	watches     map[*Watch]struct{}
	clusters    *restore.Clusters // of a project; nil until they were read
	version     uint64            // counts changes
	fingerprint uint64
	failures    int       // of polls, one after the other
	lastPoll    time.Time // when the last poll began that has ended
	answeredAt  time.Time // when the last poll began that was answered
	unanswered  time.Time // when the first poll began since then; zero where there is none
}

func newPoller(h *Hub, key pollerKey) *poller {
	return &poller{hub: h, key: key, wake: make(chan struct{}, 1), watches: make(map[*Watch]struct{})}
}

// wakeUp has the poller poll now. The lock is held.
func (p *poller) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// leave removes a watch. The lock is held.
func (p *poller) leave(w *Watch) {
	if delete(p.watches, w); len(p.watches) == 0 {
		p.wakeUp()
	}
}

// refresh has the poller poll now if it has not within MinInterval. The lock is held.
func (p *poller) refresh() {
	if time.Since(p.lastPoll) > MinInterval {
		p.wakeUp()
	}
}

// run polls until the poller ends.
func (p *poller) run() {
	interval := p.minInterval()
	for {
		if outcome := p.poll(); outcome == changed {
			interval = p.minInterval()
		} else {
			interval = min(time.Duration(float64(interval)*backoff), p.maxInterval())
		}
		if !p.wait(time.Duration(float64(interval) * (1 + jitter*(2*rand.Float64()-1)))) { //nolint:gosec // no secret
			return
		}
	}
}

func (p *poller) minInterval() time.Duration {
	if p.key.cluster.Name == "" {
		return ClusterInterval
	}
	return MinInterval
}

func (p *poller) maxInterval() time.Duration { return max(p.minInterval(), MaxInterval) }

// wait waits for the interval, or until it is woken up, but at least for MinInterval. It reports false when the poller
// has ended.
func (p *poller) wait(interval time.Duration) bool {
	if !p.sleep(MinInterval, nil) || p.endIfUnwatched() {
		return false
	}
	return interval <= MinInterval || p.sleep(interval-MinInterval, p.wake) && !p.endIfUnwatched()
}

// sleep returns after the time, or when it is woken up. It reports false when the hub was closed.
func (p *poller) sleep(d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-wake:
		return true
	case <-p.hub.ctx.Done():
		return false
	}
}

// endIfUnwatched removes the poller from the hub if it has no watch.
func (p *poller) endIfUnwatched() bool {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if len(p.watches) > 0 {
		return false
	}
	delete(p.hub.pollers, p.key)
	return true
}

// outcome is what came of a poll.
type outcome int

const (
	unchanged outcome = iota
	changed
	failed
)

// poll polls once, and tells the watches.
func (p *poller) poll() outcome {
	h := p.hub
	h.mu.Lock()
	select {
	case <-p.wake: // this poll is the one
	default:
	}
	ctx, q, ok := p.query()
	if !ok {
		h.mu.Unlock()
		return unchanged
	}
	began := time.Now()
	if p.unanswered.IsZero() {
		p.unanswered = began
	}
	h.mu.Unlock()

	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	var fingerprint uint64
	var clusters *restore.Clusters
	var err error
	switch {
	case !h.source.HasSpareCalls(ctx, q.Cluster.GroupID):
		err = errNoSpareCalls
	case q.Cluster.Name == "":
		clusters, err = h.source.PollClusters(ctx, q.Cluster.GroupID)
	default:
		fingerprint, err = h.source.Poll(ctx, q)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	p.lastPoll = began
	result := p.record(ctx, fingerprint, clusters, err)
	for w := range p.watches {
		w.signal()
	}
	return result
}

// record takes what a poll has returned into account. The lock is held.
func (p *poller) record(ctx context.Context, fingerprint uint64, clusters *restore.Clusters, err error) outcome {
	counts := &p.hub.counts
	if err != nil {
		if errors.Is(err, errNoSpareCalls) {
			counts.deferred.Add(1)
		} else {
			counts.failed.Add(1)
		}
		p.log(ctx, err)
		p.failures++
		return failed
	}
	isFirst := p.answeredAt.IsZero()
	p.answeredAt, p.unanswered, p.failures = p.lastPoll, time.Time{}, 0
	if p.key.cluster.Name == "" {
		p.clusters = clusters
		for w := range p.watches {
			w.setClusters(clusters)
		}
	} else if fingerprint != p.fingerprint || isFirst {
		p.fingerprint = fingerprint
		p.version++
		counts.changed.Add(1)
		return changed
	}
	counts.unchanged.Add(1)
	return unchanged
}

// query returns what the watches want to know, and the context of one of them. It reports false where there is no
// watch. The lock is held.
func (p *poller) query() (ctx context.Context, q restore.PollQuery, ok bool) {
	q.Cluster = p.key.cluster
	for w := range p.watches {
		ctx, ok = w.query.Context, true
		q.First = max(q.First, w.query.First)
		if !slices.Contains(q.Tiers, w.query.Tier) {
			q.Tiers = append(q.Tiers, w.query.Tier)
		}
		if id := w.query.ID; id != "" && !slices.Contains(q.IDs, id) {
			q.IDs = append(q.IDs, id)
		}
	}
	return ctx, q, ok
}

// log logs a failed poll, the first one after others that were answered as a warning. The lock is held.
func (p *poller) log(ctx context.Context, err error) {
	level := slog.LevelWarn
	if p.failures > 0 || p.hub.ctx.Err() != nil {
		level = slog.LevelDebug
	}
	p.hub.logger.LogAttrs(ctx, level, "a poll of live jobs failed",
		slog.String("group_id", p.key.cluster.GroupID), slog.String("cluster_name", p.key.cluster.Name),
		slog.String("error", err.Error()))
}
