package restore

import (
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Job is one restore job, under one set of names whichever API it came from. A nil
// field is one that Atlas left out, or that the API does not have.
type Job struct {
	Key
	ServedBy Tier
	State    State

	DeliveryType      *DeliveryType
	DeliveryURL       []string
	ExpiresAt         *time.Time
	Failed            *bool
	FinishedAt        *time.Time
	Links             atlas.Links
	SnapshotID        *string
	TargetClusterName *string
	TargetGroupID     *string
	Timestamp         *time.Time

	// Of serverless and Dedicated jobs.
	Cancelled             *bool
	DesiredTimestamp      *atlas.BSONTimestamp
	Expired               *bool
	OplogInc              *int64
	OplogTs               *int64
	PointInTimeUTCSeconds *int64

	// Of Dedicated jobs.
	Components                  []atlas.Component
	PrivateDownloadDeliveryURLs []atlas.PrivateURL

	// Of Dedicated and Flex jobs.
	TargetDeploymentItemName *string

	// Of Flex jobs.
	FlexStatus           *FlexStatus
	RestoreScheduledDate *time.Time

	// Collections is what only collection restores have; nil of every other job.
	Collections *CollectionRestore

	// DownloadsWithheld is true when the URLs were removed, because the caller may not read them: see WithoutDownloads.
	DownloadsWithheld bool

	// Err is the error because of which the job could not be decoded, or nil. It is set in lists alone, and only the Key
	// and ServedBy of such a job are known.
	Err error

	// readAt is when Atlas answered. A job may be cached after the page on which it stands was.
	readAt time.Time
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

// deliveryTypes are by their names in all three APIs.
var deliveryTypes = map[string]DeliveryType{
	"automated": Automated, "download": Download, "pointInTime": PointInTime,
	"RESTORE": Automated, "DOWNLOAD": Download,
}

func (s *Service) deliveryType(name *string) *DeliveryType {
	if name == nil {
		return nil
	}
	t, ok := deliveryTypes[*name]
	if !ok {
		s.unknown.report("deliveryType", *name)
	}
	return &t
}

// fromServerless makes a Job of an answer of the serverless API. Atlas names neither project nor instance in it: they
// are those of the request.
func (s *Service) fromServerless(cluster ClusterKey, j *atlas.ServerlessRestoreJob) *Job {
	job := &Job{
		Key:                   Key{cluster.GroupID, cluster.Name, j.ID},
		ServedBy:              Serverless,
		readAt:                time.Now(),
		Cancelled:             j.Cancelled,
		DeliveryType:          s.deliveryType(j.DeliveryType),
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
	// An object in which all is null means that no time was asked for.
	if t := j.DesiredTimestamp; t != nil && (t.Date != nil || t.Increment != nil) {
		job.DesiredTimestamp = t
	}
	job.State = stateFromFlags(job)
	return job
}

// malformedJob returns the function that makes jobs of an API that stand on a list and cannot be decoded.
func malformedJob(tier Tier) func(ClusterKey, *atlas.MalformedResult) *Job {
	return func(cluster ClusterKey, m *atlas.MalformedResult) *Job {
		if m.ID == "" {
			return nil
		}
		return &Job{Key: Key{cluster.GroupID, cluster.Name, m.ID}, ServedBy: tier, Err: m.Err, readAt: time.Now()}
	}
}

// fromDedicated makes a Job of an answer of the Dedicated API, which has the fields of a serverless job and more.
func (s *Service) fromDedicated(cluster ClusterKey, j *atlas.DedicatedRestoreJob) *Job {
	job := s.fromServerless(cluster, &j.ServerlessRestoreJob)
	job.ServedBy = Dedicated
	job.Components = j.Components
	job.PrivateDownloadDeliveryURLs = j.PrivateDownloadDeliveryURLs
	job.TargetDeploymentItemName = j.TargetDeploymentItemName
	// Once more, now that all fields are set.
	job.State = stateFromFlags(job)
	return job
}
