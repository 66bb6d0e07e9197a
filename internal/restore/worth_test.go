package restore

import (
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

func TestWhatIsKeptNeverOutlivesItsDownloadURLs(t *testing.T) {
	keep := CacheSettings{Final: time.Hour, Running: time.Minute}
	url := []string{"https://restore.example/x.tar.gz"}
	tests := map[string]struct {
		job  Job
		left time.Duration // until it expires; 0 for no such date
		want time.Duration
	}{
		"running":                             {Job{State: Running}, 0, time.Minute},
		"succeeded":                           {Job{State: Succeeded}, 0, time.Hour},
		"ready for long":                      {Job{State: Ready, DeliveryURL: url}, 2 * time.Hour, time.Minute},
		"ready for a second":                  {Job{State: Ready, DeliveryURL: url}, time.Second, time.Second},
		"ready, and past its end":             {Job{State: Ready, DeliveryURL: url}, -time.Second, 0},
		"ready, without an end":               {Job{State: Ready, DeliveryURL: url}, 0, time.Minute},
		"final, with a URL":                   {Job{State: Succeeded, DeliveryURL: url}, time.Second, time.Second},
		"final, with a URL without an end":    {Job{State: Succeeded, DeliveryURL: url}, 0, time.Minute},
		"final, without, past its end":        {Job{State: Succeeded, DeliveryURL: []string{}}, -time.Second, time.Hour},
		"expired, with a URL":                 {Job{State: Expired, DeliveryURL: url}, -time.Second, 0},
		"expired, without":                    {Job{State: Expired}, -time.Second, time.Hour},
		"a sharded one":                       {Job{State: Running, Components: []atlas.Component{{}, {DownloadURL: &url[0]}}}, time.Second, time.Second},
		"a sharded one without URLs":          {Job{State: Running, Components: []atlas.Component{{}}}, -time.Second, time.Minute},
		"one by a private endpoint":           {Job{State: Running, PrivateDownloadDeliveryURLs: []atlas.PrivateURL{{DeliveryURL: &url[0]}}}, time.Second, time.Second},
		"a sharded one by a private endpoint": {Job{State: Running, Components: []atlas.Component{{PrivateDownloadDeliveryURLs: []atlas.PrivateURL{{DeliveryURL: &url[0]}}}}}, time.Second, time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				job := tt.job
				if tt.left != 0 {
					job.ExpiresAt = new(time.Now().Add(tt.left))
				}
				if got, _ := keep.job(&job); got != tt.want {
					t.Errorf("kept for %s, want %s", got, tt.want)
				}
				// A list is kept no longer than any of its jobs, and no longer than what can change.
				list := &page[*Job]{items: []*Job{{State: Succeeded}, &job}}
				if got, _ := keep.jobs(list); got != min(tt.want, keep.Running) {
					t.Errorf("a list is kept for %s, want %s", got, min(tt.want, keep.Running))
				}
			})
		})
	}
}
