package restore

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

var testTTL = CacheSettings{Bytes: 1 << 20, Final: 5 * time.Minute, Running: 2 * time.Second, Missing: time.Second}

func newTestCache(t *testing.T) *cache {
	t.Helper()
	c, err := newCache(testTTL, nil, false, newForgotten())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCache_storesAnswersByTheirTTL(t *testing.T) {
	tests := map[string]struct {
		state State
		err   error
		ttl   time.Duration // 0: it is not stored
	}{
		"a job that cannot change": {state: Succeeded, ttl: testTTL.Final},
		"a job that can":           {state: Running, ttl: testTTL.Running},
		"a missing job": {
			err: &atlas.Error{Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND"}, ttl: testTTL.Missing,
		},
		"a transient failure":  {err: &atlas.Error{Status: 503}},
		"a refused credential": {err: &atlas.Error{Status: 401}},
		"HTML with 404":        {err: &atlas.Error{Kind: atlas.KindMalformed, Status: 404}},
		"an API that is gone":  {err: &atlas.Error{Status: 410}},
		"another error":        {err: errors.New("x")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newTestCache(t)
				defer c.Close()
				loads := 0
				ask := func() {
					t.Helper()
					got, err := c.jobs.Get(t.Context(), callKey{id: "a"}, func(context.Context) (*Job, error) {
						loads++
						if tt.err != nil {
							return nil, tt.err
						}
						return &Job{State: tt.state}, nil
					})
					if !errors.Is(err, tt.err) || err == nil && got.State != tt.state {
						t.Errorf("got %v, %v", got, err)
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
						t.Errorf("%d loads before its TTL is over", loads)
					}
					<-time.After(2 * time.Millisecond)
					ask()
					if loads != 2 {
						t.Errorf("%d loads after its TTL is over", loads)
					}
				}
			})
		})
	}
}

// TestCache_showsAChangeAfterTheTTLOfTheFirstAnswer has a job taken from a page that was cached for nearly its TTL: the
// job must not be cached for as long once more.
func TestCache_showsAChangeAfterTheTTLOfTheFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := Running
		c := newTestCache(t)
		defer c.Close()
		list := func() *Job {
			p, err := c.jobPages.Get(t.Context(), callKey{}, func(context.Context) (*page[*Job], error) {
				return &page[*Job]{items: []*Job{{State: state, readAt: time.Now()}}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return p.items[0]
		}
		one := func() State {
			job, err := c.jobs.Get(t.Context(), callKey{}, func(context.Context) (*Job, error) { return list(), nil })
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
			t.Errorf("it was not cached: %d", got)
		}
		<-time.After(testTTL.Running - 900*time.Millisecond)
		if got := one(); got != Succeeded {
			t.Errorf("%s after it has changed it is %d", testTTL.Running, got)
		}
	})
}

// countedKinds returns the kinds of which something was counted, by name.
func countedKinds(s Stats) map[string]KindStats {
	out := make(map[string]KindStats)
	for _, k := range s.Kinds {
		if name := k.Name; k != (KindStats{Name: name}) {
			k.Name = ""
			out[name] = k
		}
	}
	return out
}

func TestStats_countWhatWasAskedForAndWhatIsCached(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	e.Service = newService(t, e.atlas, Options{
		Cache: CacheSettings{Bytes: 1 << 20, Final: time.Hour, Running: time.Hour, Missing: time.Hour},
	}, e.unknown.logger)
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
	if diff := cmp.Diff(want, countedKinds(e.Stats())); diff != "" {
		t.Error(diff)
	}

	// Everything else that can be read is of the kind that it is.
	read := map[string]func(ctx context.Context) error{
		"project":      func(ctx context.Context) error { _, err := e.Project(ctx, orders.GroupID); return err },
		"project list": func(ctx context.Context) error { _, err := e.Projects(ctx); return err },
		"cluster":      func(ctx context.Context) error { _, err := e.Cluster(ctx, catalog); return err },
		"cluster list": func(ctx context.Context) error { _, err := e.Clusters(ctx, orders.GroupID); return err },
		"job list":     func(ctx context.Context) error { _, err := e.listJobs(ctx, Flex, catalog, newestPages[1]); return err },
		"snapshot list": func(ctx context.Context) error {
			_, err := e.listSnapshots(ctx, Flex, catalog, newestPages[1])
			return err
		},
	}
	for name, ask := range read {
		before := countedKinds(e.Stats())[name]
		if err := ask(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		if after := countedKinds(e.Stats())[name]; after.Misses <= before.Misses || after.Entries <= before.Entries {
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
}
