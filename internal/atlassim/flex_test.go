package atlassim_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	catalog      = groups + atlassim.SeedGroupID + "/flexClusters/" + atlassim.SeedFlexClusterName
	catalogJobs  = catalog + "/backup/restoreJobs"
	catalogSnaps = catalog + "/backup/snapshots"
)

// The members that every Flex job has.
var flexAlways = []string{"deliveryType", "expirationDate", "id", "instanceName", "projectId", "restoreScheduledDate",
	"snapshotFinishedDate", "snapshotId", "status"}

func TestFlexJob_hasTheMembersOfItsStatus(t *testing.T) {
	onTarget := []string{"targetDeploymentItemName", "targetProjectId"}
	ended := append([]string{"restoreFinishedDate"}, onTarget...)
	a := newAtlas(t)
	for label, tc := range map[string]struct {
		members []string
		values  map[string]any
	}{
		"flex": {members: ended, values: map[string]any{
			"deliveryType": "RESTORE", "status": "COMPLETED", "restoreScheduledDate": "2025-04-12T10:24:51Z",
			"restoreFinishedDate": "2025-04-12T10:30:18Z", "expirationDate": "2025-04-12T16:24:51Z",
			"instanceName": atlassim.SeedFlexClusterName, "projectId": atlassim.SeedGroupID,
			"targetDeploymentItemName": atlassim.SeedFlexClusterName, "targetProjectId": atlassim.SeedGroupID,
		}},
		"flexFailed": {members: ended, values: map[string]any{"status": "FAILED"}},
		"flexExpired": {
			members: []string{"restoreFinishedDate"},
			values:  map[string]any{"deliveryType": "DOWNLOAD", "status": "COMPLETED", "expirationDate": "2025-04-14T16:24:51Z"},
		},
		"flexElsewhere": {
			members: ended, values: map[string]any{
				"targetDeploymentItemName": "catalog-audit", "targetProjectId": atlassim.SeedSecondGroupID,
			},
		},
		"flexClosed": {members: ended, values: map[string]any{"status": "CLOSED"}},
		"flexPending": {
			members: onTarget, values: map[string]any{"status": "PENDING", "expirationDate": "2026-03-04T17:59:20Z"},
		},
		"flexQueued":  {members: onTarget, values: map[string]any{"status": "QUEUED"}},
		"flexRunning": {members: onTarget, values: map[string]any{"status": "RUNNING"}},
		"flexReady": {
			members: []string{"restoreFinishedDate", "snapshotUrl"},
			values:  map[string]any{"deliveryType": "DOWNLOAD", "status": "COMPLETED"},
		},
		"flexReadySoon": {members: nil, values: map[string]any{"deliveryType": "DOWNLOAD", "status": "RUNNING"}},
	} {
		t.Run(label, func(t *testing.T) {
			job := a.job(label)
			want := slices.Sorted(slices.Values(slices.Concat(flexAlways, tc.members)))
			if got := slices.Sorted(maps.Keys(job)); !slices.Equal(got, want) {
				t.Errorf("members %v\nwant    %v", got, want)
			}
			for name, value := range tc.values {
				if job[name] != value {
					t.Errorf("%s is %v, want %v", name, job[name], value)
				}
			}
		})
	}
}

func TestFlexJob_advancesWithTheClock(t *testing.T) {
	for label, tc := range map[string]struct {
		after time.Duration
		then  map[string]any
	}{
		"flexSucceedsSoon": {
			after: 30 * time.Second, then: map[string]any{"status": "COMPLETED", "restoreFinishedDate": "2026-03-04T12:00:30Z"},
		},
		"flexFailsSoon": {
			after: 45 * time.Second, then: map[string]any{"status": "FAILED", "restoreFinishedDate": "2026-03-04T12:00:45Z"},
		},
		"flexReadySoon": {
			after: 20 * time.Second, then: map[string]any{"status": "COMPLETED", "restoreFinishedDate": "2026-03-04T12:00:20Z"},
		},
	} {
		a := newAtlas(t)
		path := jobPath(a.example(label))
		a.clock.advance(tc.after - time.Nanosecond)
		if got := decode[map[string]any](t, a.get(path)); got["status"] != "RUNNING" || got["restoreFinishedDate"] != nil {
			t.Errorf("%s before its end: %v", label, got)
		}
		a.clock.advance(time.Nanosecond)
		got := decode[map[string]any](t, a.get(path))
		for name, value := range tc.then {
			if got[name] != value {
				t.Errorf("%s: %s is %v, want %v", label, name, got[name], value)
			}
		}
		if (got["snapshotUrl"] != nil) != (label == "flexReadySoon") {
			t.Errorf("%s: snapshotUrl %v", label, got["snapshotUrl"])
		}
	}
}

func TestFlexJob_losesItsURLAfterSixHours(t *testing.T) {
	a := newAtlas(t, atlassim.WithTokenLifetime(48*time.Hour))
	path := jobPath(a.example("flexReady"))
	want := decode[map[string]any](t, a.get(path))["expirationDate"]
	a.clock.advance(6*time.Hour - 25*time.Minute)
	got := decode[map[string]any](t, a.get(path))
	if got["snapshotUrl"] != nil || got["status"] != "COMPLETED" || got["expirationDate"] != want ||
		want != "2026-03-04T17:35:00Z" {
		t.Errorf("expired: %v", got)
	}
}

func TestFlexLists_haveTheSameResourcesAsGet(t *testing.T) {
	a := newAtlas(t)
	l := decode[struct{ Results []map[string]any }](t, a.get(catalogJobs))
	if len(l.Results) != 100 {
		t.Fatalf("%d jobs on the first page", len(l.Results))
	}
	for _, want := range l.Results[:20] {
		got := decode[map[string]any](t, a.get(catalogJobs+"/"+want["id"].(string)))
		if !maps.Equal(got, want) {
			t.Errorf("alone %v\nin the list %v", got, want)
		}
	}
	if l := a.list(catalogJobs + "?pageNum=2"); len(l.Results) == 0 || l.rel("next") != "" || l.rel("previous") == "" {
		t.Errorf("second page: %d jobs, links %v", len(l.Results), l.Links)
	}
}

func TestFlexSnapshots_areListedOldestFirst(t *testing.T) {
	a := newAtlas(t)
	w := a.get(catalogSnaps + "?itemsPerPage=500")
	wantStatus(t, w, http.StatusOK)
	type snapshot struct{ ID, ScheduledTime, StartTime, FinishTime, Expiration, MongoDBVersion, Status string }
	got := decode[struct{ Results []snapshot }](t, w).Results
	if !slices.IsSortedFunc(got, func(x, y snapshot) int { return compare(x.ScheduledTime, y.ScheduledTime) }) {
		t.Error("not in the order of their dates")
	}
	seen := map[string]bool{}
	for _, sn := range got {
		seen[sn.Status] = true
		if (sn.StartTime != "") != (sn.Status != "QUEUED") ||
			(sn.FinishTime != "") != (sn.Status == "COMPLETED" || sn.Status == "FAILED") {
			t.Errorf("%+v", sn)
		}
	}
	for _, status := range []string{"QUEUED", "RUNNING", "COMPLETED", "FAILED"} {
		if !seen[status] {
			t.Errorf("no snapshot is %s", status)
		}
	}
	if one := decode[snapshot](t, a.get(catalogSnaps+"/"+got[0].ID)); one != got[0] {
		t.Errorf("alone %+v, in the list %+v", one, got[0])
	}
	wantError(t, a.get(catalogSnaps+"/"+noID), http.StatusNotFound, "SNAPSHOT_NOT_FOUND")
	wantError(t, a.get(catalogJobs+"/"+noID), http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
}

func TestFlexAPI_hasItsOwnVersion(t *testing.T) {
	a := newAtlas(t)
	for _, path := range []string{catalog, catalogJobs, catalogSnaps, groups + atlassim.SeedGroupID + "/flexClusters"} {
		w := a.get(path, header("Accept", "application/vnd.atlas.2024-11-13+json"))
		wantStatus(t, w, http.StatusOK)
		if got := w.Header().Get("Content-Type"); got != "application/vnd.atlas.2024-11-13+json;charset=utf-8" {
			t.Errorf("%s: Content-Type %q", path, got)
		}
		wantError(t, a.get(path, header("Accept", "application/vnd.atlas.2024-11-12+json")), http.StatusNotAcceptable,
			"INVALID_VERSION_DATE")
	}
}

func TestFlexCluster_hasItsProvider(t *testing.T) {
	got := decode[map[string]any](t, newAtlas(t).get(catalog))
	want := []string{
		"backupSettings", "clusterType", "connectionStrings", "createDate", "groupId", "id", "mongoDBVersion", "name",
		"providerSettings", "stateName", "tags", "terminationProtectionEnabled", "versionReleaseSystem"}
	if members := slices.Sorted(maps.Keys(got)); !slices.Equal(members, want) {
		t.Errorf("members %v, want %v", members, want)
	}
	if p := got["providerSettings"].(map[string]any); p["providerName"] != "FLEX" || p["diskSizeGB"] != 5.0 {
		t.Errorf("providerSettings %v", p)
	}
}
