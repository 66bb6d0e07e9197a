package restore

import (
	"log/slog"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

// TestADownloadIsReadyWhereverItsURLStands holds that the state, what is kept and what is
// withheld have one notion of a download: a sharded cluster's URLs stand in its components.
func TestADownloadIsReadyWhereverItsURLStands(t *testing.T) {
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
