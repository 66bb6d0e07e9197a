package subscription

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// system is a Manager over a source that a test changes.
type system struct {
	*Manager

	state atomic.Int64 // what is watched
	down  atomic.Bool
	calls atomic.Int64
}

func (s *system) Poll(context.Context, restore.PollQuery) (*restore.Polled, error) {
	s.calls.Add(1)
	if s.down.Load() {
		return nil, errors.New("down")
	}
	job := &restore.Job{Key: restore.Key{JobID: strconv.FormatInt(s.state.Load(), 10)}}
	return &restore.Polled{Jobs: []restore.PolledJob{{Job: job}}}, nil
}

func (*system) Adopt(context.Context, restore.PollQuery, []byte, time.Time) (*restore.Polled, error) {
	return nil, restore.ErrNotCovered
}

func (*system) SharedPolls(context.Context, string) restore.SharedPolls { return nil }

func (*system) PollClusters(context.Context, string) (*restore.Clusters, error) {
	return &restore.Clusters{}, nil
}
func (*system) HasSpareCalls(context.Context, string) bool { return true }

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{}
	hub := watch.NewHub(s, nil, slog.New(slog.DiscardHandler))
	s.Manager = New(Config{Hub: hub, StaleAfter: time.Minute, MaxLife: time.Hour, FirstEvent: 10 * time.Second})
	t.Cleanup(func() {
		s.Close()
		hub.Close()
	})
	return s
}

// spec subscribes to the state, with the rights; executed counts the events that are executed.
func (s *system) spec(rights func() (string, error), executed *atomic.Int64) *Spec {
	return &Spec{
		Key: "k", Rights: rights,
		Watch: watch.Query{
			Context: context.Background(), GroupID: "g", ClusterNames: []string{"c"}, Tier: restore.AnyTier, First: 1,
		},
		Execute: func(context.Context) Result {
			executed.Add(1)
			n := s.state.Load()
			return Result{Body: fmt.Append(nil, n), Over: n == 9}
		},
		Stale: func(r Result, at Staleness) Result {
			return Result{Body: append([]byte(at.ClusterName+" "), r.Body...)}
		},
	}
}

func always() (string, error) { return "all", nil }

func (s *system) open(t *testing.T, spec *Spec) *Stream {
	t.Helper()
	stream, err := s.Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stream.Close)
	return stream
}

func wantEvent(t *testing.T, s *Stream, want string, last bool) {
	t.Helper()
	e, err := s.Next(t.Context(), nil)
	if err != nil || string(e.Body) != want || e.Last != last {
		t.Fatalf("%q, last %t, %v, want %q", e.Body, e.Last, err, want)
	}
}

func TestStream_hasTheEventsOfItsGroupToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		var executed atomic.Int64
		var streams []*Stream
		for range 100 {
			streams = append(streams, s.open(t, s.spec(always, &executed)))
		}
		var wg sync.WaitGroup
		for _, stream := range streams {
			wg.Go(func() {
				wantEvent(t, stream, "0", false)
				wantEvent(t, stream, "1", false)
				wantEvent(t, stream, "9", true)
				if _, err := stream.Next(t.Context(), nil); !errors.Is(err, ErrOver) {
					t.Error(err)
				}
			})
		}
		<-time.After(20 * time.Second)
		s.state.Store(1)
		<-time.After(40 * time.Second)
		s.state.Store(9)
		wg.Wait()
		if n := executed.Load(); n > 5 {
			t.Errorf("%d events were executed", n)
		}
	})
}

func TestStream_saysThatNothingIsAnsweredAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		stream := s.open(t, s.spec(always, &atomic.Int64{}))
		wantEvent(t, stream, "0", false)
		s.down.Store(true)
		wantEvent(t, stream, "c 0", false)
		s.down.Store(false)
		wantEvent(t, stream, "0", false)
		if got := s.Stats(); got.Stale != 1 || got.Events != 3 {
			t.Errorf("%+v", got)
		}
	})
}

func TestStream_changesItsGroupWithItsRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		var some, all atomic.Int64
		var lost atomic.Bool
		withSome := s.spec(func() (string, error) {
			if lost.Load() {
				return "", ErrExpired
			}
			return "some", nil
		}, &some)
		one, two := s.open(t, withSome), s.open(t, s.spec(always, &all))
		wantEvent(t, one, "0", false)
		wantEvent(t, two, "0", false)
		if some.Load() != 1 || all.Load() != 1 {
			t.Errorf("%d and %d events were executed", some.Load(), all.Load())
		}
		lost.Store(true)
		if e, err := one.Next(t.Context(), nil); !errors.Is(err, ErrExpired) || e.Body != nil {
			t.Errorf("%q, %v", e.Body, err)
		}
	})
}

func TestStream_endsAtItsLongestLifeAndAtTheShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		stream := s.open(t, s.spec(always, &atomic.Int64{}))
		wantEvent(t, stream, "0", false)
		heartbeat := time.NewTimer(12 * time.Second)
		if _, err := stream.Next(t.Context(), heartbeat.C); !errors.Is(err, ErrHeartbeat) {
			t.Error(err)
		}
		if _, err := stream.Next(t.Context(), nil); !errors.Is(err, ErrLife) {
			t.Error(err)
		}
		s.Shutdown()
		if _, err := stream.Next(t.Context(), nil); !errors.Is(err, ErrShutdown) && !errors.Is(err, ErrLife) {
			t.Error(err)
		}
		if _, err := s.Open(s.spec(always, &atomic.Int64{})); !errors.Is(err, ErrShutdown) {
			t.Error(err)
		}
	})
}
