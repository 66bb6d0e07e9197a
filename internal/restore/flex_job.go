package restore

import (
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// FlexStatus is the status that the Flex API gives a restore job or a snapshot.
type FlexStatus int

// The statuses. Atlas may add others: those are FlexUnknown.
const (
	FlexUnknown FlexStatus = iota
	FlexPending
	FlexQueued
	FlexRunning
	FlexFailed
	FlexCompleted
)

var flexStatuses = map[string]FlexStatus{
	"PENDING": FlexPending, "QUEUED": FlexQueued, "RUNNING": FlexRunning, "FAILED": FlexFailed, "COMPLETED": FlexCompleted,
}

func (s *Service) flexStatus(name *string) *FlexStatus {
	if name == nil {
		return nil
	}
	status, ok := flexStatuses[*name]
	if !ok {
		s.unknown.report("status", *name)
	}
	return &status
}

// fromFlex makes a Job of an answer of the Flex API, whose names differ: a project is a group, an instance a cluster,
// dates have other names. Fields that Flex does not have (cancelled, expired, the oplog) stay nil.
func (s *Service) fromFlex(cluster ClusterKey, j *atlas.FlexRestoreJob) *Job {
	job := &Job{
		Key:                      Key{cluster.GroupID, cluster.Name, j.ID},
		ServedBy:                 Flex,
		readAt:                   time.Now(),
		DeliveryType:             s.deliveryType(j.DeliveryType),
		ExpiresAt:                j.ExpirationDate,
		FinishedAt:               j.RestoreFinishedDate,
		Links:                    j.Links,
		SnapshotID:               j.SnapshotID,
		TargetClusterName:        j.TargetDeploymentItemName,
		TargetGroupID:            j.TargetProjectID,
		Timestamp:                j.SnapshotFinishedDate,
		TargetDeploymentItemName: j.TargetDeploymentItemName,
		FlexStatus:               s.flexStatus(j.Status),
		RestoreScheduledDate:     j.RestoreScheduledDate,
	}
	if j.SnapshotURL != nil {
		job.DeliveryURL = []string{*j.SnapshotURL}
	}
	// The one flag that a known status implies.
	if status := job.FlexStatus; status != nil && *status != FlexUnknown {
		job.Failed = new(*status == FlexFailed)
	}
	job.State = stateFromFlexStatus(job)
	return job
}

// stateFromFlexStatus derives the state of a Flex job. Its expirationDate is set from the beginning, on restores too,
// so that it does not mean expired.
func stateFromFlexStatus(j *Job) State {
	if j.FlexStatus == nil {
		return StateUnknown
	}
	switch *j.FlexStatus {
	case FlexPending, FlexQueued:
		return Pending
	case FlexRunning:
		return Running
	case FlexFailed:
		return Failed
	case FlexCompleted:
		if isReady(j) {
			return Ready
		}
		return Succeeded
	case FlexUnknown:
	}
	return StateUnknown
}
