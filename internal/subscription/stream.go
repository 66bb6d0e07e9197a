package subscription

import (
	"bytes"
	"context"
	"errors"
	"time"

	"atlas-restore-gateway/internal/watch"
)

// Spec says what a client subscribes to.
type Spec struct {
	// Key is equal for subscriptions that have the same events for callers with the same rights.
	Key string
	// Caller identifies the caller; "" is one that cannot be told from others.
	Caller string
	Watch  watch.Query
	// Expires is when the caller's credential ends; zero where that is not known.
	Expires time.Time
	// Rights returns what decides, beside Key, about the content of events. It is called before each event: an error
	// ends the stream. ErrExpired does so without an event.
	Rights func() (string, error)
	// Execute executes an event for a group, and Own, unless it is nil, for one client: then the results of Execute only
	// tell when there is another event.
	Execute, Own func(ctx context.Context) Result
	// Stale returns the event again with the news that Atlas does not answer.
	Stale func(r Result, s Staleness) Result
}

// Event is what a client gets.
type Event struct {
	Body []byte
	// Last reports that the subscription is over.
	Last bool
}

// Stream is the subscription of one client. Its methods must not be called concurrently.
type Stream struct {
	manager *Manager
	spec    *Spec
	ends    time.Time

	group  *group
	rights string
	joined time.Time // the group
	seq    uint64    // of the group's latest event that was seen
	own    Result    // the latest of spec.Own
	last   []byte    // the body that was sent last; nil before the first
	over   bool
	closed bool
}

// Open begins a stream. Its error is a *LimitError, ErrShutdown or one of Spec.Rights. Close must be called.
func (m *Manager) Open(spec *Spec) (*Stream, error) {
	rights, err := spec.Rights()
	if err != nil {
		return nil, err
	}
	if err := m.admit(spec.Caller); err != nil {
		return nil, err
	}
	s := &Stream{manager: m, spec: spec, rights: rights, joined: time.Now()}
	s.ends = s.joined.Add(m.config.MaxLife)
	s.group = m.join(spec, rights)
	return s, nil
}

// Close ends the stream.
func (s *Stream) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.group.leave()
	s.manager.release(s.spec.Caller)
}

// Errors of Next that end nothing, and after the last event.
var (
	ErrOver      = errors.New("subscription: the subscription is over")
	ErrHeartbeat = errors.New("subscription: it is time for a heartbeat")
)

// Next waits for the next event. Of events that came since the last one it returns the latest. Errors are ErrOver after
// the last event, ErrHeartbeat when heartbeat, which may be nil, has an element, those of Spec.Rights, ErrLife,
// ErrShutdown, and that of ctx.
func (s *Stream) Next(ctx context.Context, heartbeat <-chan time.Time) (Event, error) {
	if s.over {
		return Event{}, ErrOver
	}
	life := time.NewTimer(time.Until(s.ends))
	defer life.Stop()
	first := time.NewTimer(time.Until(s.joined.Add(s.manager.config.FirstEvent)))
	defer first.Stop()
	var expired <-chan time.Time // Rights says so then
	if !s.spec.Expires.IsZero() {
		timer := time.NewTimer(time.Until(s.spec.Expires))
		defer timer.Stop()
		expired = timer.C
	}
	for {
		e, over, beat := s.look()
		// Behind look, so that an event which was executed with other rights is not taken.
		switch changed, err := s.checkRights(); {
		case err != nil:
			return Event{}, err
		case changed:
			continue
		}
		if e != nil {
			if out, err := s.take(ctx, e, over); err != nil || out.Body != nil {
				return out, err
			}
		}
		if s.over = over; over {
			return Event{}, ErrOver
		}
		select {
		case <-beat:
		case <-first.C:
		case <-expired:
		case <-heartbeat:
			return Event{}, ErrHeartbeat
		case <-life.C:
			return Event{}, ErrLife
		case <-s.manager.shutdown:
			return Event{}, ErrShutdown
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// checkRights joins another group where the caller has other rights than before, and reports whether it has.
func (s *Stream) checkRights() (changed bool, err error) {
	rights, err := s.spec.Rights()
	if err != nil || rights == s.rights {
		return false, err
	}
	before := s.group
	s.group = s.manager.join(s.spec, rights)
	before.leave()
	s.rights, s.joined, s.seq = rights, time.Now(), 0
	return true, nil
}

// look returns the event of the group that is to be taken, or nil, and a channel that is closed when there may be one.
// The state of a group can be older than the stream by the longest interval of polls, so the first event waits for a
// poll, but not longer than FirstEvent.
func (s *Stream) look() (e *event, over bool, beat <-chan struct{}) {
	g := s.group
	g.mu.Lock()
	defer g.mu.Unlock()
	latest := g.latest
	if latest.seq == s.seq {
		return nil, g.over, g.beat
	}
	present := g.over || g.polled.After(s.joined.Add(-watch.MinInterval)) ||
		time.Since(s.joined) >= s.manager.config.FirstEvent
	if s.last == nil && !present {
		return nil, false, g.beat
	}
	return &latest, g.over, g.beat
}

// take makes the event what the client gets. It has no body where the client has it already.
func (s *Stream) take(ctx context.Context, e *event, over bool) (Event, error) {
	result := e.result
	if s.spec.Own != nil {
		if e.stale == nil || s.own.Body == nil {
			own := s.spec.Own(ctx)
			if err := ctx.Err(); err != nil {
				return Event{}, err
			}
			s.own = own
		}
		result = s.own
	}
	if s.seq != 0 && e.seq > s.seq+1 {
		s.manager.counts.dropped.Add(e.seq - s.seq - 1)
	}
	s.seq = e.seq
	if result.Expired {
		return Event{}, ErrExpired
	}
	if e.stale != nil {
		result = s.spec.Stale(result, *e.stale)
		s.manager.counts.stale.Add(1)
	}
	if bytes.Equal(result.Body, s.last) {
		return Event{}, nil
	}
	s.last, s.over = result.Body, over
	s.manager.counts.events.Add(1)
	return Event{Body: result.Body, Last: over}, nil
}
