package atlassim_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// recent counts the jobs below a path that were made in the month before the clock of
// the simulator.
func (a *atlas) recent(path string) int {
	a.t.Helper()
	type results struct{ Results []struct{ ID string } }
	count := 0
	for _, j := range decode[results](a.t, a.get(path+"/backup/restoreJobs?itemsPerPage=500")).Results {
		if made := createdAt(a.t, j.ID); made.Before(noon) && made.After(noon.AddDate(0, -1, -1)) {
			count++
		}
	}
	return count
}

func TestDemo_hasAMonthOfJobsInEachCluster(t *testing.T) {
	plain, demo := newAtlas(t), newAtlas(t, atlassim.WithRecentJobs())
	for _, path := range []string{
		atlassim.SeedGroupID + "/serverless/" + atlassim.SeedClusterName,
		atlassim.SeedGroupID + "/flexClusters/" + atlassim.SeedFlexClusterName,
		atlassim.SeedGroupID + "/clusters/" + atlassim.SeedReplicaSetClusterName,
		atlassim.SeedGroupID + "/clusters/" + atlassim.SeedDedicatedClusterName,
		atlassim.SeedGroupID + "/flexClusters/" + atlassim.SeedMigratedToFlexName,
		atlassim.SeedGroupID + "/clusters/" + atlassim.SeedMigratedToDedicatedName,
		atlassim.SeedSecondGroupID + "/serverless/" + atlassim.SeedSecondClusterName,
	} {
		if got := demo.recent(groups+path) - plain.recent(groups+path); got < 15 {
			t.Errorf("%s has %d jobs of the last month", path, got)
		}
	}
	for _, path := range []string{"/flexClusters/stock", "/clusters/shipping"} {
		if got := demo.recent(groups + atlassim.DemoGroupID + path); got < 15 {
			t.Errorf("%s has %d jobs of the last month", path, got)
		}
	}
}

func TestDemo_hasAClusterThatCannotBeRead(t *testing.T) {
	a := newAtlas(t, atlassim.WithRecentJobs())
	cluster := groups + atlassim.DemoGroupID + "/clusters/" + atlassim.DemoUnreadableClusterName
	wantStatus(t, a.get(cluster), http.StatusOK)
	for range 3 {
		wantError(t, a.get(cluster+"/backup/restoreJobs"), http.StatusInternalServerError, "UNEXPECTED_ERROR")
		wantError(t, a.get(cluster+"/backup/snapshots"), http.StatusInternalServerError, "UNEXPECTED_ERROR")
	}
}

func TestDemo_isNotThereWithoutItsOption(t *testing.T) {
	wantError(t, newAtlas(t).get(groups+atlassim.DemoGroupID), http.StatusNotFound, "GROUP_NOT_FOUND")
}

func TestDemo_hasJobsWithUniqueIDsAndSnapshots(t *testing.T) {
	a := newAtlas(t, atlassim.WithRecentJobs())
	seen := map[string]bool{}
	for _, cluster := range []string{"/flexClusters/stock", "/clusters/shipping"} {
		path := groups + atlassim.DemoGroupID + cluster + "/backup/"
		type results struct {
			Results []struct{ ID, SnapshotID string }
		}
		for _, j := range decode[results](t, a.get(path+"restoreJobs?itemsPerPage=500")).Results {
			if seen[j.ID] {
				t.Errorf("%s is the id of two jobs", j.ID)
			}
			seen[j.ID] = true
			wantStatus(t, a.get(path+"restoreJobs/"+j.ID), http.StatusOK)
			wantStatus(t, a.get(path+"snapshots/"+j.SnapshotID), http.StatusOK)
		}
	}
}

// createdAt is the moment in an ObjectID.
func createdAt(tb testing.TB, id string) time.Time {
	tb.Helper()
	seconds, err := strconv.ParseInt(id[:8], 16, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return time.Unix(seconds, 0)
}
