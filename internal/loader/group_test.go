package loader

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// listed is a Reader whose lists hold the given things. It records its calls.
type listed struct {
	clusters
	names     []string
	snapshots []string
	projects  []string
	failures  []error
	listErr   error
}

func (s *listed) Cluster(_ context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	s.record("cluster", key.GroupID, key.Name)
	if !slices.Contains(s.names, key.Name) {
		return nil, errNoJob
	}
	return &restore.Cluster{ClusterKey: key}, nil
}

func (s *listed) Clusters(_ context.Context, groupID string) (*restore.Clusters, error) {
	s.record("clusters", groupID)
	all := &restore.Clusters{Failures: s.failures}
	for _, name := range s.names {
		all.Clusters = append(all.Clusters, &restore.Cluster{ClusterKey: restore.ClusterKey{GroupID: groupID, Name: name}})
	}
	return all, s.listErr
}

func (s *listed) Snapshot(_ context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	s.record("snapshot", key.ClusterName, key.SnapshotID)
	if !slices.Contains(s.snapshots, key.SnapshotID) {
		return nil, errNoJob
	}
	return &restore.Snapshot{SnapshotKey: key}, nil
}

func (s *listed) Snapshots(_ context.Context,
	cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	s.record("snapshots", cluster.Name)
	found := map[string]*restore.Snapshot{}
	for _, id := range ids {
		if slices.Contains(s.snapshots, id) {
			found[id] = &restore.Snapshot{
				SnapshotKey: restore.SnapshotKey{GroupID: cluster.GroupID, ClusterName: cluster.Name, SnapshotID: id},
			}
		}
	}
	return found, s.listErr
}

func (s *listed) Project(_ context.Context, id string) (*atlas.Project, error) {
	s.record("project", id)
	if !slices.Contains(s.projects, id) {
		return nil, errNoJob
	}
	return &atlas.Project{ID: id}, nil
}

func (s *listed) Projects(context.Context) (*restore.Projects, error) {
	s.record("projects")
	all := &restore.Projects{}
	for _, id := range s.projects {
		all.Projects = append(all.Projects, &atlas.Project{ID: id})
	}
	return all, s.listErr
}

var errListFails = errors.New("the list cannot be read")

func TestGrouped_listsKeysOfOneParentAndReadsMissingOnesByThemselves(t *testing.T) {
	clusterKeys := func(names ...string) []restore.ClusterKey {
		return mapAll(names, func(name string) restore.ClusterKey { return restore.ClusterKey{GroupID: "g", Name: name} })
	}
	askClusters := func(ctx context.Context, l *Loaders, names ...string) []error {
		values, errs := l.ClustersByKey(ctx, clusterKeys(names...))
		return check(names, mapAll(values, func(c *restore.Cluster) string {
			return nameOf(c, func() string { return c.Name })
		}), errs)
	}
	askSnapshots := func(ctx context.Context, l *Loaders, ids ...string) []error {
		values, errs := l.SnapshotsByKey(ctx, mapAll(ids, func(id string) restore.SnapshotKey {
			return restore.SnapshotKey{GroupID: "g", ClusterName: "x", SnapshotID: id}
		}))
		return check(ids, mapAll(values, func(s *restore.Snapshot) string {
			return nameOf(s, func() string { return s.SnapshotID })
		}), errs)
	}
	askProjects := func(ctx context.Context, l *Loaders, ids ...string) []error {
		values, errs := l.ProjectsByID(ctx, ids)
		return check(ids, mapAll(values, func(p *atlas.Project) string { return nameOf(p, func() string { return p.ID }) }),
			errs)
	}
	tests := map[string]struct {
		service *listed
		ask     func(context.Context, *Loaders, ...string) []error
		keys    []string
		want    []error
		calls   [][]string
	}{
		"clusters": {
			service: &listed{names: []string{"a", "b", "c", "d"}}, ask: askClusters, keys: []string{"b", "c", "a", "b"},
			want: []error{nil, nil, nil, nil}, calls: [][]string{{"clusters", "g"}},
		},
		"two clusters": {
			service: &listed{names: []string{"a", "b"}}, ask: askClusters, keys: []string{"b", "a", "b"},
			want: []error{nil, nil, nil}, calls: [][]string{{"cluster", "g", "a"}, {"cluster", "g", "b"}},
		},
		"a cluster that is missing": {
			service: &listed{names: []string{"a", "b"}}, ask: askClusters, keys: []string{"b", "x", "a"},
			want: []error{nil, errNoJob, nil}, calls: [][]string{{"cluster", "g", "x"}, {"clusters", "g"}},
		},
		"a list of clusters in parts": {
			service: &listed{names: []string{"a", "b"}, failures: []error{errListFails}}, ask: askClusters,
			keys: []string{"b", "x", "a"},
			want: []error{nil, errListFails, nil}, calls: [][]string{{"clusters", "g"}},
		},
		"no list of clusters": {
			service: &listed{listErr: errListFails}, ask: askClusters, keys: []string{"b", "x", "a"},
			want: []error{errListFails, errListFails, errListFails}, calls: [][]string{{"clusters", "g"}},
		},
		"snapshots": {
			service: &listed{snapshots: []string{"1", "2"}}, ask: askSnapshots, keys: []string{"1", "2", "1"},
			want: []error{nil, nil, nil}, calls: [][]string{{"snapshots", "x"}},
		},
		"one snapshot": {
			service: &listed{snapshots: []string{"1", "2"}}, ask: askSnapshots, keys: []string{"1", "1"},
			want: []error{nil, nil}, calls: [][]string{{"snapshot", "x", "1"}},
		},
		"a snapshot that is missing": {
			service: &listed{snapshots: []string{"1", "2"}}, ask: askSnapshots, keys: []string{"3", "2"},
			want: []error{errNoJob, nil}, calls: [][]string{{"snapshot", "x", "3"}, {"snapshots", "x"}},
		},
		"projects": {
			service: &listed{projects: []string{"1", "2", "3"}}, ask: askProjects, keys: []string{"1", "2", "3"},
			want: []error{nil, nil, nil}, calls: [][]string{{"projects"}},
		},
		"a project that is missing": {
			service: &listed{projects: []string{"1", "2", "3"}}, ask: askProjects, keys: []string{"1", "4", "3"},
			want: []error{nil, errNoJob, nil}, calls: [][]string{{"project", "4"}, {"projects"}},
		},
		"nothing": {
			service: &listed{}, ask: askProjects, keys: nil,
			want: []error{}, calls: nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				distinct := len(slices.Compact(slices.Sorted(slices.Values(tt.keys))))
				l := New(t.Context(), tt.service, 4, Plan{Clusters: distinct, Snapshots: distinct, Projects: distinct})
				defer l.Close()
				start := time.Now()
				got := tt.ask(t.Context(), l, tt.keys...)
				if !slices.EqualFunc(got, tt.want, errors.Is) {
					t.Errorf("got the errors %v, want %v", got, tt.want)
				}
				slices.SortFunc(tt.service.asked, slices.Compare)
				if diff := cmp.Diff(tt.calls, tt.service.asked); diff != "" {
					t.Error(diff)
				}
				if waited := time.Since(start); waited != 0 {
					t.Errorf("waited %s for keys that cannot come", waited)
				}
			})
		})
	}
}

func mapAll[From, To any](in []From, to func(From) To) []To {
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = to(v)
	}
	return out
}

// check puts an error where a value is not the one that was asked for.
func check(asked, got []string, errs []error) []error {
	for i := range asked {
		if errs[i] == nil && got[i] != asked[i] || errs[i] != nil && got[i] != "" {
			errs[i] = errors.Join(errs[i], errors.New("asked for "+asked[i]+", got "+got[i]))
		}
	}
	return errs
}

func nameOf[V any](value *V, name func() string) string {
	if value == nil {
		return ""
	}
	return name()
}

func TestGrouped_loadAllHasAllKeysInTheBatchBeforeItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clusters{}
		l := New(t.Context(), c, 4, Plan{Jobs: JobCounts{restore.Serverless: 4}})
		defer l.Close()
		start := time.Now()
		keys := []restore.Key{
			{ClusterName: "x", JobID: "1"}, {ClusterName: "y", JobID: "1"}, {ClusterName: "x", JobID: "missing"},
			{ClusterName: "x", JobID: "1"}, {ClusterName: "x", JobID: "2"},
		}
		jobs, errs := l.JobsByKey(t.Context(), restore.Serverless, keys)
		for i, key := range keys {
			if key.JobID == "missing" && !errors.Is(errs[i], errNoJob) ||
				key.JobID != "missing" && (errs[i] != nil || jobs[i].Key != key) {
				t.Errorf("%v: got %+v, %v", key, jobs[i], errs[i])
			}
		}
		slices.SortFunc(c.asked, slices.Compare)
		if diff := cmp.Diff([][]string{{"many", "x", "1", "2", "missing"}, {"one", "y", "1"}}, c.asked); diff != "" {
			t.Error(diff)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestGrouped_batchLeavesWithTheLastPlannedKey(t *testing.T) {
	tests := map[string]struct {
		plan, asked int
		want        time.Duration
	}{
		"one job that was planned":     {plan: 1, asked: 1, want: 0},
		"all jobs that were planned":   {plan: 5, asked: 5, want: 0},
		"fewer than planned":           {plan: 5, asked: 2, want: plannedWait},
		"one job that was not planned": {plan: 0, asked: 1, want: batchWait},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(t.Context(), jobs(found), 8, Plan{Jobs: JobCounts{restore.Serverless: tt.plan}})
				defer l.Close()
				start := time.Now()
				var wg sync.WaitGroup
				for i := range tt.asked {
					wg.Go(func() { _, _ = l.Job(t.Context(), restore.Serverless, key(i)) })
				}
				wg.Wait()
				if waited := time.Since(start); waited != tt.want {
					t.Errorf("waited %s, want %s", waited, tt.want)
				}
			})
		})
	}
}

func TestGrouped_callerThatLeavesFailsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
			select {
			case <-time.After(10 * time.Second):
				return found(ctx, k)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}), 8, Plan{Jobs: JobCounts{restore.Serverless: 2}})
		defer l.Close()
		first, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		var wg sync.WaitGroup
		wg.Go(func() {
			start := time.Now()
			if _, err := l.Job(first, restore.Serverless, key(1)); !errors.Is(err, context.DeadlineExceeded) ||
				time.Since(start) != time.Second {
				t.Errorf("the caller that left got %v after %s", err, time.Since(start))
			}
		})
		synctest.Wait()
		for i := range 2 { // one joins the fetch that the first began
			wg.Go(func() {
				if _, err := l.Job(t.Context(), restore.Serverless, key(i+1)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestGrouped_slowKeyDelaysNoOtherOfItsBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
			if k == key(0) {
				<-time.After(time.Minute)
			}
			return found(ctx, k)
		}), 8, Plan{Jobs: JobCounts{restore.Serverless: 2}})
		defer l.Close()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = l.Job(t.Context(), restore.Serverless, key(0)) })
		wg.Go(func() {
			start := time.Now()
			if _, err := l.Job(t.Context(), restore.Serverless, key(1)); err != nil || time.Since(start) != 0 {
				t.Errorf("got %v after %s", err, time.Since(start))
			}
		})
		wg.Wait()
	})
}
