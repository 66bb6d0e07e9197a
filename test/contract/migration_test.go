package contract

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// After the sunset each serverless instance is a Flex or a Dedicated cluster. Another API has the same job, with other
// members, and the serverless API does not have it.
func TestSDK_readsTheSameJobAfterTheMigration(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			sdk := e.sdk(t, c)
			before := map[string]*job{}
			for _, x := range e.Examples() {
				if x.Tier == atlassim.TierServerless {
					before[x.Label] = read[job](t, sdk, getJob, placeOf(x))
				}
			}
			e.RetireServerless(true)
			for _, x := range e.Examples() {
				was := before[x.Label]
				switch {
				case was == nil:
				case x.Tier == atlassim.TierFlex:
					sameAsFlex(t, x, was, read[flexJob](t, sdk, getFlexJob, placeOf(x)))
				case x.Tier == atlassim.TierDedicated:
					sameAsDedicated(t, x, was, read[dedicatedJob](t, sdk, getDedicatedJob, placeOf(x)))
				default:
					t.Errorf("%s: the tier is %s", x.Label, x.Tier)
				}
				if was != nil {
					_, got, err := rowOf(t, getJob).call(t.Context(), sdk, placeOf(x))
					if !admin.IsErrorCode(err, "VERSION_GONE") || got.status != http.StatusGone {
						t.Errorf("%s by the serverless API: %v", x.Label, err)
					}
				}
			}
			if len(before) < 19 {
				t.Errorf("there were %d serverless jobs", len(before))
			}
		})
	}
}

// sameAsFlex compares a job with what the Flex API makes of it: other names, a status in place of the flags, and an
// expiration from the beginning.
func sameAsFlex(t *testing.T, x atlassim.Example, was *job, got *flexJob) {
	t.Helper()
	want := flexJob{
		Id: was.Id, InstanceName: &x.ClusterName, ProjectId: &x.GroupID, SnapshotId: was.SnapshotId,
		SnapshotFinishedDate: was.Timestamp, DeliveryType: new(strings.ToUpper(was.DeliveryType)),
		// What the serverless API does not tell.
		RestoreScheduledDate: got.RestoreScheduledDate, RestoreFinishedDate: got.RestoreFinishedDate,
		ExpirationDate: got.ExpirationDate, Status: new("COMPLETED"),
	}
	if was.DeliveryType == "automated" || was.DeliveryType == "pointInTime" {
		want.DeliveryType = new("RESTORE")
	}
	if was.TargetClusterName != "" {
		want.TargetDeploymentItemName, want.TargetProjectId = &was.TargetClusterName, &was.TargetGroupId
	}
	if urls := was.GetDeliveryUrl(); len(urls) > 0 {
		want.SnapshotUrl = &urls[0]
	}
	if was.FinishedAt != nil {
		want.RestoreFinishedDate = was.FinishedAt
	}
	if was.ExpiresAt != nil {
		want.ExpirationDate = was.ExpiresAt
	}
	bare := was.SnapshotId == nil
	switch {
	case was.GetFailed(), was.GetCancelled():
		want.Status = new("FAILED")
	case was.FinishedAt == nil && was.ExpiresAt == nil && !bare: // it has not ended
		want.Status = got.Status
		if !slices.Contains([]string{"PENDING", "QUEUED", "RUNNING"}, got.GetStatus()) || got.RestoreFinishedDate != nil {
			t.Errorf("%s: the status is %s, and it has not ended", x.Label, got.GetStatus())
		}
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", x.Label, diff)
	}
	if ended := got.GetStatus() == "COMPLETED" || got.GetStatus() == "FAILED"; !bare &&
		(got.RestoreScheduledDate == nil || got.ExpirationDate == nil || (got.RestoreFinishedDate != nil) != ended) {
		t.Errorf("%s: status %s, dates %v %v %v", x.Label, got.GetStatus(),
			got.RestoreScheduledDate, got.RestoreFinishedDate, got.ExpirationDate)
	}
}

// sameAsDedicated compares a job with what the API of Dedicated clusters makes of it: the same, at another address.
func sameAsDedicated(t *testing.T, x atlassim.Example, was *job, got *dedicatedJob) {
	t.Helper()
	want := dedicated(*was)
	want.Id, want.SnapshotId, want.DeliveryUrl = was.Id, was.SnapshotId, was.DeliveryUrl
	same(t, got, &want)
	for _, l := range got.GetLinks() {
		if strings.Contains(l.GetHref(), "/serverless/") {
			t.Errorf("%s: a link leads to %s", x.Label, l.GetHref())
		}
	}
}

// The clusters keep their names, ids and lists.
func TestSDK_readsTheSameListsAfterTheMigration(t *testing.T) {
	for _, tt := range []struct {
		tier, groupID, name             string
		getCluster, listJobs, snapshots string
	}{
		{
			tier: "Flex", groupID: seedGroupID, name: atlassim.SeedClusterName, getCluster: "getGroupFlexCluster",
			listJobs: listFlexJobs, snapshots: "listGroupFlexClusterBackupSnapshots",
		},
		{tier: "Dedicated", groupID: atlassim.SeedSecondGroupID, name: atlassim.SeedSecondClusterName,
			getCluster: "getGroupCluster", listJobs: listDedicatedJobs, snapshots: "listGroupClusterBackupSnapshots"},
	} {
		t.Run(tt.tier, func(t *testing.T) {
			e := newEnv(t)
			p := place{groupID: tt.groupID, clusterName: tt.name}
			type shown struct {
				Cluster, Project string
				Jobs, Snapshots  []string
			}
			look := func(getCluster, listJobs, snapshots string) (s shown) {
				cluster, _, err := rowOf(t, getCluster).call(t.Context(), e.sdk(t, ownerAccount), p)
				if err != nil {
					t.Fatal(err)
				}
				project := read[admin.Group](t, e.sdk(t, ownerAccount), "getGroup", p)
				count, err := json.Marshal(project.ClusterCount)
				if err != nil {
					t.Fatal(err)
				}
				s = shown{
					Cluster: asMembers(t, cluster)["id"].(string), Project: string(count), Jobs: e.everyID(t, listJobs, p),
					Snapshots: e.everyID(t, snapshots, p),
				}
				slices.Sort(s.Snapshots) // the Flex API begins with the oldest
				return s
			}
			before := look("getGroupServerlessInstance", listJobs, "listGroupServerlessBackupSnapshots")
			e.RetireServerless(true)
			if diff := cmp.Diff(before, look(tt.getCluster, tt.listJobs, tt.snapshots)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			if len(before.Jobs) == 0 || len(before.Snapshots) == 0 {
				t.Error("there was nothing to migrate")
			}
		})
	}
}

// everyID is a whole list, page by page.
func (e *env) everyID(t *testing.T, operation string, p place) []string {
	t.Helper()
	var ids []string
	for n := 1; ; n++ {
		p.pageNum, p.itemsPerPage = &n, new(200)
		page := e.page(t, ownerAccount, rowOf(t, operation), p).ids()
		if len(page) == 0 {
			return ids
		}
		ids = append(ids, page...)
	}
}
