package resolvers

import (
	"slices"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
)

// The values of the graph, by those of the domain.

var jobStates = [...]model.RestoreJobState{
	restore.StateUnknown: model.RestoreJobStateUnknown,
	restore.Pending:      model.RestoreJobStatePending,
	restore.Running:      model.RestoreJobStateRunning,
	restore.Ready:        model.RestoreJobStateReady,
	restore.Succeeded:    model.RestoreJobStateSucceeded,
	restore.Failed:       model.RestoreJobStateFailed,
	restore.Cancelled:    model.RestoreJobStateCancelled,
	restore.Expired:      model.RestoreJobStateExpired,

	restore.PartiallySucceeded: model.RestoreJobStatePartiallySucceeded,
}

var backupAPIs = [...]model.AtlasBackupAPI{
	restore.Serverless: model.AtlasBackupAPIServerless,
	restore.Flex:       model.AtlasBackupAPIFlex,
	restore.Dedicated:  model.AtlasBackupAPIDedicated,
	restore.Collection: model.AtlasBackupAPICollection,
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

// indexOf returns the index of a value of the graph in one of the tables above; 0, which is unknown,
// where it is in none.
func indexOf[G comparable](table []G, value G) int { return max(0, slices.Index(table, value)) }
