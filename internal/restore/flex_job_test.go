package restore

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

func TestStateFromFlexStatus_followsTheStatus(t *testing.T) {
	at := new(time.Date(2025, 5, 4, 9, 42, 0, 0, time.UTC))
	url := new("https://restore.example/x.tgz")
	tests := map[string]struct {
		job    atlas.FlexRestoreJob
		want   State
		failed *bool
	}{
		"pending": {job: atlas.FlexRestoreJob{Status: new("PENDING")}, want: Pending, failed: new(false)},
		"queued":  {job: atlas.FlexRestoreJob{Status: new("QUEUED")}, want: Pending, failed: new(false)},
		"running, with a date to end": {
			job: atlas.FlexRestoreJob{Status: new("RUNNING"), ExpirationDate: at}, want: Running, failed: new(false),
		},
		"failed": {
			job: atlas.FlexRestoreJob{Status: new("FAILED"), RestoreFinishedDate: at}, want: Failed, failed: new(true),
		},
		"a restore": {
			job: atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("RESTORE")}, want: Succeeded,
			failed: new(false),
		},
		"a download": {
			job: atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("DOWNLOAD"), SnapshotURL: url}, want: Ready,
			failed: new(false),
		},
		"a download without its URL": {
			job: atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("DOWNLOAD")}, want: Succeeded,
			failed: new(false),
		},
		"an unknown status": {job: atlas.FlexRestoreJob{Status: new("CLOSED")}, want: StateUnknown, failed: nil},
		"no status":         {job: atlas.FlexRestoreJob{}, want: StateUnknown, failed: nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			job := s.fromFlex(ClusterKey{GroupID: "g", Name: "c"}, &tt.job)
			if job.State != tt.want || job.ServedBy != Flex || job.ClusterName != "c" {
				t.Errorf("got %+v", job)
			}
			if diff := cmp.Diff(tt.failed, job.Failed); diff != "" {
				t.Error(diff)
			}
			if job.Cancelled != nil || job.Expired != nil || job.DesiredTimestamp != nil {
				t.Error("it knows what Flex does not")
			}
		})
	}
}
