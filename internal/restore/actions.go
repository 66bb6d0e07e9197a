package restore

import (
	"context"
	"log/slog"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Actions changes something in Atlas, with a client of its own (atlas.WithActions). Each method sends one request, and
// never a second one; with an *atlas.Error that is Uncertain Atlas may have executed it. The caller has checked that it
// may be sent. Actions is safe for concurrent use.
type Actions struct {
	atlas *atlas.Client
	// service maps the answers; it reads nothing.
	service *Service
}

// NewActions returns Actions that use client and log to logger.
func NewActions(client *atlas.Client, logger *slog.Logger) *Actions {
	return &Actions{atlas: client, service: &Service{unknown: unknownValues{logger: logger}}}
}

// Order is a restore that is to be started: of a snapshot or, where that is empty, of a point in time.
type Order struct {
	Source      ClusterKey
	Tier        Tier // of Source: Flex or Dedicated
	SnapshotID  string
	PointInTime time.Time // in whole seconds; of a Dedicated cluster
	Target      ClusterKey
}

// Restore starts a restore, which replaces all data of the target: Atlas operation createGroupClusterBackupRestoreJob or
// createGroupFlexClusterBackupRestoreJob.
func (a *Actions) Restore(ctx context.Context, o Order) (*Job, error) {
	if o.Tier == Flex {
		return a.flexJob(o.Source)(a.atlas.CreateFlexRestoreJob(ctx, o.Source.GroupID, o.Source.Name,
			atlas.FlexRestoreRequest{
				SnapshotID: o.SnapshotID, TargetProjectID: o.Target.GroupID, TargetClusterName: o.Target.Name,
			}))
	}
	request := atlas.DedicatedRestoreRequest{
		DeliveryType: "automated", SnapshotID: o.SnapshotID,
		TargetGroupID: o.Target.GroupID, TargetClusterName: o.Target.Name,
	}
	if o.SnapshotID == "" {
		request.DeliveryType, request.PointInTimeUTCSeconds = "pointInTime", o.PointInTime.Unix()
	}
	return a.dedicatedJob(ctx, o.Source, request)
}

// Download starts a download of a snapshot: Atlas operation createGroupClusterBackupRestoreJob or
// downloadGroupFlexClusterBackup. Tier is that of the cluster: Flex or Dedicated.
func (a *Actions) Download(ctx context.Context, tier Tier, key SnapshotKey) (*Job, error) {
	if tier == Flex {
		return a.flexJob(key.Cluster())(a.atlas.DownloadFlexBackup(ctx, key.GroupID, key.ClusterName, key.SnapshotID))
	}
	return a.dedicatedJob(ctx, key.Cluster(),
		atlas.DedicatedRestoreRequest{DeliveryType: "download", SnapshotID: key.SnapshotID})
}

func (a *Actions) dedicatedJob(ctx context.Context, source ClusterKey, r atlas.DedicatedRestoreRequest) (*Job, error) {
	job, err := a.atlas.CreateDedicatedRestoreJob(ctx, source.GroupID, source.Name, r)
	if err != nil {
		return nil, err
	}
	return a.service.fromDedicated(source, job), nil
}

// flexJob returns a function that maps an answer of the Flex API.
func (a *Actions) flexJob(source ClusterKey) func(*atlas.FlexRestoreJob, error) (*Job, error) {
	return func(job *atlas.FlexRestoreJob, err error) (*Job, error) {
		if err != nil {
			return nil, err
		}
		return a.service.fromFlex(source, job), nil
	}
}

// Cancel cancels a restore job of a Dedicated cluster: Atlas operation cancelGroupClusterBackupRestoreJob.
func (a *Actions) Cancel(ctx context.Context, key Key) error {
	return a.atlas.CancelDedicatedRestoreJob(ctx, key.GroupID, key.ClusterName, key.JobID)
}

// TakeSnapshot takes a snapshot of a Dedicated cluster: Atlas operation takeGroupClusterBackupSnapshots.
func (a *Actions) TakeSnapshot(
	ctx context.Context, cluster ClusterKey, description string, retentionDays int,
) (*Snapshot, error) {
	s, err := a.atlas.TakeSnapshot(ctx, cluster.GroupID, cluster.Name,
		atlas.SnapshotRequest{Description: description, RetentionInDays: retentionDays})
	if err != nil {
		return nil, err
	}
	return a.service.snapshotFromDedicated(cluster, s), nil
}
