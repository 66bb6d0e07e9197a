package atlas

import (
	"sync"
	"testing"
	"testing/synctest"
)

func TestRetryBudget_boundsTheRetriesOfAnOutage(t *testing.T) {
	const callers = 1000
	synctest.Test(t, func(t *testing.T) {
		s := always(503)
		c := s.client(t, WithBreaker(Breaker{}))
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() { _ = ask(t.Context(), c, testGroup) })
		}
		wg.Wait()
		if most := callers + callers*retryRatio + 2*freeRetries; float64(s.count()) > most || s.count() <= callers {
			t.Errorf("%d callers made %d requests, want at most %v", callers, s.count(), most)
		}
		if c.Stats().RetriesRefused == 0 {
			t.Error("no retry was rejected")
		}
	})
}

func TestRetryBudget_savesFewRetriesAndHasSomeWithoutCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRetryBudget()
		for range 100_000 {
			b.deposit()
		}
		if n := drain(b); n != maxSavedRetries+freeRetries {
			t.Errorf("%d retries after many calls, want %d", n, maxSavedRetries+freeRetries)
		}
		pass(freeRetriesPer / 2)
		if n := drain(b); n != freeRetries/2 {
			t.Errorf("%d retries after half of the time, want %d", n, freeRetries/2)
		}
	})
}

func drain(b *retryBudget) int {
	n := 0
	for b.withdraw() {
		n++
	}
	return n
}
