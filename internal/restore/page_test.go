package restore

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestLists_goOnBehindAFullPageWhenTheCountIsLarger(t *testing.T) {
	// Atlas names no next page, but counts one thing more than are on the first.
	s := newServiceOf(t, func(path, page string) (int, string) {
		switch {
		case strings.Contains(path, "/flexClusters/"):
			return http.StatusNotFound, disowned
		case strings.HasSuffix(path, "/flexClusters"):
			return http.StatusOK, `{"results":[],"totalCount":0}`
		case strings.HasSuffix(path, "/collectionRestoreJobs"):
			return http.StatusOK, `{"results":[]}`
		case page == "1":
			return http.StatusOK, `{"results":[` + resources(501, 2) + `],"totalCount":"501"}`
		default:
			return http.StatusOK, `{"results":[` + resources(1, 1) + `],"totalCount":501}`
		}
	})
	cluster := ClusterKey{GroupID: "650000000000000000000001", Name: "c"}
	jobs, err := s.Jobs(t.Context(), JobQuery{Cluster: cluster, First: 500})
	if err != nil || len(jobs.Jobs) != 500 || !jobs.HasNext {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	jobs, err = s.Jobs(t.Context(), JobQuery{Cluster: cluster, First: 500, After: jobs.End})
	if err != nil || len(jobs.Jobs) != 1 || jobs.HasNext {
		t.Errorf("got %+v, %v", jobs, err)
	}
	snapshots, err := s.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: cluster, First: 500})
	if err != nil || len(snapshots.Snapshots) != 500 || !snapshots.More || *snapshots.EstimatedTotal != 501 {
		t.Errorf("got %+v, %v", snapshots, err)
	}
	last := snapshots.Snapshots[499].SnapshotID
	snapshots, err = s.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: cluster, First: 500, After: last})
	if err != nil || len(snapshots.Snapshots) != 1 || snapshots.More || snapshots.Start != 500 {
		t.Errorf("got %+v, %v", snapshots, err)
	}
	clusters, err := s.Clusters(t.Context(), cluster.GroupID)
	if err != nil || len(clusters.Clusters) != 501 {
		t.Errorf("got %+v, %v", clusters, err)
	}
	projects, err := s.Projects(t.Context())
	if err != nil || len(projects.Projects) != 501 {
		t.Errorf("got %+v, %v", projects, err)
	}
}

// TestLists_areMalformedWhenAPageRepeatsOthers has Atlas name a next page for ever: the failure must not
// be taken for the end, nor cost more than a few calls.
func TestLists_areMalformedWhenAPageRepeatsOthers(t *testing.T) {
	const next = `"links":[{"rel":"next","href":"https://a.example/?pageNum=2"}]`
	list := func(results string) string { return `{"results":[` + results + `],` + next + `}` }
	lists := map[string]func(page int) string{
		"the number of the page is not heeded": func(int) string { return list(resources(900, 401)) },
		"two pages in turn": func(page int) string {
			return list(resources(2000-500*(page%2), 1501-500*(page%2)))
		},
		"the last page again and again": func(page int) string {
			return list(resources(5000-500*min(page, 3), 4501-500*min(page, 3)))
		},
		"the first page, and what is new": func(page int) string { return list(resources(900+page, 401+page)) },
		"fewer and fewer of one page":     func(page int) string { return list(resources(900-page, 401)) },
		"empty pages":                     func(page int) string { return list(resources(900, 401+500*min(page-1, 1))) },
		"nothing that can be identified":  func(int) string { return list(`{},{}`) },
	}
	cluster := ClusterKey{GroupID: "650000000000000000000001", Name: "c"}
	for name, answer := range lists {
		var calls atomic.Int64
		newList := func(t *testing.T) *Service {
			t.Helper()
			calls.Store(0)
			return newServiceOf(t, func(path, page string) (int, string) {
				number, err := strconv.Atoi(page)
				switch {
				case err != nil: // a list without pages
					return http.StatusOK, `{"results":[]}`
				case strings.HasSuffix(path, "/flexClusters"), strings.HasSuffix(path, "/collectionRestoreJobs"):
					return http.StatusOK, `{"results":[]}`
				}
				calls.Add(1)
				return http.StatusOK, answer(number)
			})
		}
		for of, read := range map[string]func(ctx context.Context, s *Service) error{
			"jobs": func(ctx context.Context, s *Service) error {
				after := Cursor{}
				for {
					jobs, err := s.Jobs(ctx, JobQuery{Cluster: cluster, Tier: Dedicated, First: 400, After: after})
					if err != nil || !jobs.HasNext {
						return err
					}
					after = jobs.End
				}
			},
			"jobs behind a cursor": func(ctx context.Context, s *Service) error {
				_, err := s.Jobs(ctx, JobQuery{Cluster: cluster, Tier: Dedicated, First: 400, After: Cursor{JobID: jobID(0, 2)}})
				return err
			},
			"jobs of a project": func(ctx context.Context, s *Service) error {
				jobs, err := s.ProjectJobs(ctx, ProjectQuery{
					GroupID: cluster.GroupID, ClusterNames: []string{"c"}, States: []State{Failed}, First: 500,
				})
				if err == nil && len(jobs.Unread) > 0 {
					err = jobs.Unread[0]
				}
				return err
			},
			"snapshots": func(ctx context.Context, s *Service) error {
				_, err := s.ClusterSnapshots(ctx, SnapshotQuery{Cluster: cluster, First: 500})
				return err
			},
			"some snapshots": func(ctx context.Context, s *Service) error {
				// As many as are looked for on more than a page.
				_, err := s.Snapshots(ctx, cluster, []string{jobID(0, 2), jobID(0, 3), jobID(0, 4)})
				return err
			},
			"clusters": func(ctx context.Context, s *Service) error {
				all, err := s.Clusters(ctx, cluster.GroupID)
				if err == nil && len(all.Failures) > 0 {
					err = all.Failures[0]
				}
				return err
			},
			"projects": func(ctx context.Context, s *Service) error { _, err := s.Projects(ctx); return err },
		} {
			t.Run(name+", "+of, func(t *testing.T) {
				s := newList(t)
				s.tiers.setTier(cluster, Dedicated)
				err := read(t.Context(), s)
				var e *atlas.Error
				if !errors.As(err, &e) || e.Kind != atlas.KindMalformed || e.Op == "" {
					t.Errorf("got %v", err)
				}
				if n := calls.Load(); n > 6 {
					t.Errorf("%d calls", n)
				}
			})
		}
	}
}

// TestLists_endWithAFullPageBeforeOneThatRepeats has the last page be full, and nothing say that it is the last.
func TestLists_endWithAFullPageBeforeOneThatRepeats(t *testing.T) {
	for name, beyond := range map[string]string{"nothing is behind it": "", "it is there again": resources(500, 1)} {
		t.Run(name, func(t *testing.T) {
			s := newServiceOf(t, func(path, page string) (int, string) {
				switch {
				case strings.HasSuffix(path, "/flexClusters"):
					return http.StatusOK, `{"results":[]}`
				case page == "1":
					return http.StatusOK, `{"results":[` + resources(500, 1) + `]}`
				default:
					return http.StatusOK, `{"results":[` + beyond + `]}`
				}
			})
			cluster := ClusterKey{GroupID: "650000000000000000000001", Name: "c"}
			s.tiers.setTier(cluster, Dedicated)
			jobs, err := s.Jobs(t.Context(), JobQuery{Cluster: cluster, Tier: Dedicated, First: 500})
			if err != nil || len(jobs.Jobs) != 500 || jobs.HasNext {
				t.Errorf("got %d jobs, %v", len(jobs.Jobs), err)
			}
			snapshots, err := s.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: cluster, First: 500})
			if err != nil || len(snapshots.Snapshots) != 500 || snapshots.More {
				t.Errorf("got %+v, %v", snapshots, err)
			}
			clusters, err := s.Clusters(t.Context(), cluster.GroupID)
			if err != nil || len(clusters.Clusters) != 500 || len(clusters.Failures) > 0 {
				t.Errorf("got %+v, %v", clusters, err)
			}
		})
	}
}

// TestLists_goOnBehindAFullPageWithoutACount has Atlas name no next page and count nothing.
func TestLists_goOnBehindAFullPageWithoutACount(t *testing.T) {
	s := newServiceOf(t, func(_, page string) (int, string) {
		if page == "1" {
			return http.StatusOK, `{"results":[` + resources(501, 2) + `]}`
		}
		return http.StatusOK, `{"results":[` + resources(1, 1) + `]}`
	})
	projects, err := s.Projects(t.Context())
	if err != nil || len(projects.Projects) != 501 {
		t.Errorf("got %+v, %v", projects, err)
	}
}
