package atlassim_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestTier_rejectsClustersOfAnotherTier(t *testing.T) {
	const (
		notFlex    = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
		isFlex     = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"
		isInstance = "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API"
		notThere   = "CLUSTER_NOT_FOUND"
		noInstance = "SERVERLESS_INSTANCE_NOT_FOUND"
		noTenant   = "NOT_SERVERLESS_TENANT_CLUSTER"
	)
	a := newAtlas(t)
	for name, want := range map[string]struct{ serverless, flex, clusters string }{
		atlassim.SeedClusterName:             {serverless: "", flex: notFlex, clusters: isInstance},
		atlassim.SeedFlexClusterName:         {serverless: noTenant, flex: "", clusters: isFlex},
		atlassim.SeedDedicatedClusterName:    {serverless: noTenant, flex: notFlex, clusters: ""},
		atlassim.SeedReplicaSetClusterName:   {serverless: noTenant, flex: notFlex, clusters: ""},
		atlassim.SeedMigratedToFlexName:      {serverless: noInstance, flex: "", clusters: isFlex},
		atlassim.SeedMigratedToDedicatedName: {serverless: noInstance, flex: notFlex, clusters: ""},
		atlassim.SeedMigratedToFreeName:      {serverless: noInstance, flex: notFlex, clusters: ""},
		"absent":                             {serverless: noInstance, flex: notThere, clusters: notThere},
	} {
		for api, code := range map[string]string{
			"/serverless/": want.serverless, "/flexClusters/": want.flex, "/clusters/": want.clusters,
		} {
			path := groups + atlassim.SeedGroupID + api + name
			for _, below := range []string{
				"", "/backup/restoreJobs", "/backup/restoreJobs/" + noID, "/backup/snapshots", "/backup/snapshots/" + noID,
			} {
				w := a.get(path + below)
				switch {
				case code == "" && strings.HasSuffix(below, noID):
					wantStatus(t, w, http.StatusNotFound)
				case code == "":
					wantStatus(t, w, http.StatusOK)
				default:
					status := http.StatusBadRequest
					parameters := []string{name}
					if code == notThere || code == noInstance {
						status, parameters = http.StatusNotFound, []string{name, atlassim.SeedGroupID}
					}
					wantError(t, w, status, code)
					if got := decode[struct{ Parameters []string }](t, w).Parameters; !slices.Equal(got, parameters) {
						t.Errorf("%s: parameters %v, want %v", path+below, got, parameters)
					}
				}
			}
		}
	}
}

// names lists what an API holds in a project.
func (a *atlas) names(path string) []string {
	a.t.Helper()
	w := a.get(path)
	wantStatus(a.t, w, http.StatusOK)
	results := decode[struct{ Results []struct{ Name string } }](a.t, w).Results
	out := make([]string, len(results))
	for i, c := range results {
		out[i] = c.Name
	}
	return out
}

func TestTier_listsEachClusterOnce(t *testing.T) {
	a := newAtlas(t)
	for path, want := range map[string][]string{
		groups + atlassim.SeedGroupID + "/serverless":   {"orders"},
		groups + atlassim.SeedGroupID + "/flexClusters": {"catalog", "returns"},
		clusters: {"reporting", "billing", "loyalty", "newsletter"},
		groups + atlassim.SeedSecondGroupID + "/serverless":   {"tickets"},
		groups + atlassim.SeedSecondGroupID + "/flexClusters": nil,
		groups + atlassim.SeedSecondGroupID + "/clusters":     nil,
		groups + atlassim.SeedEmptyGroupID + "/serverless":    nil,
		groups + atlassim.SeedEmptyGroupID + "/flexClusters":  nil,
		groups + atlassim.SeedEmptyGroupID + "/clusters":      nil,
	} {
		if got := a.names(path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestMigration_movesJobsAndSnapshots(t *testing.T) {
	for name, tc := range map[string]struct {
		groupID, cluster, api, listed string
		done                          func(job map[string]any) bool
	}{
		"to Flex": {
			groupID: atlassim.SeedGroupID, cluster: atlassim.SeedClusterName, api: "/flexClusters",
			listed: "orders catalog returns",
			done:   func(job map[string]any) bool { return job["status"] == "COMPLETED" }},
		"to Dedicated": {
			groupID: atlassim.SeedSecondGroupID, cluster: atlassim.SeedSecondClusterName, api: "/clusters", listed: "tickets",
			done: func(job map[string]any) bool {
				return job["finishedAt"] != nil && job["targetDeploymentItemName"] != nil
			}},
	} {
		for how, retire := range map[string]func(*atlas, bool){
			"410": func(a *atlas, yes bool) { a.RetireServerless(yes) },
			"404": func(a *atlas, yes bool) { a.RetireServerlessAs404(yes) },
		} {
			t.Run(name+" with "+how, func(t *testing.T) {
				a := newAtlas(t)
				before := groups + tc.groupID + "/serverless/" + tc.cluster + "/backup"
				after := groups + tc.groupID + tc.api + "/" + tc.cluster + "/backup"
				ids := func(path string) []string {
					results := a.list(path + "?itemsPerPage=500").Results
					out := make([]string, len(results))
					for i, r := range results {
						out[i] = r.ID
					}
					slices.Sort(out)
					return out
				}
				jobs, snapshots := ids(before+"/restoreJobs"), ids(before+"/snapshots")
				wantStatus(t, a.get(after+"/restoreJobs"), http.StatusBadRequest)

				retire(a, true)
				if got := ids(after + "/restoreJobs"); !slices.Equal(got, jobs) {
					t.Errorf("%d jobs afterwards, %d before", len(got), len(jobs))
				}
				if got := ids(after + "/snapshots"); !slices.Equal(got, snapshots) {
					t.Errorf("%d snapshots afterwards, %d before", len(got), len(snapshots))
				}
				if job := decode[map[string]any](t, a.get(after+"/restoreJobs/"+jobs[0])); !tc.done(job) {
					t.Errorf("an old job: %v", job)
				}
				if got := a.names(groups + tc.groupID + tc.api); strings.Join(got, " ") != tc.listed {
					t.Errorf("listed: %v", got)
				}
				wantStatus(t, a.get(groups+tc.groupID+tc.api+"/"+tc.cluster), http.StatusOK)
				if status := a.get(before + "/restoreJobs").Code; status != http.StatusGone && status != http.StatusNotFound {
					t.Errorf("serverless jobs: status %d", status)
				}

				retire(a, false)
				wantStatus(t, a.get(after+"/restoreJobs"), http.StatusBadRequest)
				if got := ids(before + "/restoreJobs"); !slices.Equal(got, jobs) {
					t.Errorf("%d jobs again, %d before", len(got), len(jobs))
				}
			})
		}
	}
}

func TestMigration_keepsTheStateOfJobs(t *testing.T) {
	a := newAtlas(t)
	a.RetireServerless(true)
	for label, want := range map[string]string{
		"succeeded": "COMPLETED", "failed": "FAILED", "cancelled": "FAILED", "expired": "COMPLETED",
		"pointInTime":             "COMPLETED",
		"failedWithoutFinishedAt": "FAILED", "running": "RUNNING", "ready": "COMPLETED", "queued": "PENDING",
		"succeedsSoon":  "RUNNING",
		"missingFields": "COMPLETED",
	} {
		job := a.job(label)
		if job["status"] != want {
			t.Errorf("%s: status %v, want %s", label, job["status"], want)
		}
		if (job["snapshotUrl"] != nil) != (label == "ready") {
			t.Errorf("%s: snapshotUrl %v", label, job["snapshotUrl"])
		}
		if ended := want == "COMPLETED" || want == "FAILED"; label != "missingFields" &&
			(job["restoreFinishedDate"] != nil) != ended {
			t.Errorf("%s: restoreFinishedDate %v", label, job["restoreFinishedDate"])
		}
	}
	if got := a.job("unknownDeliveryType")["deliveryType"]; got != "STREAMING" {
		t.Errorf("unknown deliveryType %v", got)
	}
	a.clock.advance(30 * time.Second)
	if got := a.job("succeedsSoon")["status"]; got != "COMPLETED" {
		t.Errorf("30 s later: %v", got)
	}
	a.clock.advance(2 * time.Minute)
	if e := a.example("newest"); e.Tier != atlassim.TierFlex {
		t.Errorf("%+v", e)
	}
	if got := a.job("newest")["status"]; got != "QUEUED" && got != "PENDING" && got != "RUNNING" {
		t.Errorf("the newest job: %v", got)
	}
}

func TestTier_hasTheRolesOfItsJobs(t *testing.T) {
	a := newAtlas(t)
	for label, readable := range map[string]bool{"succeeded": false, "flex": true, "dedicated": false, "sharded": false} {
		w := a.send(http.MethodGet, jobPath(a.example(label)), a.as(readerID))
		if readable {
			wantStatus(t, w, http.StatusOK)
		} else {
			wantError(t, w, http.StatusForbidden, "USER_UNAUTHORIZED")
		}
	}
	for _, path := range []string{
		clusters, reporting, reporting + "/backup/snapshots", reporting + "/backup/snapshots/shardedClusters", catalog,
		catalogSnaps,
	} {
		wantStatus(t, a.send(http.MethodGet, path, a.as(readerID)), http.StatusOK)
	}
}

func TestRateLimit_hasABucketForEachEndpointSet(t *testing.T) {
	a := newAtlas(t, atlassim.WithRateLimit(40, 0))
	for i, tc := range []struct{ path, limit, remaining string }{
		{path: clusters, limit: "10000", remaining: "9999"},
		{path: reporting, limit: "10000", remaining: "9998"},
		{path: catalog, limit: "1200", remaining: "1199"},
		{path: groups + atlassim.SeedGroupID + "/flexClusters", limit: "1200", remaining: "1198"},
		{path: catalogJobs, limit: "40", remaining: "39"},
		{path: catalogSnaps, limit: "40", remaining: "38"},
		{path: billing + "/backup/restoreJobs", limit: "40", remaining: "39"},
		{path: reporting + "/backup/snapshots/shardedClusters", limit: "40", remaining: "38"},
		{path: jobs, limit: "40", remaining: "37"}, // serverless and Dedicated backups share theirs
	} {
		h := a.get(tc.path).Header()
		if h.Get("RateLimit-Limit") != tc.limit || h.Get("RateLimit-Remaining") != tc.remaining {
			t.Errorf("%d: %s: limit %q, remaining %q", i, tc.path, h.Get("RateLimit-Limit"), h.Get("RateLimit-Remaining"))
		}
	}
}
