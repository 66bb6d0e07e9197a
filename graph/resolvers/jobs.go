package resolvers

import (
	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

func jobKey(groupID model.ObjectID, clusterName model.ClusterName, restoreJobID model.ObjectID) restore.Key {
	return restore.Key{GroupID: string(groupID), ClusterName: string(clusterName), JobID: string(restoreJobID)}
}

// restoreJob maps a job to the type of the tier that served it. It returns nil for nil, and for a job
// of a list that could not be decoded (see addNodeErrors).
func restoreJob(j *restore.Job) model.RestoreJob {
	if j == nil || j.Err != nil {
		return nil
	}
	switch j.ServedBy {
	case restore.Flex:
		return flexRestoreJob(j)
	case restore.Dedicated:
		return dedicatedRestoreJob(j)
	case restore.Collection:
		return collectionRestoreJob(j)
	default:
		return serverlessRestoreJob(j)
	}
}

func serverlessRestoreJob(j *restore.Job) *model.ServerlessRestoreJob {
	if j == nil || j.Err != nil {
		return nil
	}
	return &model.ServerlessRestoreJob{
		Downloads:             downloadsOf(j),
		ID:                    j.JobID,
		GroupID:               model.ObjectID(j.GroupID),
		ClusterName:           model.ClusterName(j.ClusterName),
		State:                 jobStates[j.State],
		ServedBy:              backupAPIs[j.ServedBy],
		CreatedAt:             createdAt(j),
		Cancelled:             j.Cancelled,
		DeliveryType:          deliveryType(j.DeliveryType),
		DeliveryURL:           j.DeliveryURL,
		DesiredTimestamp:      bsonTimestamp(j.DesiredTimestamp),
		Expired:               j.Expired,
		ExpiresAt:             dateTime(j.ExpiresAt),
		Failed:                j.Failed,
		FinishedAt:            dateTime(j.FinishedAt),
		RawLinks:              j.Links,
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUTCSeconds: j.PointInTimeUTCSeconds,
		SnapshotID:            (*model.ObjectID)(j.SnapshotID),
		TargetClusterName:     (*model.ClusterName)(j.TargetClusterName),
		TargetGroupID:         (*model.ObjectID)(j.TargetGroupID),
		Timestamp:             dateTime(j.Timestamp),
	}
}

func dedicatedRestoreJob(j *restore.Job) *model.DedicatedRestoreJob {
	if j == nil || j.Err != nil {
		return nil
	}
	downloads := downloadsOf(j)
	return &model.DedicatedRestoreJob{
		Downloads:             downloads,
		ID:                    j.JobID,
		GroupID:               model.ObjectID(j.GroupID),
		ClusterName:           model.ClusterName(j.ClusterName),
		State:                 jobStates[j.State],
		ServedBy:              backupAPIs[j.ServedBy],
		CreatedAt:             createdAt(j),
		Cancelled:             j.Cancelled,
		DeliveryType:          deliveryType(j.DeliveryType),
		DeliveryURL:           j.DeliveryURL,
		DesiredTimestamp:      bsonTimestamp(j.DesiredTimestamp),
		Expired:               j.Expired,
		ExpiresAt:             dateTime(j.ExpiresAt),
		Failed:                j.Failed,
		FinishedAt:            dateTime(j.FinishedAt),
		RawLinks:              j.Links,
		OplogInc:              j.OplogInc,
		OplogTs:               j.OplogTs,
		PointInTimeUTCSeconds: j.PointInTimeUTCSeconds,
		SnapshotID:            (*model.ObjectID)(j.SnapshotID),
		TargetClusterName:     (*model.ClusterName)(j.TargetClusterName),
		TargetGroupID:         (*model.ObjectID)(j.TargetGroupID),
		Timestamp:             dateTime(j.Timestamp),
		Components: mapAll(j.Components, func(c atlas.Component) *model.RestoreJobComponent {
			return component(downloads, c)
		}),
		PrivateDownloadDeliveryUrls: privateURLs(downloads, j.PrivateDownloadDeliveryURLs),
		TargetDeploymentItemName:    j.TargetDeploymentItemName,
	}
}

func flexRestoreJob(j *restore.Job) *model.FlexRestoreJob {
	if j == nil || j.Err != nil {
		return nil
	}
	out := &model.FlexRestoreJob{
		Downloads:                downloadsOf(j),
		ID:                       j.JobID,
		GroupID:                  model.ObjectID(j.GroupID),
		ClusterName:              model.ClusterName(j.ClusterName),
		State:                    jobStates[j.State],
		ServedBy:                 backupAPIs[j.ServedBy],
		CreatedAt:                createdAt(j),
		DeliveryType:             deliveryType(j.DeliveryType),
		DeliveryURL:              j.DeliveryURL,
		ExpiresAt:                dateTime(j.ExpiresAt),
		Failed:                   j.Failed,
		FinishedAt:               dateTime(j.FinishedAt),
		RawLinks:                 j.Links,
		SnapshotID:               (*model.ObjectID)(j.SnapshotID),
		TargetClusterName:        (*model.ClusterName)(j.TargetClusterName),
		TargetGroupID:            (*model.ObjectID)(j.TargetGroupID),
		Timestamp:                dateTime(j.Timestamp),
		ProjectID:                model.ObjectID(j.GroupID),
		InstanceName:             model.ClusterName(j.ClusterName),
		Status:                   flexStatus(j.FlexStatus),
		SnapshotFinishedDate:     dateTime(j.Timestamp),
		RestoreScheduledDate:     dateTime(j.RestoreScheduledDate),
		RestoreFinishedDate:      dateTime(j.FinishedAt),
		ExpirationDate:           dateTime(j.ExpiresAt),
		TargetDeploymentItemName: j.TargetDeploymentItemName,
		TargetProjectID:          (*model.ObjectID)(j.TargetGroupID),
	}
	if len(j.DeliveryURL) > 0 {
		out.SnapshotURL = &j.DeliveryURL[0]
	}
	return out
}

func createdAt(j *restore.Job) *model.DateTime {
	at := j.CreatedAt()
	if at.IsZero() {
		return nil
	}
	return &model.DateTime{Time: at}
}

func component(of *model.Downloads, c atlas.Component) *model.RestoreJobComponent {
	return &model.RestoreJobComponent{
		Downloads:                   of,
		ReplicaSetName:              c.ReplicaSetName,
		DownloadURL:                 c.DownloadURL,
		PrivateDownloadDeliveryUrls: privateURLs(of, c.PrivateDownloadDeliveryURLs),
	}
}

func privateURLs(of *model.Downloads, urls []atlas.PrivateURL) []*model.PrivateDownloadURL {
	return mapAll(urls, func(u atlas.PrivateURL) *model.PrivateDownloadURL {
		return &model.PrivateDownloadURL{Downloads: of, DeliveryURL: u.DeliveryURL, EndpointID: u.EndpointID}
	})
}
