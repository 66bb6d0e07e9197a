package loader

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// listed is a service whose lists hold what it is made of, and that notes its calls.
type listed struct {
	clusters
	names     []string
	snapshots []string
	projects  []string
	failures  []error
	listErr   error
}

func (s *listed) Cluster(_ context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	s.note("cluster", key.GroupID, key.Name)
	if !slices.Contains(s.names, key.Name) {
		return nil, errNoJob
	}
	return &restore.Cluster{ClusterKey: key}, nil
}

func (s *listed) Clusters(_ context.Context, groupID string) (*restore.Clusters, error) {
	s.note("clusters", groupID)
	all := &restore.Clusters{Failures: s.failures}
	for _, name := range s.names {
		all.Clusters = append(all.Clusters, &restore.Cluster{ClusterKey: restore.ClusterKey{GroupID: groupID, Name: name}})
	}
	return all, s.listErr
}

func (s *listed) Snapshot(_ context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	s.note("snapshot", key.ClusterName, key.SnapshotID)
	if !slices.Contains(s.snapshots, key.SnapshotID) {
		return nil, errNoJob
	}
	return &restore.Snapshot{SnapshotKey: key}, nil
}

func (s *listed) Snapshots(_ context.Context, cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	s.note("snapshots", cluster.Name)
	found := map[string]*restore.Snapshot{}
	for _, id := range ids {
		if slices.Contains(s.snapshots, id) {
			found[id] = &restore.Snapshot{SnapshotKey: restore.SnapshotKey{GroupID: cluster.GroupID, ClusterName: cluster.Name, SnapshotID: id}}
		}
	}
	return found, s.listErr
}

func (s *listed) Project(_ context.Context, id string) (*atlas.Project, error) {
	s.note("project", id)
	if !slices.Contains(s.projects, id) {
		return nil, errNoJob
	}
	return &atlas.Project{ID: id}, nil
}

func (s *listed) Projects(context.Context) (*restore.Projects, error) {
	s.note("projects")
	all := &restore.Projects{}
	for _, id := range s.projects {
		all.Projects = append(all.Projects, &atlas.Project{ID: id})
	}
	return all, s.listErr
}

var errListFails = errors.New("the list cannot be read")

func TestThingsOfOneParentAreListedAndWhatIsOnNoListIsAskedForByItself(t *testing.T) {
	clusterKeys := func(names ...string) []restore.ClusterKey {
		return mapped(names, func(name string) restore.ClusterKey { return restore.ClusterKey{GroupID: "g", Name: name} })
	}
	askClusters := func(ctx context.Context, l *Loaders, names ...string) []error {
		values, errs := l.ClustersByKey(ctx, clusterKeys(names...))
		return check(names, mapped(values, func(c *restore.Cluster) string { return nameOf(c, func() string { return c.Name }) }), errs)
	}
	askSnapshots := func(ctx context.Context, l *Loaders, ids ...string) []error {
		values, errs := l.SnapshotsByKey(ctx, mapped(ids, func(id string) restore.SnapshotKey {
			return restore.SnapshotKey{GroupID: "g", ClusterName: "x", SnapshotID: id}
		}))
		return check(ids, mapped(values, func(s *restore.Snapshot) string { return nameOf(s, func() string { return s.SnapshotID }) }), errs)
	}
	askProjects := func(ctx context.Context, l *Loaders, ids ...string) []error {
		values, errs := l.ProjectsByID(ctx, ids)
		return check(ids, mapped(values, func(p *atlas.Project) string { return nameOf(p, func() string { return p.ID }) }), errs)
	}
	tests := map[string]struct {
		service *listed
		ask     func(context.Context, *Loaders, ...string) []error
		keys    []string
		want    []error
		calls   [][]string
	}{
		"clusters":                    {&listed{names: []string{"a", "b", "c", "d"}}, askClusters, []string{"b", "c", "a", "b"}, []error{nil, nil, nil, nil}, [][]string{{"clusters", "g"}}},
		"two clusters":                {&listed{names: []string{"a", "b"}}, askClusters, []string{"b", "a", "b"}, []error{nil, nil, nil}, [][]string{{"cluster", "g", "a"}, {"cluster", "g", "b"}}},
		"a cluster that is missing":   {&listed{names: []string{"a", "b"}}, askClusters, []string{"b", "x", "a"}, []error{nil, errNoJob, nil}, [][]string{{"cluster", "g", "x"}, {"clusters", "g"}}},
		"a list of clusters in parts": {&listed{names: []string{"a", "b"}, failures: []error{errListFails}}, askClusters, []string{"b", "x", "a"}, []error{nil, errListFails, nil}, [][]string{{"clusters", "g"}}},
		"no list of clusters":         {&listed{listErr: errListFails}, askClusters, []string{"b", "x", "a"}, []error{errListFails, errListFails, errListFails}, [][]string{{"clusters", "g"}}},
		"snapshots":                   {&listed{snapshots: []string{"1", "2"}}, askSnapshots, []string{"1", "2", "1"}, []error{nil, nil, nil}, [][]string{{"snapshots", "x"}}},
		"one snapshot":                {&listed{snapshots: []string{"1", "2"}}, askSnapshots, []string{"1", "1"}, []error{nil, nil}, [][]string{{"snapshot", "x", "1"}}},
		"a snapshot that is missing":  {&listed{snapshots: []string{"1", "2"}}, askSnapshots, []string{"3", "2"}, []error{errNoJob, nil}, [][]string{{"snapshot", "x", "3"}, {"snapshots", "x"}}},
		"projects":                    {&listed{projects: []string{"1", "2", "3"}}, askProjects, []string{"1", "2", "3"}, []error{nil, nil, nil}, [][]string{{"projects"}}},
		"a project that is missing":   {&listed{projects: []string{"1", "2", "3"}}, askProjects, []string{"1", "4", "3"}, []error{nil, errNoJob, nil}, [][]string{{"project", "4"}, {"projects"}}},
		"nothing":                     {&listed{}, askProjects, nil, []error{}, nil},
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
					t.Errorf("waited %s for what nobody else could ask", waited)
				}
			})
		})
	}
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

func TestSeveralJobsAreAskedForBeforeTheFirstIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clusters{}
		l := New(t.Context(), c, 4, Plan{Jobs: JobCounts{restore.Serverless: 4}})
		defer l.Close()
		start := time.Now()
		keys := []restore.Key{{ClusterName: "x", JobID: "1"}, {ClusterName: "y", JobID: "1"}, {ClusterName: "x", JobID: "missing"}, {ClusterName: "x", JobID: "1"}, {ClusterName: "x", JobID: "2"}}
		jobs, errs := l.JobsByKey(t.Context(), restore.Serverless, keys)
		for i, key := range keys {
			if key.JobID == "missing" && !errors.Is(errs[i], errNoJob) || key.JobID != "missing" && (errs[i] != nil || jobs[i].Key != key) {
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
