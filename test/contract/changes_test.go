package contract

import (
	"slices"
	"testing"
	"time"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// A job that a test adds is the first one of its list, runs, ends in time, and is 404 after it was removed: in every
// API.
func TestSDK_readsAddedAndRemovedJobs(t *testing.T) {
	for _, tt := range []struct {
		tier, cluster string
		running       func(t *testing.T, c *admin.APIClient, p place) bool
	}{
		{
			tier: atlassim.TierServerless, cluster: atlassim.SeedClusterName,
			running: func(t *testing.T, c *admin.APIClient, p place) bool {
				t.Helper()
				j := read[job](t, c, getJob, p)
				return j.FinishedAt == nil && !j.GetFailed()
			}},
		{tier: atlassim.TierFlex, cluster: catalog, running: func(t *testing.T, c *admin.APIClient, p place) bool {
			t.Helper()
			return read[flexJob](t, c, getFlexJob, p).GetStatus() == "RUNNING"
		}},
		{tier: atlassim.TierDedicated, cluster: billing, running: func(t *testing.T, c *admin.APIClient, p place) bool {
			t.Helper()
			return read[dedicatedJob](t, c, getDedicatedJob, p).FinishedAt == nil
		}},
		{tier: atlassim.TierDedicated, cluster: reporting, running: func(t *testing.T, c *admin.APIClient, p place) bool {
			t.Helper()
			j := read[dedicatedJob](t, c, getDedicatedJob, p)
			return j.FinishedAt == nil && len(j.GetComponents()) == 3
		}},
	} {
		for _, c := range owners {
			t.Run(tt.cluster+"/"+c.name, func(t *testing.T) {
				e := newEnv(t)
				sdk := e.sdk(t, c)
				p := place{groupID: seedGroupID, clusterName: tt.cluster}
				list := rowOf(t, listJobsOf[tt.tier])
				first := e.page(t, c, list, p)
				e.clock.set(start.Add(time.Second))
				p.restoreJobID = e.AddJob(seedGroupID, tt.cluster, 10*time.Second)

				added := e.page(t, c, list, p)
				if added.Results[0].ID != p.restoreJobID || *added.TotalCount != *first.TotalCount+1 {
					t.Errorf("the list has %d jobs and begins with %s", *added.TotalCount, added.Results[0].ID)
				}
				for after, want := range map[time.Duration]bool{time.Second: true, 10 * time.Second: true, 11 * time.Second: false} {
					e.clock.set(start.Add(after))
					if got := tt.running(t, sdk, p); got != want {
						t.Errorf("after %s it runs: %v", after, got)
					}
				}

				if !e.RemoveJob(seedGroupID, tt.cluster, p.restoreJobID) {
					t.Error("there was nothing to remove")
				}
				_, _, err := rowOf(t, getJobOf[tt.tier]).call(t.Context(), sdk, p)
				if !admin.IsErrorCode(err, "RESTORE_JOB_NOT_FOUND") {
					t.Errorf("after it was removed: %v", err)
				}
				if left := e.page(t, c, list, p); !slices.Equal(left.ids(), first.ids()) {
					t.Errorf("%d jobs are left, not the %d from before", *left.TotalCount, *first.TotalCount)
				}
			})
		}
	}
}

// The pages of the cluster with many jobs have each of them once.
func TestSDK_readsManyJobs(t *testing.T) {
	const jobs = 1234
	e := newEnv(t, atlassim.WithJobs(jobs))
	p := place{groupID: seedGroupID, clusterName: atlassim.BulkClusterName}
	cluster := read[admin.ClusterDescription20240805](t, e.sdk(t, ownerKey), "getGroupCluster", p)
	if cluster.GetClusterType() != "REPLICASET" || !cluster.GetBackupEnabled() {
		t.Errorf("the cluster is %s, with backups %v", cluster.GetClusterType(), cluster.GetBackupEnabled())
	}
	seen := map[string]bool{}
	for n := 1; n <= 4; n++ {
		p.pageNum, p.itemsPerPage = &n, new(500)
		page := e.page(t, ownerKey, rowOf(t, listDedicatedJobs), p)
		if want := []int{500, 500, 234, 0}[n-1]; len(page.Results) != want || *page.TotalCount != jobs {
			t.Errorf("page %d has %d of %d jobs", n, len(page.Results), *page.TotalCount)
		}
		for _, id := range page.ids() {
			seen[id] = true
		}
	}
	if len(seen) != jobs {
		t.Errorf("%d jobs are distinct", len(seen))
	}
}
