package watch

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/tracing"
)

// Bounds of the time between two polls.
const (
	// backoff is by how much an interval grows when nothing has changed.
	backoff = 1.5
	// jitter is by which part an interval is longer or shorter at random, so that pollers do not poll all at once.
	jitter = 0.1
	// pollTTL is how long a process has the lease of a poller while it polls, and leaseMargin for how much longer than
	// until its next poll.
	pollTTL     = 15 * time.Second
	leaseMargin = time.Second
	// firstPoll is how long a process waits for the first poll of another one: then it polls itself.
	firstPoll = 2 * time.Second
)

// poller polls one cluster, or the clusters of one project, in a goroutine of its own. It ends when it has had no watch
// for MinInterval: a client that comes again and again causes no more polls than one that stays.
//
// Where several processes watch a cluster one of them has a lease and polls, and publishes what it has read. The others
// adopt it; they poll by themselves only what was not polled, or not as lately as a new watch needs it.
type poller struct {
	hub  *Hub
	key  pollerKey
	wake chan struct{}

	// Only the goroutine of the poller uses these.
	interval time.Duration
	polls    restore.SharedPolls // nil where no other process polls
	stop     func()              // of listening to the others
	version  int64               // of the newest poll that was made or adopted
	waited   bool                // for the first poll of another process

	// The lock of the hub guards these.
	watches     map[*Watch]struct{}
	clusters    *restore.Clusters // of a project; nil until they were read
	changes     uint64
	fingerprint uint64
	failures    int       // of polls, one after the other
	lastPoll    time.Time // when the last poll began that has ended
	answeredAt  time.Time // when the last poll began that was answered
	unanswered  time.Time // when the first poll began since then; zero where there is none
	follows     bool      // another process has the lease
	refreshing  bool      // a watch wants a poll that is not older than MinInterval
}

func newPoller(h *Hub, key pollerKey) *poller {
	p := &poller{hub: h, key: key, wake: make(chan struct{}, 1), watches: make(map[*Watch]struct{})}
	p.interval = p.minInterval()
	return p
}

// wakeUp has the poller go on now. The lock is held.
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
		p.refreshing = true
		p.wakeUp()
	}
}

// run polls until the poller ends.
func (p *poller) run() {
	defer p.release()
	for {
		follow := p.step()
		if follow > 0 {
			if !p.sleep(p.jittered(follow), p.wake) || p.endIfUnwatched() {
				return
			}
			continue
		}
		if !p.wait(p.interval) {
			return
		}
	}
}

// jittered returns a time that is longer or shorter at random.
func (*poller) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 + jitter*(2*rand.Float64()-1))) //nolint:gosec // no secret
}

// next sets the time until the next poll.
func (p *poller) next(o outcome) {
	if o == changed {
		p.interval = p.minInterval()
	} else {
		p.interval = min(time.Duration(float64(p.interval)*backoff), p.maxInterval())
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
	interval = p.jittered(interval)
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

// name names the poller for other processes.
func (p *poller) name() []string { return restore.PollName(p.key.cluster) }

// release ends what the poller has with other processes: one of them polls from now on.
func (p *poller) release() {
	if p.polls != nil {
		p.stop()
		p.polls.Release(context.Background(), p.name())
	}
}

// listen has the poller go on when another process has polled, or may have.
func (p *poller) listen(polls restore.SharedPolls) {
	if p.polls != nil {
		return
	}
	p.polls = polls
	p.stop = polls.Listen(p.name(), func() {
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		if p.follows {
			p.wakeUp()
		}
	})
}

// outcome is what came of a poll.
type outcome int

const (
	unchanged outcome = iota
	changed
	failed
)

func (o outcome) String() string { return [...]string{"unchanged", "changed", "failed"}[o] }

// step polls once, or takes over what another process has polled, and tells the watches. It returns the time after which
// another process may poll no more; 0 where this one polls.
func (p *poller) step() (follow time.Duration) {
	h := p.hub
	h.mu.Lock()
	select {
	case <-p.wake: // this poll is the one
	default:
	}
	ctx, q, ok := p.query()
	refreshing := p.refreshing
	p.refreshing = false
	h.mu.Unlock()
	if !ok {
		return 0
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	lease, shared := p.lease(ctx, q)
	if !shared || lease.Private && !lease.IsHolder {
		p.poll(ctx, q, nil, 0)
		return 0
	}
	p.follow(ctx, q, lease)
	h.mu.Lock()
	since, known := time.Since(p.lastPoll), !p.answeredAt.IsZero()
	h.mu.Unlock()
	covered := lease.Answered <= p.version
	wanted := lease.IsHolder || !covered || refreshing && known || !known && p.waited
	switch {
	case wanted && since >= MinInterval:
		p.waited = false
		p.poll(ctx, q.Union(lease.Interests), p.polls, lease.Fence)
	case lease.IsHolder:
	case wanted:
		// Also where each process can adopt nothing of the others: none polls more often than it would without them.
		return MinInterval - since
	case !known:
		// Another process polls for the first time.
		p.waited = true
		return firstPoll
	}
	if lease.IsHolder {
		return 0
	}
	return max(lease.Left, leaseMargin)
}

// lease asks the other processes which of them polls; shared is false where there are none, or where they do not answer.
func (p *poller) lease(ctx context.Context, q restore.PollQuery) (lease restore.PollLease, shared bool) {
	if p.key.credential == "" {
		if polls := p.hub.source.SharedPolls(ctx, q.Cluster.GroupID); polls != nil {
			p.listen(polls)
			lease, shared = polls.Lease(ctx, p.name(), q.Encode(), max(pollTTL, p.leaseTTL()))
		}
	}
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.follows = shared && !lease.IsHolder && !lease.Private
	return lease, shared
}

// leaseTTL is how long this process keeps the lease after a poll: until the next one.
func (p *poller) leaseTTL() time.Duration {
	return time.Duration(float64(p.interval)*(1+jitter)) + leaseMargin
}

// follow takes over what another process has polled, if it is newer, and that it was not answered. After it lease.Answered
// is above p.version only where that poll has not read all that the watches want.
func (p *poller) follow(ctx context.Context, q restore.PollQuery, lease restore.PollLease) {
	if lease.Answered > p.version {
		p.adopt(ctx, q)
	}
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if lease.Polled > max(lease.Answered, p.version) && p.unanswered.IsZero() {
		p.unanswered = p.polls.Time(lease.Polled)
		p.signal()
	}
}

// adopt takes over the newest poll, unless that is not all that the watches want.
func (p *poller) adopt(ctx context.Context, q restore.PollQuery) {
	result, version, ok := p.polls.Latest(ctx, p.name())
	if !ok || version <= p.version {
		return
	}
	began := p.polls.Time(version)
	var fingerprint uint64
	var clusters *restore.Clusters
	var err error
	if q.Cluster.Name == "" {
		clusters, err = restore.DecodeClusters(result)
	} else {
		var polled *restore.Polled
		if polled, err = p.hub.source.Adopt(ctx, q, result, began); err == nil {
			fingerprint = polled.Fingerprint()
		}
	}
	if err != nil {
		return
	}
	p.version = version
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	p.lastPoll = began
	h.counts.adopted.Add(1)
	p.answered(fingerprint, clusters)
	p.signal()
}

// poll polls once, and tells the watches and, where polls is not nil, the other processes.
func (p *poller) poll(ctx context.Context, q restore.PollQuery, polls restore.SharedPolls, fence int64) {
	h := p.hub
	ctx, span := tracing.Root(ctx, h.tracer, "poll", trace.SpanKindInternal)
	defer span.End()
	h.mu.Lock()
	began := time.Now()
	if p.unanswered.IsZero() {
		p.unanswered = began
	}
	h.mu.Unlock()
	published := restore.PublishedPoll{Fence: fence}
	if p.polls != nil {
		published.Version = p.polls.Version()
	}

	var fingerprint uint64
	var polled *restore.Polled
	var clusters *restore.Clusters
	var err error
	switch {
	case !h.source.HasSpareCalls(ctx, q.Cluster.GroupID):
		err = errNoSpareCalls
	case q.Cluster.Name == "":
		if clusters, err = h.source.PollClusters(ctx, q.Cluster.GroupID); err == nil {
			published.Result, _ = clusters.Encode()
		}
	default:
		if polled, err = h.source.Poll(ctx, q); err == nil {
			fingerprint = polled.Fingerprint()
			published.Result, _ = polled.Encode()
		}
	}

	h.mu.Lock()
	p.lastPoll = began
	result := p.record(ctx, fingerprint, clusters, err)
	p.signal()
	h.mu.Unlock()
	p.next(result)
	if span.IsRecording() {
		span.SetAttributes(tracing.OutcomeKey.String(result.String()))
	}
	if published.Answered = err == nil; published.Answered {
		p.version = max(p.version, published.Version)
	}
	if polls != nil {
		polls.Publish(ctx, p.name(), published, p.leaseTTL())
	}
}

// signal tells the watches that the state may be another one. The lock is held.
func (p *poller) signal() {
	for w := range p.watches {
		w.signal()
	}
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
	result := p.answered(fingerprint, clusters)
	if result == changed && p.key.cluster.Name != "" {
		counts.changed.Add(1)
	} else {
		counts.unchanged.Add(1)
	}
	return result
}

// answered takes into account what a poll that began at lastPoll has read, of this process or of another one. The lock is
// held.
func (p *poller) answered(fingerprint uint64, clusters *restore.Clusters) outcome {
	isFirst := p.answeredAt.IsZero()
	p.answeredAt, p.unanswered, p.failures = p.lastPoll, time.Time{}, 0
	if p.key.cluster.Name == "" {
		p.clusters = clusters
		for w := range p.watches {
			w.setClusters(clusters)
		}
		return unchanged
	}
	if fingerprint == p.fingerprint && !isFirst {
		return unchanged
	}
	p.fingerprint = fingerprint
	p.changes++
	return changed
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
