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

	"atlas-restore-gateway/internal/restore"
)

// snapshots is a Reader of the given jobs and clusters that records its calls.
type snapshots struct {
	Reader
	jobs *restore.Jobs

	clusters map[string]*restore.Cluster

	mu    sync.Mutex
	asked [][]string
	err   error
}

func (s *snapshots) Jobs(context.Context, restore.JobQuery) (*restore.Jobs, error) {
	return s.jobs, nil
}

func (s *snapshots) Snapshots(_ context.Context,
	cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(ids)
	s.asked = append(s.asked, ids)
	found := map[string]*restore.Snapshot{}
	for _, id := range ids {
		if id != "gone" {
			found[id] = &restore.Snapshot{
				SnapshotKey: restore.SnapshotKey{GroupID: cluster.GroupID, ClusterName: cluster.Name, SnapshotID: id},
			}
		}
	}
	return found, s.err
}

func (s *snapshots) ClustersNamed(_ context.Context,
	groupID string, names []string) (map[string]*restore.Cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(names)
	s.asked = append(s.asked, append([]string{groupID}, names...))
	return s.clusters, s.err
}

func snapshotKey(id string) restore.SnapshotKey {
	return restore.SnapshotKey{GroupID: "g", ClusterName: "c", SnapshotID: id}
}

func jobsWith(snapshotIDs ...string) *restore.Jobs {
	jobs := &restore.Jobs{}
	for _, id := range snapshotIDs {
		jobs.Jobs = append(jobs.Jobs, &restore.Job{Key: restore.Key{GroupID: "g", ClusterName: "c"}, SnapshotID: &id})
	}
	return jobs
}

func TestLinked_firstKeyIsFetchedWithTheOthersOfItsList(t *testing.T) {
	s := &snapshots{jobs: jobsWith("a", "b", "a", "gone", "c")}
	l := New(t.Context(), s, 4, Plan{})
	defer l.Close()
	if _, err := l.Jobs(t.Context(), restore.JobQuery{}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, id := range []string{"b", "a", "c", "gone", "b"} {
		wg.Go(func() {
			got, err := l.LinkedSnapshot(t.Context(), snapshotKey(id))
			if err != nil || (got == nil) != (id == "gone") || got != nil && got.SnapshotID != id {
				t.Errorf("%s: got %+v, %v", id, got, err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff([][]string{{"a", "b", "c", "gone"}}, s.asked); diff != "" {
		t.Error(diff)
	}
	// A key of no list is read by itself.
	if _, err := l.LinkedSnapshot(t.Context(), snapshotKey("z")); err != nil || len(s.asked) != 2 || len(s.asked[1]) != 1 {
		t.Errorf("asked %v, %v", s.asked, err)
	}
}

func TestLinked_waitsForNoBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(t.Context(), &snapshots{jobs: jobsWith("a", "b")}, 4, Plan{})
		defer l.Close()
		if _, err := l.Jobs(t.Context(), restore.JobQuery{}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := l.LinkedSnapshot(t.Context(), snapshotKey("a")); err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func TestLinked_failureOfAFetchIsThatOfEachKey(t *testing.T) {
	failure := errors.New("no connection")
	s := &snapshots{jobs: jobsWith("a", "b"), err: failure}
	l := New(t.Context(), s, 4, Plan{})
	defer l.Close()
	if _, err := l.Jobs(t.Context(), restore.JobQuery{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		if got, err := l.LinkedSnapshot(t.Context(), snapshotKey(id)); !errors.Is(err, failure) || got != nil {
			t.Errorf("got %v, %v", got, err)
		}
	}
	if len(s.asked) != 1 {
		t.Errorf("asked %v", s.asked)
	}
}

func TestLinked_targetsAreReadByProject(t *testing.T) {
	jobs := jobsWith("a", "b", "c")
	for i, target := range [][2]string{{"g", "x"}, {"other", "y"}, {"g", "z"}} {
		jobs.Jobs[i].TargetGroupID, jobs.Jobs[i].TargetClusterName = &target[0], &target[1]
	}
	s := &snapshots{jobs: jobs}
	l := New(t.Context(), s, 4, Plan{})
	defer l.Close()
	if _, err := l.Jobs(t.Context(), restore.JobQuery{}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []restore.ClusterKey{
		{GroupID: "g", Name: "x"}, {GroupID: "other", Name: "y"}, {GroupID: "g", Name: "z"},
	} {
		if c, err := l.LinkedCluster(t.Context(), key); c != nil || err != nil {
			t.Errorf("got %v, %v", c, err)
		}
	}
	if diff := cmp.Diff([][]string{{"g", "x", "z"}, {"other", "y"}}, s.asked); diff != "" {
		t.Error(diff)
	}
}

func TestLinked_errorOfOneKeyIsNotThatOfTheOthers(t *testing.T) {
	jobs := jobsWith("a", "b", "c")
	for i, name := range []string{"read", "unread", "missing"} {
		jobs.Jobs[i].TargetGroupID, jobs.Jobs[i].TargetClusterName = new("g"), &name
	}
	failure := errors.New("no connection")
	s := &snapshots{jobs: jobs, clusters: map[string]*restore.Cluster{"read": {ID: "1"}, "unread": {Err: failure}}}
	l := New(t.Context(), s, 4, Plan{})
	defer l.Close()
	if _, err := l.Jobs(t.Context(), restore.JobQuery{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		found bool
		err   error
	}{"read": {found: true}, "unread": {err: failure}, "missing": {}} {
		c, err := l.LinkedCluster(t.Context(), restore.ClusterKey{GroupID: "g", Name: name})
		if (c != nil) != want.found || !errors.Is(err, want.err) {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
	if len(s.asked) != 1 {
		t.Errorf("asked %v", s.asked)
	}
}
