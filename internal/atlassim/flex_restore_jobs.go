package atlassim

import (
	"strings"
	"time"
)

func newFlexJobWriter(x *exchange, c *cluster) func(*jsonText, *job) {
	return func(t *jsonText, j *job) { writeFlexRestoreJob(t, x, c, j) }
}

// writeFlexRestoreJob writes a job as the Flex API does, alone or in a list: a status and all dates, but no links, and
// nothing that sets a point in time. A download has no target (inferred from the other tiers).
func writeFlexRestoreJob(t *jsonText, x *exchange, c *cluster, j *job) {
	st := j.schedule.at(j.created, x.now)
	t.open()
	t.text("deliveryType", flexDeliveryType(j.deliveryType))
	if !j.minimal {
		t.instant("expirationDate", flexExpiration(j))
	}
	t.text("id", j.id)
	t.text("instanceName", c.name)
	t.text("projectId", c.project.id)
	if !j.minimal {
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

// flexDeliveryType returns the delivery type in the Flex API. It has no point in time: such a job of a serverless
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

// flexStatus returns the status in the Flex API, which has one word for some phases: an expired download stays
// COMPLETED and loses its URL, and a cancelled job is FAILED (both inferred). A queued job is first PENDING and then
// QUEUED; when the one becomes the other is inferred, too.
func flexStatus(j *job, st stage, now time.Time) string {
	if j.flexStatus != "" {
		return j.flexStatus
	}
	switch st.phase {
	case phaseQueued:
		if now.Sub(j.created) < j.schedule.queued/2 {
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

// flexExpiration returns the time six hours after the creation of a job, also of a restore, where it means nothing. Of
// a download it is the end of its URL (inferred: there is no recording of one).
func flexExpiration(j *job) time.Time {
	if j.schedule.fetchableFor > 0 {
		return j.created.Add(j.schedule.takes + j.schedule.fetchableFor)
	}
	return j.created.Add(6 * time.Hour)
}
