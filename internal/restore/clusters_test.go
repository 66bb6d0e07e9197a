package restore

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// A failed list costs those clusters alone that may stand on it.
func TestClustersNamed_returnsWhatWasReadBesideAFailure(t *testing.T) {
	names := []string{catalog.Name, billing.Name, reporting.Name, nowhere.Name}
	tests := map[string]struct {
		fault  atlassim.Fault
		names  []string
		unread []string // the names whose clusters have an error
	}{
		"all lists are read": {names: names},
		"the list of Flex clusters": {
			fault: atlassim.Fault{PathContains: "/flexClusters", Status: 500}, names: names,
			unread: []string{catalog.Name, nowhere.Name},
		},
		"a page in its place": {
			fault: pageFault("/flexClusters", 404, "<html>"), names: names, unread: []string{catalog.Name, nowhere.Name},
		},
		"the list of instances": {
			fault: atlassim.Fault{PathContains: "/serverless", Status: 500}, names: names, unread: []string{nowhere.Name},
		},
		"an API that is not offered": {
			fault: says("/serverless", 403, "FEATURE_UNSUPPORTED"), names: names,
		},
		"one of two clusters": {
			fault: atlassim.Fault{PathContains: "/clusters/" + billing.Name, Status: 500},
			names: []string{billing.Name, reporting.Name}, unread: []string{billing.Name},
		},
		"a page for one of two": {
			fault: pageFault("/clusters/"+billing.Name, 404, "<html>"),
			names: []string{billing.Name, reporting.Name}, unread: []string{billing.Name},
		},
		"one, and one that is missing": {names: []string{billing.Name, nowhere.Name}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			if tt.fault.PathContains != "" {
				e.sim.Inject(tt.fault)
			}
			found, err := e.ClustersNamed(t.Context(), atlassim.SeedGroupID, tt.names)
			if err != nil {
				t.Fatal(err)
			}
			unread := make(map[string]bool)
			for _, name := range tt.unread {
				unread[name] = true
			}
			for _, name := range tt.names {
				switch c := found[name]; {
				case unread[name]:
					if c == nil || c.Err == nil || isMissing(c.Err) || c.Name != name {
						t.Errorf("%s: got %+v", name, c)
					}
				case name == nowhere.Name:
					if c != nil {
						t.Errorf("%s: got %+v", name, c)
					}
				case c == nil || c.Err != nil || c.ID == "":
					t.Errorf("%s: got %+v", name, c)
				}
			}
		})
	}
}

func TestClusterWithoutBackups_hasEmptyLists(t *testing.T) {
	tests := map[string]struct {
		cluster ClusterKey
		status  int
		code    string
	}{
		"a Dedicated cluster":         {cluster: billing, status: 404, code: "BACKUP_CONFIG_NOT_FOUND"},
		"a Dedicated cluster, by 400": {cluster: billing, status: 400, code: "BACKUP_JOB_NOT_FOUND"},
		"a Flex cluster":              {cluster: catalog, status: 404, code: "BACKUP_CONFIG_NOT_FOUND"},
		"a serverless instance":       {cluster: orders, status: 404, code: "BACKUP_CONFIG_NOT_FOUND"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			e.sim.Inject(says("/"+tt.cluster.Name+"/backup/", tt.status, tt.code))
			jobs, err := e.Jobs(t.Context(), JobQuery{Cluster: tt.cluster, First: 10, Count: true})
			if err != nil || len(jobs.Jobs) != 0 || jobs.HasNext || jobs.EstimatedTotal == nil || *jobs.EstimatedTotal != 0 {
				t.Errorf("jobs: %+v, %v", jobs, err)
			}
			if snapshots, err := e.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: tt.cluster, First: 10}); err != nil ||
				len(snapshots.Snapshots) != 0 || snapshots.More {
				t.Errorf("snapshots: %+v, %v", snapshots, err)
			}
			if found, err := e.Snapshots(t.Context(), tt.cluster, []string{noJob, "1" + noJob[1:]}); err != nil ||
				len(found) != 0 {
				t.Errorf("links to snapshots: %+v, %v", found, err)
			}
			for _, q := range []ProjectQuery{{}, {ClusterNames: []string{tt.cluster.Name, reporting.Name}}} {
				q.GroupID, q.First = tt.cluster.GroupID, 20
				all, err := e.ProjectJobs(t.Context(), q)
				if err != nil || len(all.Unread) != 0 || len(all.Jobs.Jobs) == 0 {
					t.Errorf("the project: %+v, %v", all, err)
				}
			}
			// A job that is asked for is missing, and no list is.
			for range 2 {
				if _, err := e.Job(t.Context(), AnyTier, tt.cluster.job(noJob)); atlas.CodeOf(err) != tt.code {
					t.Errorf("a job: %v", err)
				}
			}
		})
	}
}

func TestClustersNamed_areNoneInAMissingProject(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	for n := 1; n <= 4; n++ {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("cluster-%d", i)
		}
		// Where a link leads nowhere that is no failure, however many are followed at once.
		if found, err := e.ClustersNamed(t.Context(), strings.Repeat("f", 24), names); err != nil || len(found) > 0 {
			t.Errorf("%d names: %v, %v", n, found, err)
		}
	}
}

func TestClusters_returnAMalformedOneAsAFailure(t *testing.T) {
	const date = `"createDate":"yesterday"`
	s := newServiceOf(t, func(path, _ string) (int, string) {
		switch {
		case strings.HasSuffix(path, "/flexClusters"):
			return http.StatusOK, `{"results":[{"id":"650000000000000000000002","name":"flex"},` +
				`{"id":"650000000000000000000003","name":"bad",` + date + `}]}`
		case strings.HasSuffix(path, "/clusters"):
			return http.StatusOK, `{"results":[null,{"id":"650000000000000000000004","name":"dedicated"},` +
				`{"id":"650000000000000000000005"}]}`
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

func TestMayHide_returnsNoErrorOfAnotherCluster(t *testing.T) {
	s := newServiceOf(t, func(path, _ string) (int, string) {
		if strings.HasSuffix(path, "/flexClusters") {
			return http.StatusOK, `{"results":[{"id":"650000000000000000000003","name":"bad","createDate":7},` +
				`{"id":"650000000000000000000004","name":"a"}]}`
		}
		return http.StatusOK, `{"results":[],"totalCount":0}`
	})
	found, err := s.ClustersNamed(t.Context(), "650000000000000000000001", []string{"a", "b", "bad"})
	if err != nil || len(found) != 2 || found["a"].Err != nil || found["bad"].Err == nil {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestClusters_returnAFailureBeforeAnAbsence(t *testing.T) {
	tests := map[string]struct {
		faults []atlassim.Fault
		want   int
	}{
		"a 500 after a 404": {
			faults: []atlassim.Fault{says("/flexClusters", 404, "GROUP_NOT_FOUND"), {PathContains: "/clusters", Status: 500}},
			want:   500,
		},
		"a 500 before a 404": {
			faults: []atlassim.Fault{{PathContains: "/flexClusters", Status: 500}, says("/clusters", 404, "GROUP_NOT_FOUND")},
			want:   500,
		},
		"a 500 after a 403": {
			faults: []atlassim.Fault{says("/flexClusters", 403, "USER_UNAUTHORIZED"), {PathContains: "/clusters", Status: 500}},
			want:   500,
		},
		"a 403 after a 404": {
			faults: []atlassim.Fault{says("/flexClusters", 404, "GROUP_NOT_FOUND"), says("/clusters", 403, "USER_UNAUTHORIZED")},
			want:   403,
		},
		"a page of the serverless API": {
			faults: []atlassim.Fault{pageFault("/serverless", 404, "<html>")},
			want:   404,
		},
		"404s alone": {
			faults: []atlassim.Fault{says("/groups/", 404, "GROUP_NOT_FOUND")},
			want:   404,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, ServerlessAuto)
			for _, fault := range tt.faults {
				e.sim.Inject(fault)
			}
			_, err := e.Clusters(t.Context(), atlassim.SeedEmptyGroupID)
			var e2 *atlas.Error
			if !errors.As(err, &e2) || e2.Status != tt.want || isMissing(err) != (name == "404s alone") {
				t.Errorf("got %v", err)
			}
		})
	}
}
