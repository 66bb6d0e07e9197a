package restore

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// gatherer brings those together who want different jobs of one cluster at the same
// time, whatever operation they belong to, so that they can be read by one list. Nobody
// waits for company that may never come: who is alone goes at once. Only who comes
// while a call for the same cluster is under way waits for its end, or for a
// millisecond, together with all others who do.
type gatherer struct {
	mu     sync.Mutex
	groups map[lineKey]*group
}

// group is who asks for jobs of one cluster just now.
type group struct {
	underWay int // calls
	waiting  *party
}

// party waits to be read together.
type party struct {
	tickets map[string]*ticket
	present int             // tickets whose owner still waits
	ctx     context.Context //nolint:containedctx // of the first one, whose values the calls carry
	cancel  context.CancelFunc
	timer   *time.Timer
	patience
}

// ticket is one job that is waited for.
type ticket struct {
	party  *party
	meter  *atlas.Meter // of the operation that wants it, or nil
	done   chan struct{}
	result JobResult
}

// gatherWait is the longest wait for company.
const gatherWait = time.Millisecond

// thinnest is how thin jobs may lie on a page that is read for several operations: one
// in so many. Within one operation a page pays for two; between operations the first
// one would wait for a large page that mostly others want.
const thinnest = 50

// gatherJob reads one job, together with those of the same cluster that others want
// now. It is read beside nobody when the caller wants it fresh.
func (s *Service) gatherJob(ctx context.Context, api Tier, key Key) (*Job, error) {
	line := lineKey{api, key.Cluster()}
	t := s.gather.enter(ctx, line, key.JobID, func(p *party) { s.startParty(line, p) })
	if t == nil {
		defer s.gather.leave(line, s.startParty)
		return s.readJob(ctx, api, key)
	}
	select {
	case <-t.done:
		return t.result.Job, t.result.Err
	case <-ctx.Done():
		s.gather.forsake(line, t)
		return nil, ctx.Err()
	}
}

// startParty reads what a party waits for, beside its members. They are calls under
// way themselves, so the service does not end before them.
func (s *Service) startParty(line lineKey, p *party) {
	s.calls.wg.Go(func() {
		stop := context.AfterFunc(s.calls.life, p.cancel)
		defer stop()
		defer p.cancel()
		defer s.gather.leave(line, s.startParty)
		results, err := s.readTogether(p.ctx, line, slices.Sorted(maps.Keys(p.tickets)), func(id string) *atlas.Meter { return p.tickets[id].meter })
		for id, t := range p.tickets {
			if t.result = results[id]; err != nil {
				t.result = JobResult{Err: err}
			}
			close(t.done)
		}
	})
}

// readTogether reads jobs of one cluster without a look at what is kept or under way:
// that was done for each of them before. Meter is that of the operation that wants a job: a job
// that is read by itself counts there, and a list for the operation that began it.
func (s *Service) readTogether(ctx context.Context, line lineKey, ids []string, meter func(id string) *atlas.Meter) (results map[string]JobResult, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = NewPanicError(r)
		}
	}()
	results = make(map[string]JobResult, len(ids))
	left, err := s.listThem(ctx, line.api, line.cluster, ids, results, thinnest)
	if err != nil {
		return nil, err
	}
	got := make([]JobResult, len(left))
	sideBySide(len(left), batchConcurrency, func(i int) {
		got[i].Job, got[i].Err = s.readJob(atlas.WithMeter(ctx, meter(left[i])), line.api, Key{line.cluster.GroupID, line.cluster.Name, left[i]})
	})
	for i, id := range left {
		results[id] = got[i]
	}
	return results, nil
}

// enter is a ticket of the party that the caller waits with; nil when the caller is to
// go alone, and to leave when that is over.
func (g *gatherer) enter(ctx context.Context, line lineKey, id string, start func(*party)) *ticket {
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.groups[line]
	if one == nil {
		one = &group{}
		g.groups[line] = one
	}
	if one.underWay == 0 || isFresh(ctx) {
		one.underWay++
		return nil
	}
	p := one.waiting
	if p == nil {
		p = &party{tickets: make(map[string]*ticket)}
		p.ctx, p.cancel = context.WithCancel(p.with(ctx))
		p.timer = time.AfterFunc(gatherWait, func() { g.due(one, p, start) })
		one.waiting = p
	}
	t := &ticket{party: p, meter: atlas.MeterOf(ctx), done: make(chan struct{})}
	p.tickets[id] = t
	p.present++
	p.join(ctx)
	return t
}

// due has a party start whose time has come, unless it has started.
func (g *gatherer) due(one *group, p *party, start func(*party)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if one.waiting == p {
		one.waiting = nil
		one.underWay++
		start(p)
	}
}

// leave ends a call. With the last one under way the wait of the others is over.
func (g *gatherer) leave(line lineKey, start func(lineKey, *party)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.groups[line]
	if one.underWay--; one.underWay > 0 {
		return
	}
	if p := one.waiting; p != nil {
		p.timer.Stop()
		one.waiting = nil
		one.underWay++
		start(line, p)
		return
	}
	delete(g.groups, line)
}

// forsake takes somebody out who does not wait any longer. When all have left, a party
// that waits does not start, and the calls of one that has started are ended.
func (g *gatherer) forsake(line lineKey, t *ticket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := t.party
	if p.present--; p.present > 0 {
		return
	}
	p.cancel()
	if one := g.groups[line]; one != nil && one.waiting == p {
		p.timer.Stop()
		one.waiting = nil
	}
}
