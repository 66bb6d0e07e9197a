package atlassim_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const (
	clusters   = groups + atlassim.SeedGroupID + "/clusters"
	reporting  = clusters + "/" + atlassim.SeedDedicatedClusterName
	billing    = clusters + "/" + atlassim.SeedReplicaSetClusterName
	newsletter = clusters + "/" + atlassim.SeedMigratedToFreeName
)

func TestDedicatedJob_hasTheMembersOfItsStage(t *testing.T) {
	onTarget := []string{"targetClusterName", "targetDeploymentItemName", "targetGroupId"}
	ended := append([]string{"finishedAt"}, onTarget...)
	a := newAtlas(t)
	for label, tc := range map[string]struct {
		members []string
		values  map[string]any
	}{
		"dedicated": {
			members: ended, values: map[string]any{"deliveryType": "automated", "finishedAt": "2025-04-02T11:08:36Z",
				"targetClusterName": atlassim.SeedReplicaSetClusterName, "targetGroupId": atlassim.SeedGroupID}},
		"dedicatedFailed":             {members: ended, values: map[string]any{"failed": true, "cancelled": false}},
		"dedicatedCancelled":          {members: onTarget, values: map[string]any{"failed": false, "cancelled": true}},
		"dedicatedFailedAndCancelled": {members: ended, values: map[string]any{"failed": true, "cancelled": true}},
		"dedicatedExpired": {
			members: []string{"expiresAt"}, values: map[string]any{"deliveryType": "download", "expired": true},
		},
		"dedicatedPointInTime": {
			members: append([]string{"pointInTimeUTCSeconds"}, ended...), values: map[string]any{"deliveryType": "pointInTime"},
		},
		"dedicatedOplog": {
			members: append([]string{"oplogInc", "oplogTs"}, ended...), values: map[string]any{"oplogInc": 4.0},
		},
		"dedicatedElsewhere": {
			members: ended, values: map[string]any{
				"targetClusterName": "billing-audit", "targetGroupId": atlassim.SeedSecondGroupID,
			},
		},
		"dedicatedQueued": {members: onTarget, values: map[string]any{"failed": false}},
		"dedicatedRunning": {
			members: onTarget, values: map[string]any{"failed": false, "cancelled": false, "expired": false},
		},
		"dedicatedReady": {
			members: []string{"expiresAt", "privateDownloadDeliveryUrls"},
			values:  map[string]any{"expiresAt": "2026-03-05T11:31:00Z"},
		},
		"dedicatedReadySoon": {members: nil, values: map[string]any{"deliveryType": "download"}},
		"sharded":            {members: append([]string{"components"}, ended...), values: nil},
		"shardedRunning":     {members: append([]string{"components"}, onTarget...), values: nil},
		"shardedReady": {
			members: []string{"components", "expiresAt"}, values: map[string]any{"deliveryType": "download"},
		},
	} {
		t.Run(label, func(t *testing.T) {
			job := a.job(label)
			want := slices.Sorted(slices.Values(slices.Concat(always, tc.members)))
			if got := slices.Sorted(maps.Keys(job)); !slices.Equal(got, want) {
				t.Errorf("members %v\nwant    %v", got, want)
			}
			for name, value := range tc.values {
				if job[name] != value {
					t.Errorf("%s is %v, want %v", name, job[name], value)
				}
			}
			if urls := job["deliveryUrl"].([]any); (len(urls) > 0) != (label == "dedicatedReady") {
				t.Errorf("deliveryUrl %v", urls)
			}
		})
	}
}

func TestDedicatedJob_hasAURLForEachShard(t *testing.T) {
	a := newAtlas(t)
	type private struct{ DeliveryURL, EndpointID string }
	type job struct {
		Links      []link
		Components []struct {
			ReplicaSetName, DownloadURL string
			PrivateDownloadDeliveryURLs []private
		}
	}
	ready := decode[job](t, a.get(jobPath(a.example("shardedReady"))))
	urls := map[string]bool{}
	for _, c := range ready.Components {
		urls[c.DownloadURL] = true
		if !strings.HasPrefix(c.ReplicaSetName, "atlas-") || len(c.PrivateDownloadDeliveryURLs) != 1 ||
			!strings.HasPrefix(c.PrivateDownloadDeliveryURLs[0].EndpointID, "vpce-") {
			t.Errorf("component %+v", c)
		}
	}
	if len(ready.Components) != 3 || len(urls) != 3 || urls[""] {
		t.Errorf("components %+v", ready.Components)
	}
	for _, k := range ready.Links {
		wantStatus(t, a.get(pathOf(t, k.Href)), http.StatusOK)
	}
	soon := jobPath(a.example("shardedReadySoon"))
	if c := decode[job](t, a.get(soon)).Components; len(c) != 3 || c[0].DownloadURL != "" {
		t.Errorf("before it is ready: %+v", c)
	}
	a.clock.advance(20 * time.Second)
	if c := decode[job](t, a.get(soon)).Components; c[0].DownloadURL == "" || c[0].PrivateDownloadDeliveryURLs != nil {
		t.Errorf("once it is ready: %+v", c)
	}
}

func TestShardedSnapshots_haveMembersAndNoPages(t *testing.T) {
	a := newAtlas(t)
	type snapshot struct {
		ID, Status, Type string
		ReplicaSetName   *string
		SnapshotIDs      []string
		Members          []struct{ ID, CloudProvider, ReplicaSetName string }
		Links            []link
	}
	path := reporting + "/backup/snapshots"
	l := decode[struct {
		Results []snapshot
		Links   []link
	}](t, a.get(path+"/shardedClusters?itemsPerPage=1&pageNum=7"))
	total := *a.list(path).TotalCount
	if len(l.Results) != total || len(l.Links) != 1 || l.Links[0].Href != "http://atlas.test"+path+"/shardedClusters" {
		t.Errorf("%d of %d snapshots, links %v", len(l.Results), total, l.Links)
	}
	for _, sn := range l.Results {
		one := decode[snapshot](t, a.get(path+"/shardedCluster/"+sn.ID))
		if one.ID != sn.ID || one.Type != "shardedCluster" || len(one.Members) != len(one.SnapshotIDs) ||
			(len(one.Members) == 3) != (sn.Status == "completed") {
			t.Errorf("%+v", one)
		}
		for i, m := range one.Members {
			if m.ID != one.SnapshotIDs[i] || m.ReplicaSetName == "" || m.CloudProvider == "" {
				t.Errorf("member %+v", m)
			}
		}
		wantStatus(t, a.get(pathOf(t, one.Links[0].Href)), http.StatusOK)
		if plain := decode[snapshot](t, a.get(path+"/"+sn.ID)); plain.Type != "shardedCluster" ||
			plain.ReplicaSetName != nil || plain.Members != nil {
			t.Errorf("%+v", plain)
		}
	}
	// A replica set has none of these.
	if l := a.list(billing + "/backup/snapshots/shardedClusters"); len(l.Results) != 0 {
		t.Errorf("%d sharded snapshots of a replica set", len(l.Results))
	}
	id := a.list(billing + "/backup/snapshots").Results[0].ID
	wantError(t, a.get(billing+"/backup/snapshots/shardedCluster/"+id), http.StatusNotFound, "SNAPSHOT_NOT_FOUND")
}

func TestDedicatedSnapshot_getsItsMembersOneByOne(t *testing.T) {
	a := newAtlas(t)
	path := billing + "/backup/snapshots/"
	queued := a.list(billing + "/backup/snapshots").Results[0].ID // it waits a minute, and takes three
	for _, step := range []struct {
		after                        time.Duration
		status                       string
		version, provider, createdAt bool
	}{
		{after: 0, status: "queued", version: false, provider: false, createdAt: false},
		{after: time.Minute, status: "inProgress", version: true, provider: false, createdAt: false},
		{after: 2 * time.Minute, status: "inProgress", version: true, provider: true, createdAt: false},
		{after: time.Minute, status: "completed", version: true, provider: true, createdAt: true},
	} {
		a.clock.advance(step.after)
		got := decode[map[string]any](t, a.get(path+queued))
		if got["status"] != step.status || (got["mongodVersion"] != nil) != step.version ||
			(got["cloudProvider"] != nil) != step.provider || (got["createdAt"] != nil) != step.createdAt ||
			(got["storageSizeBytes"] != 0.0) != step.createdAt {
			t.Errorf("want %+v, got %v", step, got)
		}
		if got["replicaSetName"] != atlassim.SeedReplicaSetClusterName || got["frequencyType"] != "ondemand" ||
			got["masterKeyUUID"] == nil {
			t.Errorf("%v", got)
		}
	}
}

func TestCluster_isServedInTwoVersions(t *testing.T) {
	a := newAtlas(t)
	for _, tc := range []struct {
		date, version       string
		deprecation, sunset string
	}{
		{date: "2025-03-12", version: "2024-08-05", deprecation: "", sunset: ""},
		{date: "2024-08-05", version: "2024-08-05", deprecation: "", sunset: ""},
		{
			date: "2024-08-04", version: "2023-02-01", deprecation: "Mon, 5 Aug 2024 00:00:00 GMT",
			sunset: "Thu, 1 Jul 2027 00:00:00 GMT",
		},
		{
			date: "2023-02-01", version: "2023-02-01", deprecation: "Mon, 5 Aug 2024 00:00:00 GMT",
			sunset: "Thu, 1 Jul 2027 00:00:00 GMT",
		},
	} {
		for _, path := range []string{clusters, reporting, newsletter} {
			w := a.get(path, header("Accept", "application/vnd.atlas."+tc.date+"+json"))
			wantStatus(t, w, http.StatusOK)
			h := w.Header()
			if got := h.Get("Content-Type"); got != "application/vnd.atlas."+tc.version+"+json;charset=utf-8" {
				t.Errorf("%s for %s: Content-Type %q", path, tc.date, got)
			}
			if h.Get("Deprecation") != tc.deprecation || h.Get("Sunset") != tc.sunset {
				t.Errorf("%s for %s: Deprecation %q, Sunset %q", path, tc.date, h.Get("Deprecation"), h.Get("Sunset"))
			}
		}
		got := decode[struct {
			DiskSizeGB       *float64
			ReplicationSpecs []struct{ NumShards *int }
		}](t, a.get(reporting, header("Accept", "application/vnd.atlas."+tc.date+"+json")))
		old := tc.version == "2023-02-01"
		if (got.DiskSizeGB != nil) != old || (len(got.ReplicationSpecs) == 1) != old ||
			(got.ReplicationSpecs[0].NumShards != nil) != old {
			t.Errorf("%s: %+v", tc.date, got)
		}
	}
	wantError(t, a.get(reporting, header("Accept", "application/vnd.atlas.2023-01-31+json")), http.StatusNotAcceptable,
		"INVALID_VERSION_DATE")
}

func TestCluster_repeatsItsParameterInTheLink(t *testing.T) {
	a := newAtlas(t)
	for query, want := range map[string]string{
		"": "?includeCount=true&includeDeletedWithRetainedBackups=false&pageNum=1&itemsPerPage=100",
		"?includeDeletedWithRetainedBackups=true": "?includeCount=true&includeDeletedWithRetainedBackups=true&pageNum=1&itemsPerPage=100",
	} {
		if got := a.list(clusters + query).rel("self"); got != "http://atlas.test"+clusters+want {
			t.Errorf("self %q", got)
		}
	}
}

func TestFreeCluster_hasNoBackups(t *testing.T) {
	a := newAtlas(t)
	got := decode[struct {
		BackupEnabled    bool
		ReplicationSpecs []struct {
			RegionConfigs []struct {
				ProviderName   string
				ElectableSpecs struct{ InstanceSize string }
			}
		}
	}](t, a.get(newsletter))
	region := got.ReplicationSpecs[0].RegionConfigs[0]
	if got.BackupEnabled || region.ProviderName != "TENANT" || region.ElectableSpecs.InstanceSize != "M0" {
		t.Errorf("%+v", got)
	}
	for _, path := range []string{"/backup/restoreJobs", "/backup/snapshots", "/backup/snapshots/shardedClusters"} {
		if l := a.list(newsletter + path); l.Results == nil || len(l.Results) != 0 || *l.TotalCount != 0 {
			t.Errorf("%s: %+v", path, l)
		}
	}
	wantError(t, a.get(newsletter+"/backup/restoreJobs/"+noID), http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	wantError(t, a.get(newsletter+"/backup/snapshots/"+noID), http.StatusNotFound, "SNAPSHOT_NOT_FOUND")
}
