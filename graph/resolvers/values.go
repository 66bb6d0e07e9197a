package resolvers

import (
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

var jobStates = [...]model.RestoreJobState{
	restore.StateUnknown: model.RestoreJobStateUnknown,
	restore.Pending:      model.RestoreJobStatePending,
	restore.Running:      model.RestoreJobStateRunning,
	restore.Ready:        model.RestoreJobStateReady,
	restore.Succeeded:    model.RestoreJobStateSucceeded,
	restore.Failed:       model.RestoreJobStateFailed,
	restore.Cancelled:    model.RestoreJobStateCancelled,
	restore.Expired:      model.RestoreJobStateExpired,
}

var backupAPIs = [...]model.AtlasBackupAPI{
	restore.Serverless: model.AtlasBackupAPIServerless,
	restore.Flex:       model.AtlasBackupAPIFlex,
	restore.Dedicated:  model.AtlasBackupAPIDedicated,
}

var deliveryTypes = [...]model.DeliveryType{
	restore.DeliveryUnknown: model.DeliveryTypeUnknown,
	restore.Automated:       model.DeliveryTypeAutomated,
	restore.Download:        model.DeliveryTypeDownload,
	restore.PointInTime:     model.DeliveryTypePointInTime,
}

var flexStatuses = [...]model.FlexRestoreJobStatus{
	restore.FlexUnknown:   model.FlexRestoreJobStatusUnknown,
	restore.FlexPending:   model.FlexRestoreJobStatusPending,
	restore.FlexQueued:    model.FlexRestoreJobStatusQueued,
	restore.FlexRunning:   model.FlexRestoreJobStatusRunning,
	restore.FlexFailed:    model.FlexRestoreJobStatusFailed,
	restore.FlexCompleted: model.FlexRestoreJobStatusCompleted,
}

var snapshotStatuses = [...]model.AtlasSnapshotStatus{
	restore.SnapshotUnknown:    model.AtlasSnapshotStatusUnknown,
	restore.SnapshotPending:    model.AtlasSnapshotStatusPending,
	restore.SnapshotQueued:     model.AtlasSnapshotStatusQueued,
	restore.SnapshotInProgress: model.AtlasSnapshotStatusInProgress,
	restore.SnapshotCompleted:  model.AtlasSnapshotStatusCompleted,
	restore.SnapshotFailed:     model.AtlasSnapshotStatusFailed,
}

func deliveryType(t *restore.DeliveryType) *model.DeliveryType {
	if t == nil {
		return nil
	}
	return &deliveryTypes[*t]
}

func flexStatus(s *restore.FlexStatus) *model.FlexRestoreJobStatus {
	if s == nil {
		return nil
	}
	return &flexStatuses[*s]
}

func snapshotStatus(s *restore.SnapshotStatus) *model.AtlasSnapshotStatus {
	if s == nil {
		return nil
	}
	return &snapshotStatuses[*s]
}

// indexOf is where the graph's value stands in one of the tables above.
func indexOf[G comparable](table []G, value G) int {
	for i, v := range table {
		if v == value {
			return i
		}
	}
	return 0
}

func bsonTimestamp(t *atlas.BSONTimestamp) *model.BSONTimestamp {
	if t == nil {
		return nil
	}
	return &model.BSONTimestamp{Date: dateTime(t.Date), Increment: t.Increment}
}

func dateTime(t *time.Time) *model.DateTime {
	if t == nil {
		return nil
	}
	return &model.DateTime{Time: *t}
}

func madeAt(j *restore.Job) *model.DateTime {
	at := j.CreatedAt()
	if at.IsZero() {
		return nil
	}
	return &model.DateTime{Time: at}
}

// jobLinks decodes the links of a job.
func jobLinks(raw atlas.Links) ([]*model.AtlasLink, error) {
	all, err := raw.All()
	return links(all), err
}

func links(in []atlas.Link) []*model.AtlasLink {
	return mapAll(in, func(l atlas.Link) *model.AtlasLink { return &model.AtlasLink{Href: l.Href, Rel: l.Rel} })
}

// mapAll maps a list; an absent one stays absent, and an empty one empty.
func mapAll[From, To any](in []From, to func(From) To) []To {
	if in == nil {
		return nil
	}
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = to(v)
	}
	return out
}
