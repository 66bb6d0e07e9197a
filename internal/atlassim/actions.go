package atlassim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

// What a request starts takes these times.
const (
	startedQueued      = 3 * time.Second
	startedRestore     = 40 * time.Second
	startedDownload    = 20 * time.Second
	startedSnapshot    = 15 * time.Second
	downloadLives      = 4 * time.Hour
	maxRequestBody     = 64 << 10
	defaultRetainsDays = 1
)

// actionRoutes are the operations that change something. No recording of a cancel exists.
var actionRoutes = []route{
	{
		operation: "createGroupClusterBackupRestoreJob", method: http.MethodPost, versions: v20230101, set: backupSet,
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs"),
		operators: BackupRecoveryOperator | BackupExportOperator, handle: createRestoreJob,
	},
	{
		operation: "cancelGroupClusterBackupRestoreJob", method: http.MethodDelete, versions: v20230101, set: backupSet,
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}"),
		operators: BackupRecoveryOperator | BackupExportOperator, handle: cancelRestoreJob,
	},
	{
		operation: "takeGroupClusterBackupSnapshots", method: http.MethodPost, versions: v20230101, set: backupSet,
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots"),
		operators: BackupCreator, handle: takeSnapshot,
	},
	{
		operation: "createGroupFlexClusterBackupRestoreJob", method: http.MethodPost, versions: v20241113, set: flexBackupSet,
		segments:  path("/groups/{groupId}/flexClusters/{clusterName}/backup/restoreJobs"),
		operators: BackupRecoveryOperator, handle: createFlexRestoreJob,
	},
	{
		operation: "downloadGroupFlexClusterBackup", method: http.MethodPost, versions: v20241113, set: flexBackupSet,
		segments:  path("/groups/{groupId}/flexClusters/{clusterName}/backup/download"),
		operators: BackupExportOperator, handle: downloadFlexBackup,
	},
}

// actionBody has the members of all bodies that the operations take.
type actionBody struct {
	DeliveryType             string `json:"deliveryType"`
	SnapshotID               string `json:"snapshotId"`
	TargetClusterName        string `json:"targetClusterName"`
	TargetGroupID            string `json:"targetGroupId"`
	TargetDeploymentItemName string `json:"targetDeploymentItemName"`
	TargetProjectID          string `json:"targetProjectId"`
	PointInTimeUTCSeconds    int32  `json:"pointInTimeUTCSeconds"`
	Description              string `json:"description"`
	RetentionInDays          int    `json:"retentionInDays"`
}

// The codes of these errors are inferred, but for those that other operations have as well.
func errBody(detail string) apiError {
	return newError(http.StatusBadRequest, "INVALID_ATTRIBUTE", detail)
}

func errNotCompleted(id string) apiError {
	return newError(http.StatusBadRequest, "SNAPSHOT_NOT_COMPLETED", "The snapshot "+id+" is not completed.", id)
}

func errRestoring(name string) apiError {
	return newError(http.StatusConflict, "CLUSTER_RESTORE_IN_PROGRESS",
		"A restore to the cluster "+name+" is in progress.", name)
}

func errNotCancellable(id string) apiError {
	return newError(http.StatusBadRequest, "CANNOT_CANCEL_RESTORE_JOB", "The restore job "+id+" has ended.", id)
}

// body reads the body of the request.
func (x *exchange) body() (b actionBody, e *apiError) {
	content, err := io.ReadAll(io.LimitReader(x.request.Body, maxRequestBody))
	if err == nil {
		err = json.Unmarshal(content, &b)
	}
	if err != nil {
		invalid := newError(http.StatusBadRequest, "MALFORMED_JSON", "Received JSON is malformed.")
		return b, &invalid
	}
	return b, nil
}

// createRestoreJob is POST …/clusters/{clusterName}/backup/restoreJobs: a restore or a download.
func createRestoreJob(s *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	b, e := x.body()
	if e != nil {
		return e.answer(x.query)
	}
	delivery := deliveryType(b.DeliveryType)
	needs := BackupRecoveryOperator
	if delivery == download {
		needs = BackupExportOperator
	}
	if x.caller.operators()&needs == 0 {
		return errForbidden().answer(x.query)
	}
	j := s.newJob(x, delivery)
	switch delivery {
	case automated, download:
		if j.snapshot, e = x.completedSnapshot(c, b.SnapshotID); e != nil {
			return e.answer(x.query)
		}
	case pointInTime:
		point := time.Unix(int64(b.PointInTimeUTCSeconds), 0)
		if !c.continuous || point.After(x.now) || x.now.Sub(point) > restoreWindowDays*24*time.Hour {
			return errBody("The point in time is outside of the restore window.").answer(x.query)
		}
		j.point.utcSeconds = b.PointInTimeUTCSeconds
	default:
		return errBody("The attribute deliveryType is invalid.").answer(x.query)
	}
	if delivery != download {
		if j.target, e = s.restoreTarget(x, b.TargetGroupID, b.TargetClusterName); e != nil {
			return e.answer(x.query)
		}
	}
	return x.started(c, j, newJobWriter(x, c))
}

// createFlexRestoreJob is POST …/flexClusters/{clusterName}/backup/restoreJobs.
func createFlexRestoreJob(s *Simulator, x *exchange) answer {
	return startFlexJob(s, x, automated)
}

// downloadFlexBackup is POST …/flexClusters/{clusterName}/backup/download.
func downloadFlexBackup(s *Simulator, x *exchange) answer { return startFlexJob(s, x, download) }

func startFlexJob(s *Simulator, x *exchange, delivery deliveryType) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	b, e := x.body()
	if e != nil {
		return e.answer(x.query)
	}
	j := s.newJob(x, delivery)
	if j.snapshot, e = x.completedSnapshot(c, b.SnapshotID); e != nil {
		return e.answer(x.query)
	}
	if delivery == automated {
		groupID := b.TargetProjectID
		if groupID == "" {
			groupID = x.project.id
		}
		if j.target, e = s.restoreTarget(x, groupID, b.TargetDeploymentItemName); e != nil {
			return e.answer(x.query)
		}
	}
	return x.started(c, j, newFlexJobWriter(x, c))
}

// newJob returns a job that begins now.
func (s *Simulator) newJob(x *exchange, delivery deliveryType) *job {
	j := &job{
		id: objectID(x.now, familyStarted, s.added.Add(1)), created: x.now.Truncate(time.Second), deliveryType: delivery,
		schedule: schedule{queued: startedQueued, takes: startedRestore, ends: succeeds},
	}
	if delivery == download {
		j.schedule = schedule{queued: startedQueued, takes: startedDownload, fetchableFor: downloadLives, ends: delivers}
	}
	return j
}

// started adds the job to its cluster, and answers with it.
func (x *exchange) started(c *cluster, j *job, write func(*jsonText, *job)) answer {
	c.jobs.add(j)
	return x.one(func(t *jsonText) { write(t, j) })
}

// completedSnapshot returns the snapshot of an id, from which a job can begin.
func (x *exchange) completedSnapshot(c *cluster, id string) (*snapshot, *apiError) {
	sn := c.snapshotByID[id]
	var e apiError
	switch {
	case sn == nil || x.tier(c) == free:
		e = errNoSnapshot(id, c.name)
	case sn.status(x.now) != snapshotCompleted:
		e = errNotCompleted(id)
	default:
		return sn, nil
	}
	return nil, &e
}

// restoreTarget returns the cluster that a restore overwrites, unless another restore is overwriting it.
func (s *Simulator) restoreTarget(x *exchange, groupID, name string) (target, *apiError) {
	var e apiError
	p := s.store.projects[groupID]
	switch {
	case p == nil || !x.caller.mayRead(groupID):
		e = errNoGroup(groupID)
	case p.byName[name] == nil:
		e = errNoCluster(name, groupID)
	case x.tier(p.byName[name]) == free:
		e = errBody("A restore to the Free cluster " + name + " is not supported.")
	case s.isRestoring(newTarget(groupID, name), x.now):
		e = errRestoring(name)
	default:
		return newTarget(groupID, name), nil
	}
	return target{}, &e
}

// isRestoring reports whether a restore that a request has started is overwriting the cluster.
func (s *Simulator) isRestoring(to target, now time.Time) bool {
	running := func(j *job) bool {
		_, family, _ := splitObjectID(j.id)
		return family == familyStarted && j.target == to && j.schedule.at(j.created, now).phase <= phaseRunning
	}
	for _, p := range s.store.byName {
		for _, c := range p.clusters {
			c.jobs.mu.RLock()
			restoring := slices.ContainsFunc(c.jobs.stored, running)
			c.jobs.mu.RUnlock()
			if restoring {
				return true
			}
		}
	}
	return false
}

// cancelRestoreJob is DELETE …/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}.
func cancelRestoreJob(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	id := x.arguments.restoreJobID
	j := c.jobs.find(id, x.now)
	switch {
	case j == nil || x.tier(c) == free:
		return errNoJob(id, c.name).answer(x.query)
	case j.schedule.at(j.created, x.now).phase > phaseRunning:
		return errNotCancellable(id).answer(x.query)
	}
	cancelled := *j
	cancelled.schedule = schedule{takes: x.now.Sub(j.created), ends: isCancelled}
	c.jobs.replace(&cancelled, x.now)
	return answer{status: http.StatusNoContent, contentType: x.contentType}
}

// takeSnapshot is POST …/clusters/{clusterName}/backup/snapshots.
func takeSnapshot(s *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	if x.tier(c) == free {
		return newError(http.StatusBadRequest, "BACKUP_CONFIG_NOT_FOUND",
			"The cluster "+c.name+" has no backups.", c.name).answer(x.query)
	}
	b, e := x.body()
	if e != nil {
		return e.answer(x.query)
	}
	days := b.RetentionInDays
	if days == 0 {
		days = defaultRetainsDays
	}
	sn := &snapshot{
		id: objectID(x.now, familyStarted, s.added.Add(1)), scheduled: x.now, started: x.now.Add(startedQueued),
		finished: x.now.Add(startedSnapshot), expires: x.now.AddDate(0, 0, days), onDemand: true,
		description: b.Description, version: c.version, bytes: 1 << 30,
	}
	c.snapshots = slices.Insert(slices.Clone(c.snapshots), 0, sn)
	c.snapshotByID[sn.id] = sn
	write := writeClusterSnapshot
	if c.shards > 0 {
		write = writeShardedSnapshot
	}
	return x.one(func(t *jsonText) { write(t, x, c, sn) })
}

// RemoveSnapshot removes a snapshot of a cluster, as its expiry does. It reports whether the snapshot existed.
func (s *Simulator) RemoveSnapshot(groupID, clusterName, snapshotID string) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	c := s.findCluster(groupID, clusterName)
	if c == nil || c.snapshotByID[snapshotID] == nil {
		return false
	}
	delete(c.snapshotByID, snapshotID)
	c.snapshots = slices.DeleteFunc(slices.Clone(c.snapshots), func(sn *snapshot) bool { return sn.id == snapshotID })
	return true
}

// ReplaceCluster gives a cluster another id, as when it is deleted and one of the same name is created. It reports
// whether the cluster existed.
func (s *Simulator) ReplaceCluster(groupID, clusterName string) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	c := s.findCluster(groupID, clusterName)
	if c == nil {
		return false
	}
	c.id = objectID(s.now(), familyStarted, s.added.Add(1))
	return true
}
