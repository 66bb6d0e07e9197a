package restore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

var testKeep = CacheSettings{Bytes: 1 << 20, Final: 5 * time.Minute, Running: 2 * time.Second, Missing: time.Second}

func newTestCalls(t *testing.T, keep CacheSettings) *calls {
	t.Helper()
	c, err := newCalls(keep)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forNumber keeps a number as if it were a job: even ones are final.
func forNumber(n int) (time.Duration, int) {
	if n%2 == 0 {
		return testKeep.Final, 1000
	}
	return testKeep.Running, 1000
}

func TestAnAnswerIsKeptForItsTimeAndNoLonger(t *testing.T) {
	missing := &atlas.Error{Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND"}
	tests := map[string]struct {
		value int
		err   error
		ttl   time.Duration // 0: it is not kept
	}{
		"what cannot change":   {2, nil, testKeep.Final},
		"what can":             {1, nil, testKeep.Running},
		"what is missing":      {0, missing, testKeep.Missing},
		"a transient failure":  {0, &atlas.Error{Status: 503}, 0},
		"a refused credential": {0, &atlas.Error{Status: 401}, 0},
		"HTML with 404":        {0, &atlas.Error{Kind: atlas.KindMalformed, Status: 404}, 0},
		"an API that is gone":  {0, &atlas.Error{Status: 410}, 0},
		"something else":       {0, errors.New("x"), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newTestCalls(t, testKeep)
				defer c.close()
				loads := 0
				ask := func() {
					t.Helper()
					got, err := call(t.Context(), c, "k", func(context.Context) (int, error) { loads++; return tt.value, tt.err }, forNumber)
					if got != tt.value || !errors.Is(err, tt.err) {
						t.Errorf("got %d, %v", got, err)
					}
				}
				ask()
				ask()
				want := 1
				if tt.ttl == 0 {
					want = 2
				}
				if loads != want {
					t.Errorf("%d loads at once, want %d", loads, want)
				}
				if tt.ttl > 0 {
					<-time.After(tt.ttl - time.Millisecond)
					ask()
					if loads != 1 {
						t.Errorf("%d loads before its time", loads)
					}
					<-time.After(2 * time.Millisecond)
					ask()
					if loads != 2 {
						t.Errorf("%d loads after its time", loads)
					}
				}
			})
		})
	}
}

func TestTheSameCallUnderWayIsMadeOnce(t *testing.T) {
	for name, keep := range map[string]CacheSettings{"with a cache": testKeep, "without": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newTestCalls(t, keep)
				defer c.close()
				var loads atomic.Int32
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() {
						got, err := call(t.Context(), c, "k", func(context.Context) (int, error) {
							loads.Add(1)
							<-time.After(time.Second)
							return 7, nil
						}, forNumber)
						if got != 7 || err != nil {
							t.Errorf("got %d, %v", got, err)
						}
					})
				}
				wg.Wait()
				if loads.Load() != 1 {
					t.Errorf("%d loads", loads.Load())
				}
				if len(c.flights) != 0 {
					t.Errorf("%d flights are left", len(c.flights))
				}
			})
		})
	}
}

func TestTheFirstCallerLeavingFailsNobodyAndTheLastOneEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestCalls(t, testKeep)
		defer c.close()
		var ended atomic.Bool
		load := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(10 * time.Second):
				return 7, nil
			case <-ctx.Done():
				ended.Store(true)
				return 0, ctx.Err()
			}
		}
		leaving, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := call(leaving, c, "k", load, forNumber); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the one who left got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if got, err := call(t.Context(), c, "k", load, forNumber); got != 7 || err != nil {
				t.Errorf("the one who stayed got %d, %v", got, err)
			}
		})
		wg.Wait()

		alone, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := call(alone, c, "other", load, forNumber); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if !ended.Load() {
			t.Error("a call goes on that nobody waits for")
		}
		if got, err := call(t.Context(), c, "other", load, forNumber); got != 7 || err != nil {
			t.Errorf("the next one got %d, %v", got, err)
		}
	})
}

func TestWhoWantsItFreshGetsPastWhatIsKeptAndRenewsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestCalls(t, testKeep)
		defer c.close()
		now := 2
		ask := func(ctx context.Context) int {
			got, err := call(ctx, c, "k", func(context.Context) (int, error) { return now, nil }, forNumber)
			if err != nil {
				t.Error(err)
			}
			return got
		}
		ask(t.Context())
		now = 4
		if got := ask(t.Context()); got != 2 {
			t.Errorf("kept: got %d", got)
		}
		if got := ask(WithNoCache(t.Context())); got != 4 {
			t.Errorf("fresh: got %d", got)
		}
		if got := ask(t.Context()); got != 4 {
			t.Errorf("renewed: got %d", got)
		}
	})
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	c := newTestCalls(t, CacheSettings{Bytes: 100_000, Final: time.Hour})
	defer c.close()
	for i := range 1000 {
		if _, err := call(t.Context(), c, fmt.Sprint("key", i), func(context.Context) (int, error) { return 2 * i, nil }, forNumber); err != nil {
			t.Fatal(err)
		}
	}
	c.kept.CleanUp()
	if kept := c.kept.WeightedSize(); kept > 100_000 || kept == 0 {
		t.Errorf("%d bytes are kept", kept)
	}
}

func TestAPanicOfACallIsAnErrorOfEachCaller(t *testing.T) {
	c := newTestCalls(t, testKeep)
	defer c.close()
	_, err := call(t.Context(), c, "k", func(context.Context) (int, error) { panic("wires crossed") }, forNumber)
	var p *PanicError
	if !errors.As(err, &p) || len(p.Stack) == 0 {
		t.Errorf("got %v", err)
	}
}

func TestCloseEndsCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestCalls(t, testKeep)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := call(t.Context(), c, "k", func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}, forNumber); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		c.close()
		wg.Wait()
	})
}

// TestAChangeIsSeenWithinItsSettingWhateverWasKeptBefore has a job read off a page that
// was kept for nearly as long as may be: the job must not be kept as long once more.
func TestAChangeIsSeenWithinItsSettingWhateverWasKeptBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := Running
		c := newTestCalls(t, testKeep)
		defer c.close()
		list := func() *Job {
			p, err := call(t.Context(), c, "jobs1/page", func(context.Context) (*page[*Job], error) {
				return &page[*Job]{items: []*Job{{State: state, readAt: time.Now()}}}, nil
			}, testKeep.jobs)
			if err != nil {
				t.Fatal(err)
			}
			return p.items[0]
		}
		one := func() State {
			job, err := call(t.Context(), c, "job1/one", func(context.Context) (*Job, error) { return list(), nil }, testKeep.job)
			if err != nil {
				t.Fatal(err)
			}
			return job.State
		}
		list()
		<-time.After(time.Second)
		state = Succeeded
		<-time.After(900 * time.Millisecond)
		if got := one(); got != Running {
			t.Errorf("it was not kept: %d", got)
		}
		<-time.After(testKeep.Running - 900*time.Millisecond)
		if got := one(); got != Succeeded {
			t.Errorf("%s after it has changed it is %d", testKeep.Running, got)
		}
	})
}
