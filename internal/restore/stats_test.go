package restore

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

// countedAs are the kinds that something was counted of.
func countedAs(s Stats) map[string]KindStats {
	out := make(map[string]KindStats)
	for _, k := range s.Kinds {
		if name := k.Name; k != (KindStats{Name: name}) {
			k.Name = ""
			out[name] = k
		}
	}
	return out
}

func TestStatsCountWhatWasAskedAndWhatIsKept(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.Service = newService(t, e.atlas, Options{Cache: CacheSettings{Bytes: 1 << 20, Final: time.Hour, Running: time.Hour, Missing: time.Hour}}, e.unknown.logger)
	key := e.succeeded(t)
	for range 3 {
		if _, err := e.getJob(t.Context(), Serverless, key); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.getJob(WithNoCache(t.Context()), Serverless, key); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := e.getJob(t.Context(), Serverless, orders.job(noJob))
		wantCode(t, err, 404, "RESTORE_JOB_NOT_FOUND")
	}
	want := map[string]KindStats{
		"job":     {Hits: 3, Misses: 2, Bypassed: 1, Entries: 1},
		"missing": {Entries: 1},
	}
	if diff := cmp.Diff(want, countedAs(e.Stats())); diff != "" {
		t.Error(diff)
	}

	// Everything else that can be read is of the kind that it is.
	read := map[string]func(ctx context.Context) error{
		"project":       func(ctx context.Context) error { _, err := e.Project(ctx, orders.GroupID); return err },
		"project list":  func(ctx context.Context) error { _, err := e.Projects(ctx); return err },
		"cluster":       func(ctx context.Context) error { _, err := e.Cluster(ctx, catalog); return err },
		"cluster list":  func(ctx context.Context) error { _, err := e.Clusters(ctx, orders.GroupID); return err },
		"job list":      func(ctx context.Context) error { _, err := e.listJobs(ctx, Flex, catalog, newestJobs); return err },
		"snapshot list": func(ctx context.Context) error { _, err := e.listSnapshots(ctx, Flex, catalog, newestJobs); return err },
	}
	for name, ask := range read {
		before := countedAs(e.Stats())[name]
		if err := ask(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		if after := countedAs(e.Stats())[name]; after.Misses <= before.Misses || after.Entries <= before.Entries {
			t.Errorf("%s: from %+v to %+v", name, before, after)
		}
	}
	s := e.Stats()
	var entries uint64
	for _, k := range s.Kinds {
		entries += k.Entries
	}
	if s.Bytes < 200*entries || s.Bytes > s.MaxBytes || s.MaxBytes != 1<<20 {
		t.Errorf("%d entries in %d bytes of %d", entries, s.Bytes, s.MaxBytes)
	}
	if n := e.Service.calls.kept.EstimatedSize(); entries != uint64(n) {
		t.Errorf("%d entries are counted, %d are kept", entries, n)
	}
}

func TestWhatIsKeptNoLongerIsCountedByItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestCalls(t, CacheSettings{Bytes: 100_000, Final: time.Minute, Missing: time.Second})
		defer c.close()
		s := &Service{calls: c}
		entries := func() (n uint64) {
			c.kept.CleanUp()
			synctest.Wait()
			for _, k := range s.Stats().Kinds {
				n += k.Entries
			}
			return n
		}
		ask := func(key string, value, bytes int, err error) {
			_, _ = call(WithNoCache(t.Context()), c, key, func(context.Context) (int, error) { return value, err },
				func(int) (time.Duration, int) { return time.Minute, bytes })
		}
		missing := &atlas.Error{Status: 404}
		for range 5 { // replaced by itself, and by the news that it is gone
			ask("job0/a", 1, 1000, nil)
			ask("job0/a", 0, 0, missing)
		}
		if st := s.Stats(); entries() != 1 || st.Kinds[kindMissing].Entries != 1 || st.Overflowed+st.Expired != 0 {
			t.Errorf("after replacing: %+v", st)
		}
		<-time.After(2 * time.Second)
		if st := s.Stats(); entries() != 0 || s.Stats().Expired != 1 {
			t.Errorf("after its time: %+v", st)
		}
		for i := range 1000 {
			ask(fmt.Sprint("snapshot0/", i), 1, 1000, nil)
		}
		ask("job0/huge", 1, 1<<20, nil)
		n := entries()
		if st := s.Stats(); n == 0 || n > 100 || n != st.Kinds[kindSnapshot].Entries || st.Overflowed != 1001-n || n != uint64(c.kept.EstimatedSize()) {
			t.Errorf("%d are kept: %+v", n, st)
		}
		<-time.After(2 * time.Minute)
		if st := s.Stats(); entries() != 0 || s.Stats().Bytes != 0 {
			t.Errorf("in the end: %+v", st)
		}
	})
}

func TestSharedCallsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestCalls(t, CacheSettings{})
		defer c.close()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, _ = call(t.Context(), c, "clusters1/p/1x500", func(context.Context) (int, error) { <-time.After(time.Second); return 1, nil }, forNumber)
			})
		}
		wg.Wait()
		want := map[string]KindStats{"cluster list": {Misses: 10, Coalesced: 9}}
		if diff := cmp.Diff(want, countedAs((&Service{calls: c}).Stats())); diff != "" {
			t.Error(diff)
		}
	})
}
