package atlassim

import (
	"strings"
	"time"
)

// listFlexRestoreJobs is GET /groups/{groupId}/flexClusters/{name}/backup/restoreJobs, newest first.
func listFlexRestoreJobs(_ *Simulator, x *exchange) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	return x.listJobs(&c.jobs, func(t *jsonText, j *job) { writeFlexRestoreJob(t, x, c, j) })
}

// getFlexRestoreJob is GET /groups/{groupId}/flexClusters/{name}/backup/restoreJobs/{restoreJobId}.
func getFlexRestoreJob(_ *Simulator, x *exchange) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	j := c.jobs.find(x.arguments.restoreJobID, x.now)
	if j == nil {
		return errNoJob(x.arguments.restoreJobID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 640)}
	writeFlexRestoreJob(&t, x, c, j)
	return x.resource(t.buf)
}

// writeFlexRestoreJob writes a job as the Flex API does, alone or in a list: a status and all dates, but no links, and
// nothing that sets a point in time. A download has no target (inferred from the other tiers).
func writeFlexRestoreJob(t *jsonText, x *exchange, c *cluster, j *job) {
	st := j.life.at(j.created, x.now)
	t.open()
	t.text("deliveryType", flexDeliveryType(j.deliveryType))
	if !j.bare {
		t.instant("expirationDate", flexExpiration(j))
	}
	t.text("id", j.id)
	t.text("instanceName", c.name)
	t.text("projectId", c.project.id)
	if !j.bare {
		t.instant("restoreFinishedDate", st.endedAt)
		t.instant("restoreScheduledDate", j.created)
	}
	if j.snapshot != nil {
		t.instant("snapshotFinishedDate", j.snapshot.finished)
		t.text("snapshotId", j.snapshot.id)
	}
	if st.fetchable {
		t.text("snapshotUrl", downloadURL(j, ""))
	}
	t.text("status", flexStatus(j, st, x.now))
	if j.target != (target{}) {
		t.text("targetDeploymentItemName", j.target.clusterName)
		t.text("targetProjectId", j.target.groupID)
	}
	t.close('}')
}

// flexDeliveryType says how a restore reaches its target. Flex knows no point in time: such a job of a serverless
// instance that became a Flex cluster is a restore (inferred).
func flexDeliveryType(d deliveryType) string {
	switch d {
	case automated, pointInTime:
		return "RESTORE"
	case download:
		return "DOWNLOAD"
	default:
		return strings.ToUpper(string(d))
	}
}

// flexStatus says where a job stands. Flex has one word for some of our phases: a download that has expired stays
// COMPLETED and loses its URL, and one that was cancelled has FAILED (both inferred). A job that waits is first PENDING
// and then QUEUED; where the one becomes the other is inferred too.
func flexStatus(j *job, st stage, now time.Time) string {
	if j.flexStatus != "" {
		return j.flexStatus
	}
	switch st.phase {
	case phaseQueued:
		if now.Sub(j.created) < j.life.queued/2 {
			return "PENDING"
		}
		return "QUEUED"
	case phaseRunning:
		return "RUNNING"
	case phaseFailed, phaseCancelled:
		return "FAILED"
	default:
		return "COMPLETED"
	}
}

// flexExpiration is six hours after a job's creation, on restores too, where it means nothing. Of a download it is the
// end of its URL, which the seed's downloads have after six hours as well (inferred: none was seen).
func flexExpiration(j *job) time.Time {
	if j.life.keeps > 0 {
		return j.created.Add(j.life.takes + j.life.keeps)
	}
	return j.created.Add(6 * time.Hour)
}
