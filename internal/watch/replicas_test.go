package watch

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/restore"
)

// board is what processes share in memory.
type board struct {
	mu        sync.Mutex
	down      bool
	holder    string
	until     time.Time
	fence     int64
	interests map[string][]byte
	last      restore.PublishedPoll
	polled    int64
	listeners map[int]func()
	next      int
}

// member is one process at a board.
type member struct {
	*board

	id string
}

func (m member) Lease(_ context.Context, _ []string, interest []byte, ttl time.Duration) (restore.PollLease, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return restore.PollLease{}, false
	}
	if m.interests == nil {
		m.interests = make(map[string][]byte)
	}
	m.interests[m.id] = interest
	if m.holder != m.id && !time.Now().Before(m.until) {
		m.holder = m.id
		m.fence++
	}
	l := restore.PollLease{
		IsHolder: m.holder == m.id, Fence: m.fence, Left: time.Until(m.until), Polled: m.polled, Answered: m.last.Version,
		Private: m.last.Version != 0 && m.last.Result == nil,
	}
	if l.IsHolder {
		m.until = time.Now().Add(ttl)
	}
	for id, other := range m.interests {
		if id != m.id {
			l.Interests = append(l.Interests, other)
		}
	}
	return l, true
}

func (m member) Publish(_ context.Context, _ []string, p restore.PublishedPoll, ttl time.Duration) {
	m.mu.Lock()
	m.polled = max(m.polled, p.Version)
	if p.Answered && p.Version > m.last.Version {
		m.last = p
	}
	if m.holder == m.id {
		m.until = time.Now().Add(ttl)
	}
	m.mu.Unlock()
	m.tell()
}

func (m member) tell() {
	m.mu.Lock()
	all := make([]func(), 0, len(m.listeners))
	for _, f := range m.listeners {
		all = append(all, f)
	}
	m.mu.Unlock()
	for _, f := range all {
		f()
	}
}

func (m member) Latest(context.Context, []string) ([]byte, int64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last.Result, m.last.Version, m.last.Result != nil
}

func (m member) Release(context.Context, []string) {
	m.mu.Lock()
	if m.holder == m.id {
		m.until = time.Time{}
	}
	delete(m.interests, m.id)
	m.mu.Unlock()
	m.tell()
}

func (m member) Listen(_ []string, f func()) (stop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners == nil {
		m.listeners = make(map[int]func())
	}
	m.next++
	n := m.next
	m.listeners[n] = f
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.listeners, n)
	}
}

func (member) Version() int64               { return time.Now().UnixMicro() }
func (member) Time(version int64) time.Time { return time.UnixMicro(version) }

// replicas are hubs with a source each, at one board.
type replicas struct {
	board   board
	sources []*source
	hubs    []*Hub
	watches []*Watch
}

func newReplicas(t *testing.T, n int) *replicas {
	t.Helper()
	r := &replicas{}
	for i := range n {
		s := &source{shared: member{&r.board, strconv.Itoa(i)}}
		r.sources = append(r.sources, s)
		r.hubs = append(r.hubs, newTestHub(t, s))
	}
	return r
}

// set changes what Atlas answers.
func (r *replicas) set(fingerprint uint64, err error) {
	for _, s := range r.sources {
		s.set(func() { s.fingerprint, s.err = fingerprint, err })
	}
}

func (r *replicas) watch(t *testing.T, q Query) {
	t.Helper()
	for _, h := range r.hubs {
		w := h.Watch(q)
		t.Cleanup(w.Close)
		r.watches = append(r.watches, w)
		<-time.After(100 * time.Millisecond)
	}
}

// polls returns how many polls each source has seen.
func (r *replicas) polls() (n []int, sum int) {
	for _, s := range r.sources {
		polls := len(s.of("a", time.Now()))
		n, sum = append(n, polls), sum+polls
	}
	return n, sum
}

func TestReplicas_pollAsOneDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, three := newReplicas(t, 1), newReplicas(t, 3)
		one.watch(t, queryFor("a"))
		three.watch(t, queryFor("a"))
		<-time.After(time.Second) // until each has the first poll
		before := make([]uint64, 3)
		for i, w := range three.watches {
			before[i] = w.State().Version
		}
		for i := range 5 {
			<-time.After(40 * time.Second)
			one.set(uint64(i), nil)
			three.set(uint64(i), nil)
		}
		<-time.After(40 * time.Second)
		_, single := one.polls()
		each, sum := three.polls()
		if sum > single+2 || sum < single-2 || each[1]+each[2] > 0 {
			t.Errorf("one polls %d times, three %v", single, each)
		}
		for i, w := range three.watches {
			s := w.State()
			if s.Version-before[i] != 4 || time.Since(s.Polled) > MaxInterval+10*time.Second || !s.Unanswered.IsZero() {
				t.Errorf("replica %d has the state %+v after version %d", i, s, before[i])
			}
		}
	})
}

func TestReplicas_goOnWithoutTheOneThatPolls(t *testing.T) {
	for name, tt := range map[string]struct {
		leave func(r *replicas)
		most  time.Duration // until another one polls
	}{
		"closed": {leave: func(r *replicas) { r.hubs[0].Close() }, most: 100 * time.Millisecond},
		"hung": {
			leave: func(r *replicas) { r.sources[0].set(func() { r.sources[0].hang = time.Hour }) },
			most:  MaxInterval + pollTTL,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 3)
				r.watch(t, queryFor("a"))
				<-time.After(time.Minute)
				tt.leave(r)
				<-time.After(tt.most + 2*MinInterval)
				each, sum := r.polls()
				if others := each[1] + each[2]; others == 0 || others == sum {
					t.Errorf("the polls are %v", each)
				}
			})
		})
	}
}

func TestReplicas_tellThatAtlasDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 2)
		r.watch(t, queryFor("a"))
		<-time.After(time.Minute)
		r.set(1, errors.New("down"))
		<-time.After(2 * time.Minute)
		for i, w := range r.watches {
			if s := w.State(); s.Unanswered.IsZero() || time.Since(s.Unanswered) < time.Minute || s.ClusterName != "a" {
				t.Errorf("replica %d has the state %+v", i, s)
			}
		}
		r.set(2, nil)
		<-time.After(MaxInterval + 10*time.Second)
		for i, w := range r.watches {
			if s := w.State(); !s.Unanswered.IsZero() {
				t.Errorf("replica %d has the state %+v when it answers again", i, s)
			}
		}
	})
}

func TestReplicas_pollWhatTheOthersWant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 2)
		first, second := queryFor("a"), queryFor("a")
		first.ID, second.ID, second.First = "one", "two", 200
		for i, q := range []Query{first, second} {
			w := r.hubs[i].Watch(q)
			defer w.Close()
			<-time.After(time.Second)
		}
		if each, _ := r.polls(); each[1] > 1 {
			t.Errorf("a replica that wants more polls itself once: %v", each)
		}
		<-time.After(time.Minute)
		r.sources[0].mu.Lock()
		defer r.sources[0].mu.Unlock()
		last := r.sources[0].polls[len(r.sources[0].polls)-1]
		if last.First != 200 || strings.Join(last.IDs, " ") != "one two" {
			t.Errorf("the replica that polls reads %+v", last.PollQuery)
		}
	})
}

func TestReplicas_pollByThemselvesWhileTheyCannotShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 2)
		r.watch(t, queryFor("a"))
		<-time.After(time.Minute)
		r.board.mu.Lock()
		r.board.down = true
		r.board.mu.Unlock()
		<-time.After(2 * time.Minute)
		r.set(7, nil)
		<-time.After(2 * MaxInterval)
		each, _ := r.polls()
		if each[1] < 3 {
			t.Errorf("the polls are %v", each)
		}
		versions := []uint64{r.watches[0].State().Version, r.watches[1].State().Version}
		r.board.mu.Lock()
		r.board.down = false
		r.board.mu.Unlock()
		<-time.After(2 * time.Minute)
		for i, w := range r.watches {
			if s := w.State(); s.Version != versions[i] {
				t.Errorf("replica %d has an event of nothing new: %+v", i, s)
			}
		}
		before, _ := r.polls()
		<-time.After(2 * time.Minute)
		if after, _ := r.polls(); after[0]-before[0] > 0 && after[1]-before[1] > 0 {
			t.Errorf("both poll: %v, then %v", before, after)
		}
	})
}

func TestReplicas_pollNoMoreThanWithoutTheOthersWhereNoneCanAdopt(t *testing.T) {
	for name, err := range map[string]error{"answered": nil, "failed": errors.New("down")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 3)
				for _, s := range r.sources {
					s.set(func() { s.adoptsNothing, s.err = true, err })
				}
				start := time.Now()
				r.watch(t, queryFor("a"))
				<-time.After(5 * time.Minute)
				for i, s := range r.sources {
					at := s.of("a", start)
					for n := 1; n < len(at); n++ {
						if between := at[n] - at[n-1]; between < MinInterval {
							t.Errorf("replica %d polls again after %s", i, between)
						}
					}
				}
			})
		})
	}
}
