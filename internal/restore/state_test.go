package restore

import (
	"log/slog"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// TestState_isReadyForADownloadWithAnyURL holds that the state, what is cached and what is
// withheld have one notion of a download: a sharded cluster's URLs stand in its components.
func TestState_isReadyForADownloadWithAnyURL(t *testing.T) {
	url := new("https://restore.example/x.tar.gz")
	private := []atlas.PrivateURL{{EndpointID: new("vpce-1"), DeliveryURL: url}}
	of := func(deliveryType string, change func(*atlas.DedicatedRestoreJob)) *atlas.DedicatedRestoreJob {
		j := &atlas.DedicatedRestoreJob{ServerlessRestoreJob: atlas.ServerlessRestoreJob{DeliveryType: &deliveryType}}
		change(j)
		return j
	}
	shard := func(c atlas.Component) func(*atlas.DedicatedRestoreJob) {
		return func(j *atlas.DedicatedRestoreJob) { j.Components = []atlas.Component{c} }
	}
	for name, tt := range map[string]struct {
		job  *atlas.DedicatedRestoreJob
		want State
	}{
		"in a component": {job: of("download", shard(atlas.Component{DownloadURL: url})), want: Ready},
		"in a component, privately": {
			job: of("download", shard(atlas.Component{PrivateDownloadDeliveryURLs: private})), want: Ready,
		},
		"privately": {
			job: of("download", func(j *atlas.DedicatedRestoreJob) { j.PrivateDownloadDeliveryURLs = private }), want: Ready,
		},
		"nowhere yet": {job: of("download", shard(atlas.Component{ReplicaSetName: new("shard-0")})), want: Running},
		"for an endpoint, but not yet": {job: of("download", func(j *atlas.DedicatedRestoreJob) {
			j.PrivateDownloadDeliveryURLs = []atlas.PrivateURL{{EndpointID: new("vpce-1")}}
		}), want: Running},
		"but it is no download": {job: of("automated", shard(atlas.Component{DownloadURL: url})), want: Running},
		"but it has expired": {job: of("download", func(j *atlas.DedicatedRestoreJob) {
			j.Components, j.Expired = []atlas.Component{{DownloadURL: url}}, new(true)
		}), want: Expired},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			job := s.fromDedicated(ClusterKey{}, tt.job)
			if job.State != tt.want {
				t.Errorf("got %d, want %d", job.State, tt.want)
			}
			if withheld := job.WithoutDownloads().State; withheld != tt.want {
				t.Errorf("without its URLs it is %d, want %d", withheld, tt.want)
			}
		})
	}
}

func TestStateFromFlags_followsFlagsAndDates(t *testing.T) {
	yes, no := new(true), new(false)
	at := new(time.Date(2025, 5, 4, 9, 42, 0, 0, time.UTC))
	url := []string{"https://restore.example/x.tar.gz"}
	tests := map[string]struct {
		job  atlas.ServerlessRestoreJob
		want State
	}{
		"nothing known": {job: atlas.ServerlessRestoreJob{}, want: Running},
		"all flags false": {
			job: atlas.ServerlessRestoreJob{Failed: no, Cancelled: no, Expired: no}, want: Running,
		},
		"finished":            {job: atlas.ServerlessRestoreJob{Failed: no, FinishedAt: at}, want: Succeeded},
		"failed":              {job: atlas.ServerlessRestoreJob{Failed: yes}, want: Failed},
		"failed and finished": {job: atlas.ServerlessRestoreJob{Failed: yes, FinishedAt: at}, want: Failed},
		"failed and cancelled": {
			job: atlas.ServerlessRestoreJob{Failed: yes, Cancelled: yes, FinishedAt: at}, want: Failed,
		},
		"cancelled and finished": {job: atlas.ServerlessRestoreJob{Cancelled: yes, FinishedAt: at}, want: Cancelled},
		"cancelled and expired":  {job: atlas.ServerlessRestoreJob{Cancelled: yes, Expired: yes}, want: Cancelled},
		"expired": {
			job: atlas.ServerlessRestoreJob{Expired: yes, DeliveryType: new("download"), DeliveryURL: url}, want: Expired,
		},
		"a download being made": {
			job: atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: []string{}}, want: Running,
		},
		"a download with a URL": {
			job: atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url}, want: Ready,
		},
		"a URL but no download": {
			job: atlas.ServerlessRestoreJob{DeliveryType: new("automated"), DeliveryURL: url}, want: Running,
		},
		"an unknown delivery type": {
			job: atlas.ServerlessRestoreJob{DeliveryType: new("streaming"), FinishedAt: at}, want: Succeeded,
		},
		"a finished download with a URL": {
			job: atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url, FinishedAt: at}, want: Succeeded,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil, Options{}, slog.New(slog.DiscardHandler))
			if got := s.fromServerless(ClusterKey{}, &tt.job).State; got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
