package callcache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/flight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	evenTTL    = 5 * time.Minute
	oddTTL     = 2 * time.Second
	missingTTL = time.Second
)

var (
	errMissing = errors.New("missing")
	errRefused = errors.New("refused")
)

// testKey is a key of two parts.
type testKey struct {
	name string
	page int
}

// env is a cache of numbers: the TTL of even ones is longer, and those from 100 on are secret.
type env struct {
	*Cache[testKey]
	numbers *Kind[testKey, int]
}

func newEnv(t *testing.T, o Options) *env {
	t.Helper()
	o.MissingTTL = missingTTL
	o.IsMissing = func(err error) bool { return errors.Is(err, errMissing) }
	c, err := New[testKey](o)
	if err != nil {
		t.Fatal(err)
	}
	return &env{Cache: c, numbers: newNumbers(c, "number")}
}

func newNumbers(c *Cache[testKey], name string) *Kind[testKey, int] {
	return NewKind(c, KindOptions[testKey, int]{
		Name: name,
		TTL: func(n int) time.Duration {
			if n%2 == 0 {
				return evenTTL
			}
			return oddTTL
		},
		Size:        func(n int) int { return 1000 * n },
		HoldsSecret: func(n int) bool { return n >= 100 },
	})
}

// get asks for a number that stands under the key a.
func (e *env) get(ctx context.Context, load func(context.Context) (int, error)) (int, error) {
	return e.numbers.Get(ctx, testKey{name: "a", page: 1}, load)
}

func value(n int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return n, nil }
}

func failure(err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return 0, err }
}

var stores = Options{MaxBytes: 1 << 20}

func TestCache_storesAResultForItsTTL(t *testing.T) {
	tests := map[string]struct {
		value int
		err   error
		ttl   time.Duration // 0: it is not stored
	}{
		"a value":         {value: 2, ttl: evenTTL},
		"another value":   {value: 1, ttl: oddTTL},
		"a missing value": {err: errMissing, ttl: missingTTL},
		"a failure":       {err: errRefused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, stores)
				defer e.Close()
				loads := 0
				get := func() {
					t.Helper()
					got, err := e.get(t.Context(), func(context.Context) (int, error) { loads++; return tt.value, tt.err })
					if got != tt.value || !errors.Is(err, tt.err) {
						t.Errorf("got %d, %v", got, err)
					}
				}
				get()
				get()
				want := 1
				if tt.ttl == 0 {
					want = 2
				}
				if loads != want {
					t.Errorf("%d loads at once, want %d", loads, want)
				}
				if tt.ttl > 0 {
					<-time.After(tt.ttl - time.Millisecond)
					get()
					if loads != 1 {
						t.Errorf("%d loads before its TTL is over", loads)
					}
					<-time.After(2 * time.Millisecond)
					get()
					if loads != 2 {
						t.Errorf("%d loads after its TTL is over", loads)
					}
				}
			})
		})
	}
}

func TestCache_keepsKeysAndKindsApart(t *testing.T) {
	e := newEnv(t, stores)
	defer e.Close()
	others := newNumbers(e.Cache, "other")
	asked := map[testKey]*Kind[testKey, int]{
		{name: "a", page: 1}: e.numbers, {name: "a", page: 2}: e.numbers, {name: "b", page: 1}: e.numbers,
		{name: "c", page: 1}: others,
	}
	want := make(map[testKey]int)
	for key, kind := range asked {
		want[key] = 2 * len(want)
		if _, err := kind.Get(t.Context(), key, value(want[key])); err != nil {
			t.Fatal(err)
		}
	}
	for key, kind := range asked {
		if got, err := kind.Get(t.Context(), key, failure(errRefused)); got != want[key] || err != nil {
			t.Errorf("%v: got %d, %v, want %d", key, got, err, want[key])
		}
	}
	if _, err := others.Get(t.Context(), testKey{name: "a", page: 1}, failure(errRefused)); !errors.Is(err, errRefused) {
		t.Error("a kind returns the value of another one")
	}
}

func TestCache_makesACallOnceForConcurrentCallers(t *testing.T) {
	for name, o := range map[string]Options{"with a store": stores, "without": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, o)
				defer e.Close()
				var loads atomic.Int32
				var callers sync.WaitGroup
				for range 100 {
					callers.Go(func() {
						got, err := e.get(t.Context(), func(context.Context) (int, error) {
							loads.Add(1)
							<-time.After(time.Second)
							return 7, nil
						})
						if got != 7 || err != nil {
							t.Errorf("got %d, %v", got, err)
						}
					})
				}
				callers.Wait()
				if loads.Load() != 1 {
					t.Errorf("%d loads", loads.Load())
				}
				if e.flights.Running(storeKey[testKey]{kind: 1, call: testKey{name: "a", page: 1}}) {
					t.Error("a call is left")
				}
			})
		})
	}
}

func TestCache_cancelsACallWhenTheLastCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
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
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := e.get(leaving, load); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the caller that left got %v", err)
			}
		})
		synctest.Wait()
		callers.Go(func() {
			if got, err := e.get(t.Context(), load); got != 7 || err != nil {
				t.Errorf("the caller that stayed got %d, %v", got, err)
			}
		})
		callers.Wait()

		only, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		other := testKey{name: "other", page: 1}
		if _, err := e.numbers.Get(only, other, load); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if !ended.Load() {
			t.Error("a call without callers goes on")
		}
		if got, err := e.numbers.Get(t.Context(), other, load); got != 7 || err != nil {
			t.Errorf("the next caller got %d, %v", got, err)
		}
	})
}

func TestCache_loadsAndStoresWithNoCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
		now := 2
		get := func(ctx context.Context) int {
			got, err := e.get(ctx, func(context.Context) (int, error) { return now, nil })
			if err != nil {
				t.Error(err)
			}
			return got
		}
		get(t.Context())
		now = 4
		if got := get(t.Context()); got != 2 {
			t.Errorf("stored: got %d", got)
		}
		noCache := WithNoCache(t.Context())
		if e.numbers.Find(noCache, testKey{name: "a", page: 1}, anyNumber) ||
			e.numbers.IsFree(noCache, testKey{name: "a", page: 1}) {
			t.Error("Find or IsFree uses what is stored")
		}
		if got := get(noCache); got != 4 {
			t.Errorf("with no-cache: got %d", got)
		}
		if got := get(t.Context()); got != 4 {
			t.Errorf("after that: got %d", got)
		}
	})
}

func TestCache_joinsNoCallWithNoCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
		var loads atomic.Int32
		var callers sync.WaitGroup
		for _, ctx := range []context.Context{t.Context(), WithNoCache(t.Context()), WithNoCache(t.Context())} {
			callers.Go(func() {
				_, _ = e.get(ctx, func(context.Context) (int, error) { <-time.After(time.Second); return int(loads.Add(1)), nil })
			})
		}
		callers.Wait()
		if loads.Load() != 3 {
			t.Errorf("%d loads", loads.Load())
		}
	})
}

func TestCache_isBounded(t *testing.T) {
	e := newEnv(t, Options{MaxBytes: 100_000})
	defer e.Close()
	for i := range 1000 {
		if _, err := e.numbers.Get(t.Context(), testKey{name: "a", page: i}, value(2)); err != nil {
			t.Fatal(err)
		}
	}
	e.store.CleanUp()
	if stored := e.Stats().Bytes; stored > 100_000 || stored == 0 {
		t.Errorf("%d bytes are stored", stored)
	}
}

func TestCache_returnsAPanicToTheCaller(t *testing.T) {
	e := newEnv(t, stores)
	defer e.Close()
	_, err := e.get(t.Context(), func(context.Context) (int, error) { panic("wires crossed") })
	var p *flight.PanicError
	if !errors.As(err, &p) || len(p.Stack) == 0 {
		t.Errorf("got %v", err)
	}
}

func TestCache_closeCancelsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		var callers sync.WaitGroup
		for _, ctx := range []context.Context{t.Context(), WithNoCache(t.Context())} {
			callers.Go(func() {
				if _, err := e.get(ctx, func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, ctx.Err()
				}); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		e.Close()
		callers.Wait()
	})
}

func TestCache_asksAllowForEachCallerAndBeginForEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var allowed, begun int
		var refuse error
		e := newEnv(t, Options{
			MaxBytes: 1 << 20,
			Allow:    func(context.Context) error { allowed++; return refuse },
			Begin:    func(context.Context) error { begun++; return nil },
		})
		defer e.Close()
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				if _, err := e.get(t.Context(), func(context.Context) (int, error) { <-time.After(time.Second); return 2, nil }); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		callers.Wait()
		refuse = errRefused
		if _, err := e.get(t.Context(), failure(errors.New("loaded"))); err != nil {
			t.Errorf("a stored result: got %v", err)
		}
		if allowed != 3 || begun != 1 {
			t.Errorf("Allow was called %d times, Begin %d times, want 3 and 1", allowed, begun)
		}
		for name, ctx := range map[string]context.Context{
			"with no-cache": WithNoCache(t.Context()), "another key": t.Context(),
		} {
			if _, err := e.numbers.Get(ctx, testKey{name: "b", page: 1}, value(2)); !errors.Is(err, errRefused) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func anyNumber(int) bool { return true }

func TestKind_findsWhatIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
		a, b, missing := testKey{name: "a", page: 1}, testKey{name: "b", page: 1}, testKey{name: "missing", page: 1}
		var callers sync.WaitGroup
		callers.Go(func() {
			_, _ = e.numbers.Get(t.Context(), a, func(context.Context) (int, error) { <-time.After(time.Second); return 2, nil })
		})
		synctest.Wait()
		if e.numbers.Find(t.Context(), a, anyNumber) || !e.numbers.IsFree(t.Context(), a) ||
			e.numbers.IsFree(t.Context(), b) {
			t.Error("a call that is running is not what can be had without a call")
		}
		callers.Wait()
		e.numbers.Put(b, 4)
		_, _ = e.numbers.Get(t.Context(), missing, failure(errMissing))
		for key, want := range map[testKey]int{a: 2, b: 4} {
			got := 0
			found := e.numbers.Find(t.Context(), key, func(n int) bool { got = n; return true })
			if got != want || !found || !e.numbers.IsFree(t.Context(), key) {
				t.Errorf("%v: got %d, %t", key, got, found)
			}
			if e.numbers.Find(t.Context(), key, func(int) bool { return false }) {
				t.Errorf("%v: a value is found that is not accepted", key)
			}
		}
		if e.numbers.Find(t.Context(), missing, anyNumber) || e.numbers.IsFree(t.Context(), missing) {
			t.Error("an error is taken for a value")
		}
		<-time.After(evenTTL)
		if e.numbers.Find(t.Context(), b, anyNumber) {
			t.Error("a value outlives its TTL")
		}
	})
}

func TestFreshness_isThatOfTheResultThatExpiresFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
		var f Freshness
		want := func(remaining time.Duration, secret bool) {
			t.Helper()
			if got := f.Remaining(); got != remaining || f.HoldsSecret() != secret {
				t.Errorf("%s, holds a secret: %t; want %s, %t", got, f.HoldsSecret(), remaining, secret)
			}
		}
		ctx := WithFreshness(t.Context(), &f)
		want(0, false)
		_, _ = e.numbers.Get(ctx, testKey{name: "even", page: 1}, value(2))
		want(evenTTL, false)
		_, _ = e.numbers.Get(ctx, testKey{name: "odd", page: 1}, value(101))
		want(oddTTL, true)
		<-time.After(time.Second)
		_, _ = e.numbers.Get(ctx, testKey{name: "even", page: 1}, value(2))
		want(oddTTL-time.Second, true)
		_, _ = e.numbers.Get(ctx, testKey{name: "failure", page: 1}, failure(errRefused))
		want(0, true)

		// It is also that of results that were stored, or loaded for another caller.
		f = Freshness{}
		_, _ = e.numbers.Get(ctx, testKey{name: "even", page: 1}, value(2))
		want(evenTTL-time.Second, false)
		e.numbers.Find(ctx, testKey{name: "odd", page: 1}, func(int) bool { return false })
		want(evenTTL-time.Second, false)
		e.numbers.Find(ctx, testKey{name: "odd", page: 1}, anyNumber)
		want(oddTTL-time.Second, true)
		_, _ = e.numbers.Get(ctx, testKey{name: "panic", page: 1}, func(context.Context) (int, error) {
			panic("wires crossed")
		})
		want(0, true)
	})
}
