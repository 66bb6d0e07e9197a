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

// The members that every job has but the one that misses nearly all.
var always = []string{
	"cancelled", "deliveryType", "deliveryUrl", "desiredTimestamp", "expired", "failed", "id", "links", "snapshotId",
	"timestamp",
}

func TestJob_hasTheMembersOfItsStage(t *testing.T) {
	onTarget := []string{"targetClusterName", "targetGroupId"}
	a := newAtlas(t)
	for label, tc := range map[string]struct {
		members []string
		values  map[string]any
	}{
		"succeeded": {
			members: append([]string{"finishedAt"}, onTarget...),
			values:  map[string]any{"deliveryType": "automated", "finishedAt": "2025-04-01T09:18:00Z"},
		},
		"failed": {
			members: append([]string{"finishedAt"}, onTarget...), values: map[string]any{"failed": true, "cancelled": false},
		},
		"failedWithoutFinishedAt": {members: onTarget, values: map[string]any{"failed": true}},
		"cancelled":               {members: onTarget, values: map[string]any{"failed": false, "cancelled": true}},
		"failedAndCancelled": {
			members: append([]string{"finishedAt"}, onTarget...), values: map[string]any{"failed": true, "cancelled": true},
		},
		"running": {members: onTarget, values: map[string]any{"failed": false, "cancelled": false, "expired": false}},
		"queued":  {members: onTarget, values: nil},
		"ready": {
			members: []string{"expiresAt"},
			values:  map[string]any{"deliveryType": "download", "expired": false, "expiresAt": "2026-03-05T11:50:00Z"},
		},
		"readySoon": {members: nil, values: map[string]any{"deliveryType": "download"}},
		"expired":   {members: []string{"expiresAt"}, values: map[string]any{"deliveryType": "download", "expired": true}},
		"pointInTime": {members: append([]string{"finishedAt", "pointInTimeUTCSeconds"}, onTarget...),
			values: map[string]any{
				"deliveryType":          "pointInTime",
				"pointInTimeUTCSeconds": float64(time.Date(2025, 4, 5, 1, 12, 33, 0, time.UTC).Unix()),
			}},
		"pointInTimeOplog": {
			members: append([]string{"finishedAt", "oplogInc", "oplogTs"}, onTarget...), values: map[string]any{"oplogInc": 7.0},
		},
		"pointInTimeDesired": {
			members: append([]string{"finishedAt"}, onTarget...), values: map[string]any{"deliveryType": "pointInTime"},
		},
		"unknownDeliveryType": {
			members: append([]string{"finishedAt"}, onTarget...), values: map[string]any{"deliveryType": "streaming"},
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
			urls, ok := job["deliveryUrl"].([]any)
			if !ok || (len(urls) > 0) != (label == "ready") {
				t.Errorf("deliveryUrl %v", job["deliveryUrl"])
			}
		})
	}
}

func TestJob_hasAnObjectAsDesiredTimestamp(t *testing.T) {
	a := newAtlas(t)
	unset := a.job("running")["desiredTimestamp"].(map[string]any)
	for _, name := range []string{"date", "increment", "time"} {
		if v, has := unset[name]; !has || v != nil {
			t.Errorf("%s is %v (present: %v), want null", name, v, has)
		}
	}
	set := a.job("pointInTimeDesired")["desiredTimestamp"].(map[string]any)
	want := time.Date(2025, 4, 7, 1, 12, 33, 0, time.UTC)
	if set["date"] != "2025-04-07T01:12:33Z" || set["increment"] != 3.0 || set["time"] != float64(want.Unix()) {
		t.Errorf("desiredTimestamp %v", set)
	}
}

func TestJob_omitsOptionalFields(t *testing.T) {
	job := newAtlas(t).job("missingFields")
	want := []string{"cancelled", "deliveryType", "expired", "failed", "id"}
	if got := slices.Sorted(maps.Keys(job)); !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
}

func TestJob_hasLinksToItsResources(t *testing.T) {
	a := newAtlas(t)
	e := a.example("succeeded")
	job := decode[struct {
		SnapshotID string
		Timestamp  string
		Links      []link
	}](t, a.get(jobs+"/"+e.RestoreJobID))
	want := []link{
		{Href: "http://atlas.test" + jobs + "/" + e.RestoreJobID, Rel: "self"},
		{Href: "http://atlas.test" + snaps + "/" + job.SnapshotID, Rel: "https://cloud.mongodb.com/snapshot"},
		{Href: "http://atlas.test" + orders, Rel: "https://cloud.mongodb.com/cluster"},
		{Href: "http://atlas.test" + groups + e.GroupID, Rel: "https://cloud.mongodb.com/group"},
	}
	if !slices.Equal(job.Links, want) {
		t.Fatalf("links %v, want %v", job.Links, want)
	}
	for _, k := range job.Links {
		wantStatus(t, a.get(pathOf(t, k.Href)), http.StatusOK)
	}
	snapshot := decode[map[string]any](t, a.get(snaps+"/"+job.SnapshotID))
	if snapshot["createdAt"] != job.Timestamp {
		t.Errorf("timestamp %s, but the snapshot was taken at %v", job.Timestamp, snapshot["createdAt"])
	}
}

func TestJob_advancesWithTheClock(t *testing.T) {
	for label, tc := range map[string]struct {
		after  time.Duration
		before map[string]any
		then   map[string]any
	}{
		"succeedsSoon": {
			after: 30 * time.Second, before: map[string]any{"finishedAt": nil},
			then: map[string]any{"finishedAt": "2026-03-04T12:00:30Z", "failed": false},
		},
		"failsSoon": {
			after: 45 * time.Second, before: map[string]any{"failed": false},
			then: map[string]any{"failed": true, "finishedAt": "2026-03-04T12:00:45Z"},
		},
		"cancelledSoon": {
			after: 50 * time.Second, before: map[string]any{"cancelled": false}, then: map[string]any{"cancelled": true},
		},
		"expiresSoon": {
			after: 60 * time.Second, before: map[string]any{"expired": false},
			then: map[string]any{"expired": true, "expiresAt": "2026-03-04T12:01:00Z"},
		},
		"readySoon": {
			after: 20 * time.Second, before: map[string]any{"expiresAt": nil},
			then: map[string]any{"expiresAt": "2026-03-04T13:00:20Z"},
		},
		"ready": {
			after: 24*time.Hour - 10*time.Minute, before: map[string]any{"expired": false},
			then: map[string]any{"expired": true},
		},
		"queued": {
			after: 298*time.Second + 2*time.Second, before: map[string]any{"finishedAt": nil},
			then: map[string]any{"finishedAt": "2026-03-04T12:05:00Z"},
		},
	} {
		t.Run(label, func(t *testing.T) {
			a := newAtlas(t, atlassim.WithTokenLifetime(48*time.Hour))
			job := jobs + "/" + a.example(label).RestoreJobID
			check := func(want map[string]any) {
				t.Helper()
				got := decode[map[string]any](t, a.get(job))
				for name, value := range want {
					if got[name] != value {
						t.Errorf("%s is %v, want %v", name, got[name], value)
					}
				}
			}
			a.clock.advance(tc.after - time.Nanosecond)
			check(tc.before)
			a.clock.advance(time.Nanosecond)
			check(tc.then)
		})
	}
}

func TestJob_ofTheSeedDoesNotChange(t *testing.T) {
	a := newAtlas(t, atlassim.WithTokenLifetime(1<<62))
	fetch := func(label string) string { return a.get(jobs + "/" + a.example(label).RestoreJobID).Body.String() }
	for _, label := range []string{"running", "succeeded", "expired", "failedAndCancelled"} {
		before := fetch(label)
		a.clock.advance(300 * 24 * time.Hour)
		if after := fetch(label); after != before {
			t.Errorf("%s changed from %s to %s", label, before, after)
		}
	}
}

func TestLiveJobs_appearWithTheClock(t *testing.T) {
	a := newAtlas(t, atlassim.WithTokenLifetime(1<<62))
	first := a.example("newest").RestoreJobID
	total := *a.list(jobs).TotalCount

	a.clock.advance(2*time.Minute - time.Nanosecond)
	if got := a.example("newest").RestoreJobID; got != first {
		t.Errorf("a job came early: %s", got)
	}
	a.clock.advance(time.Nanosecond)
	l := a.list(jobs)
	if *l.TotalCount != total+1 || l.Results[0].ID == first || l.Results[1].ID != first {
		t.Errorf("total %d after %d, newest %s", *l.TotalCount, total, l.Results[0].ID)
	}
	if got := a.example("newest").RestoreJobID; got != l.Results[0].ID {
		t.Errorf("newest example %s, but the list begins with %s", got, l.Results[0].ID)
	}

	a.clock.advance(30 * 24 * time.Hour)
	if got := *a.list(jobs).TotalCount; got != total+239 {
		t.Errorf("%d jobs after a month, want %d", got, total+239)
	}
	wantError(t, a.get(jobs+"/"+first), http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	for _, r := range a.list(jobs + "?itemsPerPage=500").Results {
		if w := a.get(jobs + "/" + r.ID); w.Code != http.StatusOK && w.Code != http.StatusTooManyRequests {
			t.Errorf("listed job %s: status %d", r.ID, w.Code)
		}
	}
}

func TestJob_hasItsCreationTimeInItsID(t *testing.T) {
	a := newAtlas(t)
	if id := a.example("newest").RestoreJobID; !strings.HasPrefix(id, "69a81ec0") { // 2026-03-04T12:00:00Z
		t.Errorf("newest job %s", id)
	}
	if id := a.example("succeeded").RestoreJobID; id != "67ebae01a6713bc8f4000000" {
		t.Errorf("the succeeded job that documents quote has become %s", id)
	}
}

func TestSnapshot_hasStages(t *testing.T) {
	a := newAtlas(t)
	byStatus := map[string]map[string]any{}
	w := a.get(snaps + "?itemsPerPage=500")
	for _, sn := range decode[struct{ Results []map[string]any }](t, w).Results {
		byStatus[sn["status"].(string)] = sn
	}
	for status, complete := range map[string]bool{
		"queued": false, "inProgress": false, "failed": false, "completed": true,
	} {
		sn := byStatus[status]
		if sn == nil {
			t.Errorf("no snapshot is %s", status)
			continue
		}
		if (sn["createdAt"] != nil) != complete || (sn["storageSizeBytes"] != 0.0) != complete {
			t.Errorf("%s: createdAt %v, storageSizeBytes %v", status, sn["createdAt"], sn["storageSizeBytes"])
		}
	}
}
