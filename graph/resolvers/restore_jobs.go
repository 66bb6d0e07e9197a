package resolvers

import (
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

func jobKey(groupID model.ObjectID, clusterName model.ClusterName, restoreJobID model.ObjectID) restore.Key {
	return restore.Key{GroupID: string(groupID), ClusterName: string(clusterName), JobID: string(restoreJobID)}
}

// serverlessRestoreJob maps a job to the graph; nil stays nil.
func serverlessRestoreJob(j *restore.Job) *model.ServerlessRestoreJob {
	if j == nil {
		return nil
	}
	return &model.ServerlessRestoreJob{
		ID:                    j.JobID,
		GroupID:               model.ObjectID(j.GroupID),
		ClusterName:           model.ClusterName(j.ClusterName),
		State:                 jobStates[j.State],
		ServedBy:              backupAPIs[j.ServedBy],
		Cancelled:             j.Cancelled,
		DeliveryType:          deliveryType(j.DeliveryType),
		DeliveryURL:           j.DeliveryURL,
		DesiredTimestamp:      bsonTimestamp(j.DesiredTimestamp),
		Expired:               j.Expired,
		ExpiresAt:             dateTime(j.ExpiresAt),
		Failed:                j.Failed,
		FinishedAt:            dateTime(j.FinishedAt),
		Links:                 links(j.Links),
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUTCSeconds: j.PointInTimeUTCSeconds,
		SnapshotID:            (*model.ObjectID)(j.SnapshotID),
		TargetClusterName:     (*model.ClusterName)(j.TargetClusterName),
		TargetGroupID:         (*model.ObjectID)(j.TargetGroupID),
		Timestamp:             dateTime(j.Timestamp),
	}
}

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

func deliveryType(t *restore.DeliveryType) *model.DeliveryType {
	if t == nil {
		return nil
	}
	return &deliveryTypes[*t]
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

// links keeps an empty list apart from an absent one.
func links(in []atlas.Link) []*model.Link {
	if in == nil {
		return nil
	}
	out := make([]*model.Link, len(in))
	for i, l := range in {
		out[i] = &model.Link{Href: l.Href, Rel: l.Rel}
	}
	return out
}
