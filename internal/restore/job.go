package restore

import (
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// API is one of the APIs of Atlas that have restore jobs.
type API int

// The APIs, named by what their clusters are.
const (
	Serverless API = iota + 1
	Flex
	Dedicated
)

// Key names one restore job. Atlas finds a job below the cluster whose backup it
// restores from, so its id alone is not enough.
type Key struct {
	GroupID     string
	ClusterName string
	JobID       string
}

// Job is one restore job. A nil field was absent from Atlas's answer.
type Job struct {
	Key
	ServedBy API
	State    State

	Cancelled             *bool
	DeliveryType          *DeliveryType
	DeliveryURL           []string
	DesiredTimestamp      *atlas.BSONTimestamp
	Expired               *bool
	ExpiresAt             *time.Time
	Failed                *bool
	FinishedAt            *time.Time
	Links                 []atlas.Link
	OplogInc              *int64
	OplogTs               *int64
	PointInTimeUTCSeconds *int64
	SnapshotID            *string
	TargetClusterName     *string
	TargetGroupID         *string
	Timestamp             *time.Time
}

// DeliveryType is how a job delivers the data.
type DeliveryType int

// The delivery types. Atlas may add others: those are DeliveryUnknown.
const (
	DeliveryUnknown DeliveryType = iota
	Automated
	Download
	PointInTime
)

// fromServerless makes a Job of what the serverless API answered. The key is the
// one that was asked: Atlas names neither project nor instance in such a job.
func (s *Service) fromServerless(key Key, j *atlas.ServerlessRestoreJob) *Job {
	job := &Job{
		Key:                   Key{GroupID: key.GroupID, ClusterName: key.ClusterName, JobID: j.ID},
		ServedBy:              Serverless,
		Cancelled:             j.Cancelled,
		DeliveryURL:           j.DeliveryURL,
		Expired:               j.Expired,
		ExpiresAt:             j.ExpiresAt,
		Failed:                j.Failed,
		FinishedAt:            j.FinishedAt,
		Links:                 j.Links,
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUTCSeconds: j.PointInTimeUTCSeconds,
		SnapshotID:            j.SnapshotID,
		TargetClusterName:     j.TargetClusterName,
		TargetGroupID:         j.TargetGroupID,
		Timestamp:             j.Timestamp,
	}
	// An object in which everything is null means that no time was asked for.
	if t := j.DesiredTimestamp; t != nil && (t.Date != nil || t.Increment != nil) {
		job.DesiredTimestamp = t
	}
	if j.DeliveryType != nil {
		t := s.deliveryType(*j.DeliveryType)
		job.DeliveryType = &t
	}
	job.State = stateFromFlags(job)
	return job
}

func (s *Service) deliveryType(name string) DeliveryType {
	switch name {
	case "automated":
		return Automated
	case "download":
		return Download
	case "pointInTime":
		return PointInTime
	default:
		s.unknown.report("deliveryType", name)
		return DeliveryUnknown
	}
}
