package callcache

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStats_countWhatIsStoredNoLongerByItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New[testKey](Options{
			MaxBytes: 100_000, MissingTTL: time.Second, IsMissing: func(error) bool { return true },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		kinds := make(map[string]*Kind[testKey, int])
		for _, name := range []string{"a", "b"} {
			kinds[name] = NewKind(c, KindOptions[testKey, int]{
				Name: name, TTL: func(int) time.Duration { return time.Minute }, Size: func(n int) int { return n },
				HoldsSecret: func(int) bool { return false },
			})
		}
		entries := func() (n uint64) {
			c.store.CleanUp()
			synctest.Wait()
			for _, k := range c.Stats().Kinds {
				n += k.Entries
			}
			return n
		}
		get := func(kind string, page, bytes int, err error) {
			_, _ = kinds[kind].Get(WithNoCache(t.Context()), testKey{name: "x", page: page},
				func(context.Context) (int, error) { return bytes, err })
		}
		for range 5 { // replaced by itself, and by the answer that it is missing
			get("a", 1, 1000, nil)
			get("a", 1, 0, errMissing)
		}
		if s := c.Stats(); entries() != 1 || s.Kinds[2] != (KindStats{Name: KindMissing, Entries: 1}) ||
			s.Overflowed+s.Expired != 0 {
			t.Errorf("after replacing: %+v", s)
		}
		<-time.After(2 * time.Second)
		if s := c.Stats(); entries() != 0 || c.Stats().Expired != 1 {
			t.Errorf("after its TTL: %+v", s)
		}
		for i := range 1000 {
			get("b", i, 1000, nil)
		}
		get("a", 1, 1<<20, nil)
		n := entries()
		if s := c.Stats(); n == 0 || n > 100 || n != s.Kinds[1].Entries || s.Overflowed != 1001-n ||
			n != uint64(c.store.EstimatedSize()) {
			t.Errorf("%d are stored: %+v", n, s)
		}
		<-time.After(2 * time.Minute)
		if s := c.Stats(); entries() != 0 || c.Stats().Bytes != 0 {
			t.Errorf("in the end: %+v", s)
		}
	})
}

func TestStats_countHitsMissesAndSharedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, stores)
		defer e.Close()
		// Another kind of the same name is counted with the first.
		same := newNumbers(e.Cache, "number")
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				_, _ = e.get(t.Context(), func(context.Context) (int, error) { <-time.After(time.Second); return 2, nil })
			})
		}
		callers.Wait()
		_, _ = same.Get(t.Context(), testKey{name: "a", page: 1}, value(2))
		_, _ = same.Get(WithNoCache(t.Context()), testKey{name: "a", page: 1}, value(2))
		_, _ = e.get(t.Context(), value(2))
		e.numbers.Find(t.Context(), testKey{name: "a", page: 1}, func(int) bool { return false })
		e.numbers.Find(t.Context(), testKey{name: "a", page: 1}, anyNumber)
		_, _ = e.numbers.Get(t.Context(), testKey{name: "missing", page: 1}, failure(errMissing))
		want := []KindStats{
			{Name: "number", Hits: 2, Misses: 12, Bypassed: 1, Coalesced: 9, Entries: 2}, {Name: KindMissing, Entries: 1},
		}
		s := e.Stats()
		if diff := cmp.Diff(want, s.Kinds); diff != "" {
			t.Error(diff)
		}
		if s.MaxBytes != 1<<20 || s.Bytes < 3*entrySize {
			t.Errorf("%d of %d bytes", s.Bytes, s.MaxBytes)
		}
	})
}
