package watch

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source records polls, and answers what a test sets.
type source struct {
	mu          sync.Mutex
	polls       []poll
	fingerprint uint64
	err         error
	hang        time.Duration
	clusters    []string
	unread      []error // lists of clusters that could not be read
	noSpare     bool
	shared      restore.SharedPolls
	// adoptsNothing has the source refuse what other processes have polled.
	adoptsNothing bool
}

type poll struct {
	at time.Time
	restore.PollQuery
}

func (s *source) set(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// polled returns what a poll has read: the same for the same n.
func polled(q restore.PollQuery, n uint64) *restore.Polled {
	job := &restore.Job{Key: restore.Key{JobID: strconv.FormatUint(n, 10)}}
	return &restore.Polled{Query: q, Jobs: []restore.PolledJob{{Tier: restore.Flex, Job: job}}}
}

func (s *source) Adopt(_ context.Context, q restore.PollQuery, data []byte, _ time.Time) (*restore.Polled, error) {
	var encoded struct {
		Query restore.PollQuery
		Jobs  struct{ Jobs []restore.Key }
	}
	if err := json.Unmarshal(data, &encoded); err != nil || //nolint:musttag // as Polled.Encode writes it
		len(encoded.Jobs.Jobs) != 1 {
		return nil, restore.ErrNotCovered
	}
	n, err := strconv.ParseUint(encoded.Jobs.Jobs[0].JobID, 10, 64)
	p := polled(encoded.Query, n)
	if err != nil || !p.Covers(q) || s.isClosedToOthers() {
		return nil, restore.ErrNotCovered
	}
	return p, nil
}

func (s *source) isClosedToOthers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.adoptsNothing
}

func (s *source) SharedPolls(context.Context, string) restore.SharedPolls {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shared
}

func (s *source) Poll(ctx context.Context, q restore.PollQuery) (*restore.Polled, error) {
	s.mu.Lock()
	s.polls = append(s.polls, poll{time.Now(), q})
	hang, fingerprint, err := s.hang, s.fingerprint, s.err
	s.mu.Unlock()
	select {
	case <-time.After(hang):
		return polled(q, fingerprint), err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *source) PollClusters(_ context.Context, groupID string) (*restore.Clusters, error) {
	<-time.After(time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls = append(s.polls, poll{time.Now(), restore.PollQuery{Cluster: restore.ClusterKey{GroupID: groupID}}})
	all := &restore.Clusters{Failures: s.unread}
	for _, name := range s.clusters {
		all.Clusters = append(all.Clusters, &restore.Cluster{ClusterKey: restore.ClusterKey{GroupID: groupID, Name: name}})
	}
	return all, s.err
}

func (s *source) HasSpareCalls(context.Context, string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.noSpare
}

// of returns when a cluster was polled since the start.
func (s *source) of(cluster string, start time.Time) (after []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.polls {
		if p.Cluster.Name == cluster {
			after = append(after, p.at.Sub(start))
		}
	}
	return after
}

func newTestHub(t *testing.T, s *source) *Hub {
	t.Helper()
	h := NewHub(s, nil, slog.New(slog.DiscardHandler))
	t.Cleanup(h.Close)
	return h
}

func queryFor(clusters ...string) Query {
	return Query{Context: context.Background(), GroupID: "g", ClusterNames: clusters, Tier: restore.AnyTier, First: 20}
}

func TestHub_pollsOftenWhileJobsChangeAndRarelyWhileTheyDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := newTestHub(t, s)
		start := time.Now()
		w := h.Watch(queryFor("a"))
		defer w.Close()
		<-time.After(5 * time.Minute)
		at := s.of("a", start)
		if at[0] != 0 || at[1] < MinInterval || at[1] > 6*time.Second {
			t.Errorf("the first polls are at %s", at[:2])
		}
		if last := at[len(at)-1] - at[len(at)-2]; last < 27*time.Second || last > 33*time.Second {
			t.Errorf("in the end there are %s between two polls: %s", last, at)
		}
		s.set(func() { s.fingerprint++ })
		<-time.After(time.Minute)
		before := len(at)
		at = s.of("a", start)
		if next := at[before+1] - at[before]; next > 6*time.Second {
			t.Errorf("after a change the next poll comes after %s", next)
		}
	})
}

func TestHub_sharesThePollsOfAllWatchesAndStopsWithTheLastOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := newTestHub(t, s)
		one, two := h.Watch(queryFor("a")), h.Watch(Query{
			Context: context.Background(), GroupID: "g", ClusterNames: []string{"a"}, Tier: restore.Serverless, First: 200, ID: "x",
		})
		other := queryFor("a")
		other.Credential = "another"
		three := h.Watch(other)
		<-time.After(time.Minute)
		if n := len(s.of("a", time.Now())); n < 8 || n > 16 {
			t.Errorf("%d polls by two credentials", n)
		}
		s.set(func() {
			for _, p := range s.polls[2:] {
				if p.First == 200 && (!slices.Equal(p.IDs, []string{"x"}) || len(p.Tiers) != 2) {
					t.Errorf("a poll is %+v", p)
				}
			}
		})
		one.Close()
		three.Close()
		<-time.After(time.Minute)
		before := len(s.of("a", time.Now()))
		two.Close()
		<-time.After(time.Hour)
		if n := len(s.of("a", time.Now())); n != before || h.Stats().Pollers != 0 {
			t.Errorf("%d polls without a watch, %d pollers", n-before, h.Stats().Pollers)
		}
	})
}

func TestHub_pollsNotMoreForAClientThatComesAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		h := newTestHub(t, s)
		for range 60 {
			w := h.Watch(queryFor("a"))
			<-time.After(500 * time.Millisecond)
			w.Close()
			<-time.After(500 * time.Millisecond)
		}
		if n := len(s.of("a", time.Now())); n > 13 {
			t.Errorf("%d polls in a minute", n)
		}
	})
}

func TestWatch_followsTheClustersOfAProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{clusters: []string{"a", "b", "skipped"}}
		h := newTestHub(t, s)
		q := queryFor()
		q.ClusterNames = nil
		q.Select = func(c *restore.Cluster) bool { return c.Name != "skipped" }
		w := h.Watch(q)
		defer w.Close()
		if !w.State().Polled.IsZero() {
			t.Error("nothing was polled, and the state says so not")
		}
		<-time.After(time.Second)
		if s := w.State(); s.Polled.IsZero() || !s.Unanswered.IsZero() {
			t.Errorf("%+v", s)
		}
		version := w.State().Version
		s.set(func() {
			s.clusters, s.unread = []string{"b"}, []error{errors.New("the list of Flex clusters was not read")}
		})
		<-time.After(2 * time.Minute)
		if last := s.of("a", time.Now()); last[len(last)-1] < -MaxInterval*11/10 || w.State().Version != version {
			t.Error("it does not watch a cluster any more that stands on a list that could not be read")
		}
		s.set(func() { s.clusters, s.unread = []string{"b", "c", "skipped"}, nil })
		<-time.After(2 * time.Minute)
		if w.State().Version == version {
			t.Error("other clusters are no change")
		}
		before := len(s.of("a", time.Now()))
		<-time.After(5 * time.Minute)
		if len(s.of("a", time.Now())) != before || len(s.of("c", time.Now())) < 5 || len(s.of("skipped", time.Now())) > 0 {
			t.Error("it polls other clusters than those of the project")
		}
	})
}

func TestWatch_saysSinceWhenThereIsNoAnswer(t *testing.T) {
	for name, fail := range map[string]func(s *source){
		"an error":  func(s *source) { s.err = errors.New("no") },
		"no answer": func(s *source) { s.hang = time.Hour },
		"no calls":  func(s *source) { s.noSpare = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &source{}
				h := newTestHub(t, s)
				w := h.Watch(queryFor("a"))
				defer w.Close()
				<-time.After(time.Second)
				s.set(func() { fail(s) })
				<-time.After(2 * time.Minute)
				state := w.State()
				if state.ClusterName != "a" || time.Since(state.Unanswered) < 100*time.Second ||
					!state.AnsweredAt.Before(state.Unanswered) {
					t.Errorf("%+v", state)
				}
				s.set(func() { s.err, s.hang, s.noSpare = nil, 0, false })
				<-time.After(2 * time.Hour)
				if state := w.State(); !state.Unanswered.IsZero() {
					t.Errorf("%+v", state)
				}
			})
		})
	}
}
