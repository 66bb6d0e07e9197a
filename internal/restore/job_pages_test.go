package restore

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

// counting is an Atlas with one list of one job that notes which lists it was to count.
type counting struct {
	fails bool

	mu    sync.Mutex
	asked []string
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	count := r.URL.Query().Get("includeCount")
	c.mu.Lock()
	c.asked = append(c.asked, count)
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case count == "true" && c.fails:
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"error":500,"errorCode":"TIMEOUT_WHILE_PAGING"}`))
	case count == "true":
		_, _ = w.Write([]byte(`{"results":[` + resources(1, 1) + `],"totalCount":7}`))
	default:
		_, _ = w.Write([]byte(`{"results":[` + resources(1, 1) + `]}`))
	}
}

func (c *counting) service(t *testing.T) *Service {
	t.Helper()
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	client, err := atlas.New(atlas.AccessToken{Token: "t"}, atlas.WithBaseURL(server.URL), atlas.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return newService(t, client, Options{Serverless: ServerlessOff, Cache: DefaultCacheSettings},
		slog.New(slog.DiscardHandler))
}

func TestJobPages_withACountServeRequestsWithoutOne(t *testing.T) {
	tests := map[string]struct {
		fails  bool
		counts []bool // of one question after the other
		want   []string
	}{
		"without, twice":             {counts: []bool{false, false}, want: []string{"false"}},
		"with, twice":                {counts: []bool{true, true}, want: []string{"true"}},
		"with, and without":          {counts: []bool{true, false}, want: []string{"true"}},
		"without, and with":          {counts: []bool{false, true, false}, want: []string{"false", "true"}},
		"with, in vain, and without": {fails: true, counts: []bool{true, false}, want: []string{"true", "false"}},
		"with, in vain, and again so": {
			fails: true, counts: []bool{true, true}, want: []string{"true", "false", "true", "false"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &counting{fails: tt.fails}
			s := c.service(t)
			for _, count := range tt.counts {
				jobs, err := s.Jobs(t.Context(), JobQuery{Cluster: catalog, Tier: Flex, First: 20, Count: count})
				if err != nil || len(jobs.Jobs) != 1 {
					t.Fatalf("got %+v, %v", jobs, err)
				}
				if counted := jobs.EstimatedTotal != nil; count && counted == tt.fails ||
					(jobs.CountErr != nil) != (count && tt.fails) {
					t.Errorf("count %t: got %v, %v", count, jobs.EstimatedTotal, jobs.CountErr)
				}
			}
			if diff := cmp.Diff(tt.want, c.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJobIterator_countsTheListOnce(t *testing.T) {
	l := &fakeList{ids: seconds(20)}
	var counted []bool
	h := newJobIterator(5, l.list)
	list := h.list
	h.count = true
	h.list = func(ctx context.Context, o atlas.ListOptions) (*page[*Job], error) {
		counted = append(counted, o.Count)
		return list(ctx, o)
	}
	if _, err := readFrom(t.Context(), h, Cursor{}, func(taken []*listedJob) bool { return len(taken) >= 20 }); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(slices.Clone(counted), func(c bool) bool { return !c })); n != 1 || !counted[0] {
		t.Errorf("got %v", counted)
	}
}

// TestCount_isAskedOfJobListsAlone reads whatever else has lists.
func TestCount_isAskedOfJobListsAlone(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	for name, read := range map[string]func() error{
		"projects": func() error { _, err := e.Projects(t.Context()); return err },
		"clusters": func() error { _, err := e.Clusters(t.Context(), orders.GroupID); return err },
		"snapshots": func() error {
			_, err := e.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: catalog, First: 20})
			return err
		},
		"a project": func() error {
			_, err := e.ProjectJobs(t.Context(), ProjectQuery{GroupID: orders.GroupID, First: 20})
			return err
		},
		"a batch": func() error {
			_, err := e.BatchedJobs(t.Context(), AnyTier, orders, []string{
				e.succeeded(t).JobID, jobID(1, 1), jobID(1, 2), jobID(1, 3),
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			e.sim.ResetCalls()
			if err := read(); err != nil {
				t.Fatal(err)
			}
			lists := 0
			for _, call := range e.sim.Calls() {
				if strings.Contains(call.RawQuery, "includeCount=true") {
					t.Errorf("%s is asked to count", call.Path)
				} else if strings.Contains(call.RawQuery, "includeCount=false") {
					lists++
				}
			}
			if lists == 0 {
				t.Error("there was no list")
			}
		})
	}
}

func TestFindJob_findsFinalJobsOfAPageForLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{cache: newTestCache(t), indexes: newJobIndexes()}
		defer s.cache.Close()
		url := "https://storage.example/backup.tgz"
		jobs := map[string]*Job{}
		p := &page[*Job]{}
		for _, j := range []*Job{
			{Key: Key{JobID: "650000090000000000000001"}, State: Running},
			{Key: Key{JobID: "650000080000000000000002"}, State: Succeeded},
			{Key: Key{JobID: "650000080000000000000003"}, State: Failed, DeliveryURL: []string{url}},
			{Key: Key{JobID: "650000070000000000000004"}, State: Failed},
			{Key: Key{JobID: "650000060000000000000005"}, State: Failed, Err: errUnsorted},
		} {
			jobs[j.JobID], p.items = j, append(p.items, j)
		}
		cluster, o := ClusterKey{GroupID: "g", Name: "c"}, atlas.ListOptions{PageNum: 1, ItemsPerPage: 20}
		s.cache.jobPages.Put(pageKey(Dedicated, cluster, o), p)
		s.cachePage(Dedicated, cluster, o, p)
		for _, when := range []struct {
			after time.Duration
			want  []string // the last byte of the ids that are found
		}{
			{after: 0, want: []string{"1", "2", "3", "4"}},
			{after: testTTL.Running, want: []string{"2", "4"}},
			{after: testTTL.Final - testTTL.Running, want: nil},
		} {
			<-time.After(when.after)
			var found []string
			for id, want := range jobs {
				got, ok := s.findJob(t.Context(), Dedicated, Key{GroupID: "g", ClusterName: "c", JobID: id})
				if ok {
					found = append(found, id[len(id)-1:])
				}
				if ok && got != want {
					t.Errorf("%s: got %v", id, got.Key)
				}
			}
			if slices.Sort(found); !slices.Equal(found, when.want) {
				t.Errorf("%s later %v are found, want %v", when.after, found, when.want)
			}
		}
	})
}
