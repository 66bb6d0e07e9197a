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
		"in a component":            {of("download", shard(atlas.Component{DownloadURL: url})), Ready},
		"in a component, privately": {of("download", shard(atlas.Component{PrivateDownloadDeliveryURLs: private})), Ready},
		"privately":                 {of("download", func(j *atlas.DedicatedRestoreJob) { j.PrivateDownloadDeliveryURLs = private }), Ready},
		"nowhere yet":               {of("download", shard(atlas.Component{ReplicaSetName: new("shard-0")})), Running},
		"for an endpoint, but not yet": {of("download", func(j *atlas.DedicatedRestoreJob) {
			j.PrivateDownloadDeliveryURLs = []atlas.PrivateURL{{EndpointID: new("vpce-1")}}
		}), Running},
		"but it is no download": {of("automated", shard(atlas.Component{DownloadURL: url})), Running},
		"but it has expired": {of("download", func(j *atlas.DedicatedRestoreJob) {
			j.Components, j.Expired = []atlas.Component{{DownloadURL: url}}, new(true)
		}), Expired},
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
		"nothing known":                  {atlas.ServerlessRestoreJob{}, Running},
		"all flags false":                {atlas.ServerlessRestoreJob{Failed: no, Cancelled: no, Expired: no}, Running},
		"finished":                       {atlas.ServerlessRestoreJob{Failed: no, FinishedAt: at}, Succeeded},
		"failed":                         {atlas.ServerlessRestoreJob{Failed: yes}, Failed},
		"failed and finished":            {atlas.ServerlessRestoreJob{Failed: yes, FinishedAt: at}, Failed},
		"failed and cancelled":           {atlas.ServerlessRestoreJob{Failed: yes, Cancelled: yes, FinishedAt: at}, Failed},
		"cancelled and finished":         {atlas.ServerlessRestoreJob{Cancelled: yes, FinishedAt: at}, Cancelled},
		"cancelled and expired":          {atlas.ServerlessRestoreJob{Cancelled: yes, Expired: yes}, Cancelled},
		"expired":                        {atlas.ServerlessRestoreJob{Expired: yes, DeliveryType: new("download"), DeliveryURL: url}, Expired},
		"a download being made":          {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: []string{}}, Running},
		"a download with a URL":          {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url}, Ready},
		"a URL but no download":          {atlas.ServerlessRestoreJob{DeliveryType: new("automated"), DeliveryURL: url}, Running},
		"an unknown delivery type":       {atlas.ServerlessRestoreJob{DeliveryType: new("streaming"), FinishedAt: at}, Succeeded},
		"a finished download with a URL": {atlas.ServerlessRestoreJob{DeliveryType: new("download"), DeliveryURL: url, FinishedAt: at}, Succeeded},
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
