package contract

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// The operations that show one restore job or snapshot and all of a cluster, by the tier of the cluster.
var (
	getJobOf = map[string]string{
		atlassim.TierServerless: getJob,
		atlassim.TierFlex:       getFlexJob,
		atlassim.TierDedicated:  getDedicatedJob,
	}
	listJobsOf = map[string]string{
		atlassim.TierServerless: listJobs,
		atlassim.TierFlex:       listFlexJobs,
		atlassim.TierDedicated:  listDedicatedJobs,
	}
	getSnapshotOf = map[string]string{
		atlassim.TierServerless: getSnapshot,
		atlassim.TierFlex:       getFlexSnapshot,
		atlassim.TierDedicated:  getWholeSnapshot,
	}
	listSnapshotsOf = map[string]string{
		atlassim.TierServerless: "listGroupServerlessBackupSnapshots",
		atlassim.TierFlex:       "listGroupFlexClusterBackupSnapshots",
		atlassim.TierDedicated:  "listGroupClusterBackupSnapshots",
	}
)

const (
	getFlexJob           = "getGroupFlexClusterBackupRestoreJob"
	listFlexJobs         = "listGroupFlexClusterBackupRestoreJobs"
	getFlexSnapshot      = "getGroupFlexClusterBackupSnapshot"
	getDedicatedJob      = "getGroupClusterBackupRestoreJob"
	listDedicatedJobs    = "listGroupClusterBackupRestoreJobs"
	getWholeSnapshot     = "getGroupClusterBackupSnapshot"
	getShardedSnapshot   = "getGroupClusterBackupSnapshotShardedCluster"
	listShardedSnapshots = "listGroupClusterBackupSnapshotShardedClusters"
)

// playLives requests every job and snapshot, alone and in lists, at several times.
func (e *env) playLives(t *testing.T, bearer string) {
	t.Helper()
	for _, after := range []time.Duration{0, 25 * time.Second, time.Minute, 10 * time.Minute, 45 * time.Minute} {
		e.clock.set(start.Add(after))
		e.playExamples(t, bearer, after == 0)
	}
	e.clock.set(start)
}

// playMigration requests everything again after the sunset, when there are no serverless instances.
func (e *env) playMigration(t *testing.T, bearer string) {
	t.Helper()
	e.RetireServerless(true)
	e.playExamples(t, bearer, true)
	e.RetireServerless(false)
}

// playExamples requests every example from the API of its cluster, and the lists of these clusters: whole, or the first
// pages.
func (e *env) playExamples(t *testing.T, bearer string, whole bool) {
	t.Helper()
	size := "20"
	if whole {
		size = "500"
	}
	var seen []place
	for _, x := range e.Examples() {
		e.playAt(t, rowOf(t, getJobOf[x.Tier]), placeOf(x), bearer, "")
		cluster := place{groupID: x.GroupID, clusterName: x.ClusterName}
		if slices.Contains(seen, cluster) {
			continue
		}
		seen = append(seen, cluster)
		e.playAt(t, rowOf(t, listJobsOf[x.Tier]), cluster, bearer, size)
		e.playAt(t, rowOf(t, listSnapshotsOf[x.Tier]), cluster, bearer, size)
		e.playSnapshots(t, rowOf(t, listSnapshotsOf[x.Tier]), rowOf(t, getSnapshotOf[x.Tier]), cluster, bearer)
	}
	sharded := place{groupID: seedGroupID, clusterName: reporting}
	e.playSnapshots(t, rowOf(t, listShardedSnapshots), rowOf(t, getShardedSnapshot), sharded, bearer)
	for id, single := range map[string]string{
		"listGroupServerlessInstances": "getGroupServerlessInstance",
		"listGroupFlexClusters":        "getGroupFlexCluster",
		"listGroupClusters":            "getGroupCluster",
	} {
		project := place{groupID: seedGroupID}
		for _, cluster := range e.ask(t, rowOf(t, id), project, bearer).Results {
			project.clusterName = cluster.Name
			e.playAt(t, rowOf(t, single), project, bearer, "")
		}
	}
}

// playSnapshots requests the snapshots at both ends of a list: complete ones, and those that are not.
func (e *env) playSnapshots(t *testing.T, list, single operation, p place, bearer string) {
	t.Helper()
	const some = 5
	ids := e.ask(t, list, p, bearer).ids()
	if len(ids) > 2*some {
		ids = slices.Concat(ids[:some], ids[len(ids)-some:])
	}
	for _, p.snapshotID = range ids {
		e.playAt(t, single, p, bearer, "")
	}
}

// ask gets the first page of a list.
func (e *env) ask(t *testing.T, op operation, p place, bearer string) list {
	t.Helper()
	req := e.request(t, op, p, bearer)
	setQuery(req, "itemsPerPage", "100")
	status, body := send(t, req)
	var l list
	if err := json.Unmarshal(body, &l); err != nil || status != http.StatusOK {
		t.Fatalf("%s of %+v: %d %s", op.id, p, status, body)
	}
	return l
}

// playAt requests one resource, or the first pages of a list with a number of items each.
func (e *env) playAt(t *testing.T, op operation, p place, bearer, itemsPerPage string) {
	t.Helper()
	pages := []string{"1"}
	if itemsPerPage != "" {
		pages = append(pages, "2")
	}
	for _, page := range pages {
		req := e.request(t, op, p, bearer)
		if itemsPerPage != "" {
			setQuery(req, "itemsPerPage", itemsPerPage)
			setQuery(req, "pageNum", page)
		}
		if status, body := send(t, req); status != http.StatusOK {
			t.Errorf("%s of %+v, page %s: %d %s", op.id, p, page, status, body)
		}
	}
}
