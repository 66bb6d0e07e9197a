package restore

import (
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestSnapshots_areMissingWhenAtlasSaysSo(t *testing.T) {
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
	e.tiers, e.indexes = newTierCache(nil), newJobIndexes()
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

func TestSnapshots_areReadFromTheShardedListAlone(t *testing.T) {
	const sharded, wrong = "/snapshots/shardedClusters",
		`{"error":400,"errorCode":"INCORRECT_BACKUP_API_ENDPOINT","reason":"Bad Request"}`
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

func TestSnapshots_areNotMissingWhereTheShardedListFailed(t *testing.T) {
	const listed, missing = "000000000000000000000001", "000000000000000000000009"
	for name, tt := range map[string]struct {
		status int
		body   string
		absent bool
	}{
		"failure": {
			status: 500, body: `{"error":500,"errorCode":"UNEXPECTED_ERROR","reason":"Internal Server Error"}`,
		},
		"page of a proxy": {status: 404, body: `<html>`},
		"not a sharded cluster": {
			status: 400, body: `{"error":400,"errorCode":"INCORRECT_BACKUP_API_ENDPOINT","reason":"Bad Request"}`, absent: true,
		},
		"no cluster":           {status: 404, body: disowned, absent: true},
		"unidentified results": {status: 200, body: `{"results":[null]}`},
		"empty list":           {status: 200, body: `{"results":[]}`, absent: true},
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
			found, err := s.Snapshots(t.Context(), ClusterKey{GroupID: "650000000000000000000001", Name: "c"},
				[]string{listed, missing})
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
