package restore

import (
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// A failed list costs those clusters alone that may stand on it.
func TestClustersNamed_servesWhatWasReadBesideAFailure(t *testing.T) {
	names := []string{catalog.Name, billing.Name, reporting.Name, nowhere.Name}
	tests := map[string]struct {
		fault  atlassim.Fault
		names  []string
		unread []string // the names whose clusters have an error
	}{
		"all lists are read":        {names: names},
		"the list of Flex clusters": {fault: atlassim.Fault{PathContains: "/flexClusters", Status: 500}, names: names, unread: []string{catalog.Name, nowhere.Name}},
		"a page in its place":       {fault: pageFault("/flexClusters", 404, "<html>"), names: names, unread: []string{catalog.Name, nowhere.Name}},
		"the list of instances":     {fault: atlassim.Fault{PathContains: "/serverless", Status: 500}, names: names, unread: []string{nowhere.Name}},
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
					if c == nil || c.Err == nil || isAbsence(c.Err) || c.Name != name {
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

func TestSnapshots_areNilWhenAtlasNoLongerHasThem(t *testing.T) {
	tests := map[string]struct {
		status int
		code   string
		gone   bool
	}{
		"by its name":                 {status: 404, code: "SNAPSHOT_NOT_FOUND", gone: true},
		"of a tenant":                 {status: 404, code: "TENANT_SNAPSHOT_NOT_FOUND", gone: true},
		"by its id":                   {status: 404, code: "INVALID_SNAPSHOT_ID", gone: true},
		"by its id, 400":              {status: 400, code: "INVALID_SNAPSHOT_ID", gone: true},
		"as whatever is missing":      {status: 404, code: "RESOURCE_NOT_FOUND", gone: true},
		"a role":                      {status: 403, code: "USER_UNAUTHORIZED"},
		"no cluster":                  {status: 404, code: "CLUSTER_NOT_FOUND"},
		"a failure with such a code":  {status: 500, code: "SNAPSHOT_NOT_FOUND"},
		"a failure that says nothing": {status: 500, code: "UNEXPECTED_ERROR"},
	}
	for name, tt := range tests {
		for _, cluster := range []ClusterKey{catalog, billing} {
			t.Run(name+" "+cluster.Name, func(t *testing.T) {
				e := newEnv(t, ServerlessAuto)
				e.sim.Inject(says("/"+cluster.Name+"/backup/snapshots/", tt.status, tt.code))
				found, err := e.Snapshots(t.Context(), cluster, []string{noJob})
				if (err == nil) != tt.gone || len(found) != 0 {
					t.Errorf("got %v, %v", found, err)
				}
			})
		}
	}
}

// What is on no list of the API that has the cluster may be where another one failed.
func TestSnapshots_areNotMissingWhereAnAPIFailed(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	all, err := e.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: catalog, First: 1})
	if err != nil || len(all.Snapshots) == 0 {
		t.Fatal(all, err)
	}
	listed := all.Snapshots[0].SnapshotID
	e.tiers, e.indexes = newTierCache(), newJobIndexes()
	e.sim.Inject(pageFault("/serverless/", 404, "<html>"))
	for range 2 {
		found, err := e.Snapshots(t.Context(), catalog, []string{listed, noJob})
		if err != nil || found[listed] == nil || found[listed].Err != nil {
			t.Fatalf("got %+v, %v", found, err)
		}
		if missing := found[noJob]; missing == nil || !atlas.IsForeign(missing.Err) {
			t.Errorf("got %+v", missing)
		}
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
			if snapshots, err := e.ClusterSnapshots(t.Context(), SnapshotQuery{Cluster: tt.cluster, First: 10}); err != nil || len(snapshots.Snapshots) != 0 || snapshots.More {
				t.Errorf("snapshots: %+v, %v", snapshots, err)
			}
			if found, err := e.Snapshots(t.Context(), tt.cluster, []string{noJob, "1" + noJob[1:]}); err != nil || len(found) != 0 {
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
