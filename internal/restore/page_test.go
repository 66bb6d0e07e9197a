package restore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

// newServiceOf is a service before an Atlas that answers each list by its path and the
// number of the page.
func newServiceOf(t *testing.T, answer func(path, page string) (status int, body string)) *Service {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r.URL.Path, r.URL.Query().Get("pageNum"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	client, err := atlas.New(atlas.AccessToken{Token: "t"}, atlas.WithBaseURL(server.URL), atlas.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return newService(t, client, Options{Serverless: ServerlessOff}, slog.New(slog.DiscardHandler))
}

// disowned is what Atlas says of a cluster that the API does not have.
const disowned = `{"error":404,"errorCode":"CLUSTER_NOT_FOUND","reason":"Not Found"}`

// resources are JSON objects with ids that descend from n to m.
func resources(n, m int) string {
	var b strings.Builder
	for i := n; i >= m; i-- {
		fmt.Fprintf(&b, `{"id":"%024x","name":"c%d"},`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestLists_areReadOnWhereAFullPageCountsMore(t *testing.T) {
	// Atlas names no next page, but counts one thing more than are on the first.
	s := newServiceOf(t, func(path, page string) (int, string) {
		switch {
		case strings.Contains(path, "/flexClusters/"):
			return http.StatusNotFound, disowned
		case strings.HasSuffix(path, "/flexClusters"):
			return http.StatusOK, `{"results":[],"totalCount":0}`
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

func TestSnapshots_whereEveryOneIsOnTheOtherList(t *testing.T) {
	const sharded, wrong = "/snapshots/shardedClusters", `{"error":400,"errorCode":"INCORRECT_BACKUP_API_ENDPOINT","reason":"Bad Request"}`
	const id = "000000000000000000000001"
	const ok = http.StatusOK
	tests := map[string]struct {
		list, sharded string // answers; an error of its status
		status        [2]int
		want          int
		failed        bool
	}{
		"an empty list": {
			list: `{"results":[]}`, sharded: `{"results":[` + resources(2, 1) + `]}`, status: [2]int{ok, ok}, want: 2,
		},
		"no snapshots": {
			list: `{"results":[]}`, sharded: wrong, status: [2]int{ok, 400},
		},
		"an empty list, and a failure": {
			list: `{"results":[]}`, sharded: `<html>`, status: [2]int{ok, 404}, failed: true,
		},
		"only as of a sharded cluster": {
			list: wrong, sharded: `{"results":[` + resources(2, 1) + `]}`, status: [2]int{400, ok}, want: 2,
		},
		"only as of a sharded cluster, and a failure": {
			list: wrong, sharded: `<html>`, status: [2]int{400, 502}, failed: true,
		},
		"neither": {
			list: wrong, sharded: wrong, status: [2]int{400, 400}, failed: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newServiceOf(t, func(path, _ string) (int, string) {
				switch {
				case strings.Contains(path, "/flexClusters/"):
					return http.StatusNotFound, disowned
				case strings.HasSuffix(path, sharded):
					return tt.status[1], tt.sharded
				default:
					return tt.status[0], tt.list
				}
			})
			cluster := ClusterKey{GroupID: "650000000000000000000001", Name: "c"}
			all, err := s.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: cluster, First: 500})
			if (err != nil) != tt.failed || err == nil && len(all.Snapshots) != tt.want {
				t.Errorf("got %+v, %v", all, err)
			}
			found, err := s.Snapshots(t.Context(), cluster, []string{id, "000000000000000000000002"})
			if len(found) != tt.want || (err != nil) != tt.failed {
				t.Errorf("got %+v, %v", found, err)
			}
		})
	}
}

func TestSnapshots_thatTheFailedListCouldHaveAreNotAbsent(t *testing.T) {
	const listed, missing = "000000000000000000000001", "000000000000000000000009"
	for name, tt := range map[string]struct {
		status int
		body   string
		absent bool
	}{
		"failure":               {status: 500, body: `{"error":500,"errorCode":"UNEXPECTED_ERROR","reason":"Internal Server Error"}`},
		"page of a proxy":       {status: 404, body: `<html>`},
		"not a sharded cluster": {status: 400, body: `{"error":400,"errorCode":"INCORRECT_BACKUP_API_ENDPOINT","reason":"Bad Request"}`, absent: true},
		"no cluster":            {status: 404, body: disowned, absent: true},
		"unidentified results":  {status: 200, body: `{"results":[null]}`},
		"empty list":            {status: 200, body: `{"results":[]}`, absent: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServiceOf(t, func(path, _ string) (int, string) {
				switch {
				case strings.Contains(path, "/flexClusters/"):
					return http.StatusNotFound, disowned
				case strings.HasSuffix(path, "/shardedClusters"):
					return tt.status, tt.body
				default:
					return http.StatusOK, `{"results":[{"id":"` + listed + `","type":"shardedCluster"}]}`
				}
			})
			found, err := s.Snapshots(t.Context(), ClusterKey{GroupID: "650000000000000000000001", Name: "c"}, []string{listed, missing})
			if err != nil {
				t.Fatal(err)
			}
			if one := found[listed]; one == nil || one.Err != nil || (one.MembersErr == nil) != (name == "empty list") {
				t.Errorf("the one that is listed: %+v", one)
			}
			if one := found[missing]; (one == nil) != tt.absent || one != nil && one.Err == nil {
				t.Errorf("the one that is missing: %+v", one)
			}
		})
	}
}

// TestLists_thatDoNotGoOnAreMalformed has Atlas name a next page for ever: the failure must not
// be taken for the end, nor cost more than a few calls.
func TestLists_thatDoNotGoOnAreMalformed(t *testing.T) {
	const next = `"links":[{"rel":"next","href":"https://a.example/?pageNum=2"}]`
	list := func(results string) string { return `{"results":[` + results + `],` + next + `}` }
	lists := map[string]func(page int) string{
		"the number of the page is not heeded": func(int) string { return list(resources(900, 401)) },
		"two pages in turn":                    func(page int) string { return list(resources(2000-500*(page%2), 1501-500*(page%2))) },
		"the last page again and again":        func(page int) string { return list(resources(5000-500*min(page, 3), 4501-500*min(page, 3))) },
		"the first page, and what is new":      func(page int) string { return list(resources(900+page, 401+page)) },
		"fewer and fewer of one page":          func(page int) string { return list(resources(900-page, 401)) },
		"empty pages":                          func(page int) string { return list(resources(900, 401+500*min(page-1, 1))) },
		"nothing that can be identified":       func(int) string { return list(`{},{}`) },
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
				case strings.HasSuffix(path, "/flexClusters"):
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
				jobs, err := s.ProjectJobs(ctx, ProjectQuery{GroupID: cluster.GroupID, ClusterNames: []string{"c"}, States: []State{Failed}, First: 500})
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

// TestLists_endWithAFullPage has the last page be full, and nothing say that it is the last.
func TestLists_endWithAFullPage(t *testing.T) {
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

// TestLists_areReadOnWhereAFullPageSaysNothing has Atlas name no next page and count nothing.
func TestLists_areReadOnWhereAFullPageSaysNothing(t *testing.T) {
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

func TestClusters_costAMalformedOneAlone(t *testing.T) {
	const date = `"createDate":"yesterday"`
	s := newServiceOf(t, func(path, _ string) (int, string) {
		switch {
		case strings.HasSuffix(path, "/flexClusters"):
			return http.StatusOK, `{"results":[{"id":"650000000000000000000002","name":"flex"},{"id":"650000000000000000000003","name":"bad",` + date + `}]}`
		case strings.HasSuffix(path, "/clusters"):
			return http.StatusOK, `{"results":[null,{"id":"650000000000000000000004","name":"dedicated"},{"id":"650000000000000000000005"}]}`
		default:
			return http.StatusOK, `{"results":[],"totalCount":0}`
		}
	})
	const group = "650000000000000000000001"
	all, err := s.Clusters(t.Context(), group)
	if err != nil || len(all.Clusters) != 2 || all.Clusters[0].Name != "dedicated" || all.Clusters[1].Name != "flex" {
		t.Fatalf("got %+v, %v", all, err)
	}
	var unread []string
	for _, failure := range all.Failures {
		unread = append(unread, AsUnreadError(failure).ClusterName)
	}
	if diff := cmp.Diff([]string{"bad", "", ""}, unread); diff != "" {
		t.Error(diff)
	}
	// A cluster that is on no list may be the one that nothing identifies.
	found, err := s.ClustersNamed(t.Context(), group, []string{"flex", "bad", "other"})
	if err != nil || found["flex"].Err != nil || found["bad"].Err == nil || found["other"].Err == nil {
		t.Errorf("got %+v, %v", found, err)
	}
	jobs, err := s.ProjectJobs(t.Context(), ProjectQuery{GroupID: group, First: 1})
	if err != nil || len(jobs.Unread) != 3 || jobs.Unread[0].ClusterName != "bad" || jobs.Unread[1].ClusterName != "" {
		t.Errorf("got %+v, %v", jobs, err)
	}
}

func TestClusters_thatAreMalformedHideNoOthers(t *testing.T) {
	s := newServiceOf(t, func(path, _ string) (int, string) {
		if strings.HasSuffix(path, "/flexClusters") {
			return http.StatusOK, `{"results":[{"id":"650000000000000000000003","name":"bad","createDate":7},{"id":"650000000000000000000004","name":"a"}]}`
		}
		return http.StatusOK, `{"results":[],"totalCount":0}`
	})
	found, err := s.ClustersNamed(t.Context(), "650000000000000000000001", []string{"a", "b", "bad"})
	if err != nil || len(found) != 2 || found["a"].Err != nil || found["bad"].Err == nil {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestProjects_costAMalformedOneAlone(t *testing.T) {
	s := newServiceOf(t, func(string, string) (int, string) {
		return http.StatusOK, `{"results":[` + resources(3, 2) + `,{"id":"650000000000000000000001","created":7},` + resources(1, 1) + `,null]}`
	})
	all, err := s.Projects(t.Context())
	if err != nil || len(all.Projects) != 3 || len(all.Failures) != 1 || !strings.Contains(all.Failures[0].Error(), "2 results") {
		t.Errorf("got %+v, %v", all, err)
	}
}
