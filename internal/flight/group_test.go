package flight

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errRefused = errors.New("refused")

// sleep returns a function that takes the time d and returns 7, or the error of its context.
func sleep(d time.Duration, calls *atomic.Int32) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		calls.Add(1)
		select {
		case <-time.After(d):
			return 7, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func TestGroup_makesOneCallForConcurrentCallersOfAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		var calls atomic.Int32
		var callers sync.WaitGroup
		for i := range 100 {
			callers.Go(func() {
				key := []string{"a", "b"}[i%2]
				if got, err := g.Do(t.Context(), key, sleep(time.Second, &calls)); got != 7 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		synctest.Wait()
		if !g.Running("a") || g.Running("c") {
			t.Error("Running does not tell which keys have a call")
		}
		callers.Wait()
		if n := calls.Load(); n != 2 || g.Running("a") {
			t.Errorf("%d calls, want one for each key", n)
		}
		if len(g.keyed)+len(g.running) != 0 {
			t.Errorf("%d calls are not forgotten", len(g.running))
		}
		if _, err := g.Do(t.Context(), "a", sleep(time.Second, &calls)); err != nil || calls.Load() != 3 {
			t.Error("the result is used after the end of the call")
		}
	})
}

func TestGroup_failsNoOtherCallerWhenOneStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		var calls atomic.Int32
		leaving, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := g.Do(leaving, "a", sleep(10*time.Second, &calls)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the caller that left got %v", err)
			}
		})
		synctest.Wait()
		callers.Go(func() {
			if got, err := g.Do(t.Context(), "a", sleep(10*time.Second, &calls)); got != 7 || err != nil {
				t.Errorf("the caller that stayed got %d, %v", got, err)
			}
		})
		callers.Wait()
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

func TestGroup_cancelsACallWhenTheLastCallerStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		leaving, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		// A function that takes a while to notice.
		fn := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			<-time.After(time.Second)
			close(ended)
			return 0, ctx.Err()
		}
		call, _, _ := g.Join(leaving, "a", fn)
		cancel()
		if _, err := call.Wait(leaving); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if g.Running("a") || call.Join(t.Context()) {
			t.Error("a call that is cancelled can be joined")
		}
		// A caller that comes before its end gets a call of its own.
		var calls atomic.Int32
		if got, err := g.Do(t.Context(), "a", sleep(2*time.Second, &calls)); got != 7 || err != nil {
			t.Errorf("the next caller got %d, %v", got, err)
		}
		<-ended
	})
}

func TestGroup_asksBeginForACallerThatStartsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type allowed struct{}
		g := Group[string, int]{Begin: func(ctx context.Context) error {
			if ctx.Value(allowed{}) == nil {
				return errRefused
			}
			return nil
		}}
		defer g.Close()
		var calls atomic.Int32
		if _, err := g.Do(t.Context(), "a", sleep(time.Second, &calls)); !errors.Is(err, errRefused) {
			t.Errorf("got %v", err)
		}
		if _, err := g.Start(t.Context(), sleep(time.Second, &calls)); !errors.Is(err, errRefused) {
			t.Errorf("without a key: got %v", err)
		}
		first, started, err := g.Join(context.WithValue(t.Context(), allowed{}, true), "a", sleep(time.Second, &calls))
		if err != nil || !started {
			t.Fatalf("started: %t, %v", started, err)
		}
		second, started, err := g.Join(t.Context(), "a", sleep(time.Second, &calls))
		if err != nil || started || first != second {
			t.Errorf("a caller that joins is refused: started: %t, %v", started, err)
		}
		_, _ = first.Wait(t.Context())
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

func TestGroup_startsNoCallForACallerWhoseContextHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		var calls atomic.Int32
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := g.Do(ended, "a", sleep(time.Second, &calls)); !errors.Is(err, context.Canceled) {
			t.Errorf("Do: %v", err)
		}
		if _, started, err := g.Join(ended, "a", sleep(time.Second, &calls)); started || !errors.Is(err, context.Canceled) {
			t.Errorf("Join: %t, %v", started, err)
		}
		if _, err := g.Start(ended, sleep(time.Second, &calls)); !errors.Is(err, context.Canceled) {
			t.Errorf("Start: %v", err)
		}
		synctest.Wait()
		if n := calls.Load(); n != 0 || g.Running("a") {
			t.Errorf("%d calls were started", n)
		}
	})
}

func TestGroup_returnsAPanicToEachCaller(t *testing.T) {
	var g Group[string, int]
	defer g.Close()
	_, err := g.Do(t.Context(), "a", func(context.Context) (int, error) { panic("wires crossed") })
	var p *PanicError
	if !errors.As(err, &p) || p.Value != "wires crossed" || len(p.Stack) == 0 {
		t.Errorf("got %v", err)
	}
	_, err = g.Do(t.Context(), "a", func(context.Context) (int, error) { runtime.Goexit(); return 1, nil })
	if !errors.Is(err, errNoResult) {
		t.Errorf("a function that ended its goroutine: got %v", err)
	}
}

func TestGroup_closeCancelsCallsAndWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		var calls atomic.Int32
		var ended atomic.Int32
		fn := func(ctx context.Context) (int, error) {
			defer ended.Add(1)
			return sleep(time.Hour, &calls)(ctx)
		}
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := g.Do(t.Context(), "a", fn); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		g.Background("b", fn)
		call, err := g.Start(t.Context(), fn)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		g.Close()
		if n := ended.Load(); n != 3 {
			t.Errorf("%d of 3 have ended", n)
		}
		callers.Wait()
		if _, err := call.Wait(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := g.Do(t.Context(), "a", fn); !errors.Is(err, context.Canceled) || calls.Load() != 3 {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestGroup_goesOnInTheBackgroundWithoutCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[struct{}, int]
		defer g.Close()
		var calls atomic.Int32
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		// One caller waits for it as for any other call, another one starts it over.
		joined, _, _ := g.Join(short, struct{}{}, sleep(time.Minute, &calls))
		call := g.Background(struct{}{}, sleep(time.Minute, &calls))
		for _, wait := range []*Call[int]{joined, call, call} {
			if _, err := wait.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		if got, err := call.Wait(t.Context()); got != 7 || err != nil || calls.Load() != 1 {
			t.Errorf("got %d, %v of %d calls", got, err, calls.Load())
		}
	})
}

func TestGroup_startsACallThatIsJoinedWithoutAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[string, int]
		defer g.Close()
		var calls atomic.Int32
		call, err := g.Start(t.Context(), sleep(time.Second, &calls))
		if err != nil || !call.Join(t.Context()) {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := call.Wait(t.Context()); got != 7 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		}
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}
