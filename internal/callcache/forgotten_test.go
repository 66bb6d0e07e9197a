package callcache

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// What was forgotten is used no more: whether it is stored, is being loaded, or is in the shared store.
func TestCache_usesNothingThatWasForgotten(t *testing.T) {
	tests := map[string]func(t *testing.T, e *env, load func(n int) func(context.Context) (int, error), forget func()){
		"stored": func(t *testing.T, e *env, load func(n int) func(context.Context) (int, error), forget func()) {
			t.Helper()
			_, _ = e.numbers.Get(t.Context(), testKey{name: "a"}, load(1))
			pass(time.Second)
			forget()
		},
		"in the shared store alone": func(t *testing.T, e *env, load func(n int) func(context.Context) (int, error), forget func()) {
			t.Helper()
			_, _ = e.numbers.Get(t.Context(), testKey{name: "a"}, load(1))
			e.numbers.Remove(testKey{name: "a"})
			pass(time.Second)
			forget()
		},
		"being loaded": func(t *testing.T, e *env, load func(n int) func(context.Context) (int, error), forget func()) {
			t.Helper()
			slow := func(ctx context.Context) (int, error) {
				pass(2 * time.Second)
				return load(1)(ctx)
			}
			var running sync.WaitGroup
			running.Go(func() { _, _ = e.numbers.Get(t.Context(), testKey{name: "a"}, slow) })
			pass(time.Second)
			forget()
			t.Cleanup(running.Wait)
		},
	}
	for name, before := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newSharedEnv(t, &sharedMap{}, nil)
				var forgotten time.Time
				e.ForgottenAt = func(testKey) time.Time { return forgotten }
				load := func(n int) func(context.Context) (int, error) {
					return func(context.Context) (int, error) { return n, nil }
				}
				before(t, e, load, func() { forgotten = time.Now() })
				pass(time.Millisecond)
				for range 2 {
					if got, err := e.numbers.Get(t.Context(), testKey{name: "a"}, load(2)); got != 2 || err != nil {
						t.Errorf("got %d, error %v", got, err)
					}
				}
				if !e.numbers.Find(t.Context(), testKey{name: "a"}, func(n int) bool { return n == 2 }) {
					t.Error("what was read since is not stored")
				}
				e.Close()
			})
		})
	}
}

// pass lets the time of the bubble pass.
func pass(d time.Duration) { <-time.After(d) }
