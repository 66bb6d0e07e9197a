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
		"pending":                     {atlas.FlexRestoreJob{Status: new("PENDING")}, Pending, new(false)},
		"queued":                      {atlas.FlexRestoreJob{Status: new("QUEUED")}, Pending, new(false)},
		"running, with a date to end": {atlas.FlexRestoreJob{Status: new("RUNNING"), ExpirationDate: at}, Running, new(false)},
		"failed":                      {atlas.FlexRestoreJob{Status: new("FAILED"), RestoreFinishedDate: at}, Failed, new(true)},
		"a restore":                   {atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("RESTORE")}, Succeeded, new(false)},
		"a download":                  {atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("DOWNLOAD"), SnapshotURL: url}, Ready, new(false)},
		"a download without its URL":  {atlas.FlexRestoreJob{Status: new("COMPLETED"), DeliveryType: new("DOWNLOAD")}, Succeeded, new(false)},
		"an unknown status":           {atlas.FlexRestoreJob{Status: new("CLOSED")}, StateUnknown, nil},
		"no status":                   {atlas.FlexRestoreJob{}, StateUnknown, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			job := s.fromFlex(ClusterKey{"g", "c"}, &tt.job)
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
