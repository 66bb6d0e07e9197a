package restore

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

func TestJobTTL_endsWithTheDownloadURLs(t *testing.T) {
	ttl := CacheSettings{Final: time.Hour, Running: time.Minute}
	url := []string{"https://restore.example/x.tar.gz"}
	tests := map[string]struct {
		job  Job
		left time.Duration // until it expires; 0 for no such date
		want time.Duration
	}{
		"running":   {job: Job{State: Running}, left: 0, want: time.Minute},
		"succeeded": {job: Job{State: Succeeded}, left: 0, want: time.Hour},
		"ready for long": {
			job: Job{State: Ready, DeliveryURL: url}, left: 2 * time.Hour, want: time.Minute,
		},
		"ready for a second": {
			job: Job{State: Ready, DeliveryURL: url}, left: time.Second, want: time.Second,
		},
		"ready, and past its end": {job: Job{State: Ready, DeliveryURL: url}, left: -time.Second, want: 0},
		"ready, without an end":   {job: Job{State: Ready, DeliveryURL: url}, left: 0, want: time.Minute},
		"final, with a URL": {
			job: Job{State: Succeeded, DeliveryURL: url}, left: time.Second, want: time.Second,
		},
		"final, with a URL without an end": {job: Job{State: Succeeded, DeliveryURL: url}, left: 0, want: time.Minute},
		"final, without, past its end": {
			job: Job{State: Succeeded, DeliveryURL: []string{}}, left: -time.Second, want: time.Hour,
		},
		"expired, with a URL": {job: Job{State: Expired, DeliveryURL: url}, left: -time.Second, want: 0},
		"expired, without":    {job: Job{State: Expired}, left: -time.Second, want: time.Hour},
		"a sharded one": {
			job: Job{State: Running, Components: []atlas.Component{{}, {DownloadURL: &url[0]}}}, left: time.Second,
			want: time.Second,
		},
		"a sharded one without URLs": {
			job: Job{State: Running, Components: []atlas.Component{{}}}, left: -time.Second, want: time.Minute,
		},
		"one by a private endpoint": {
			job: Job{State: Running, PrivateDownloadDeliveryURLs: []atlas.PrivateURL{{DeliveryURL: &url[0]}}}, left: time.Second,
			want: time.Second,
		},
		"a sharded one by a private endpoint": {
			job: Job{
				State: Running, Components: []atlas.Component{
					{PrivateDownloadDeliveryURLs: []atlas.PrivateURL{{DeliveryURL: &url[0]}}},
				},
			}, left: time.Second, want: time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				job := tt.job
				if tt.left != 0 {
					job.ExpiresAt = new(time.Now().Add(tt.left))
				}
				if got := ttl.jobTTL(&job); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				// That of a page is no longer than that of any of its jobs, and no longer than that of what can change.
				list := &page[*Job]{items: []*Job{{State: Succeeded}, &job}}
				if got := ttl.jobPageTTL(list); got != min(tt.want, ttl.Running) {
					t.Errorf("of a page: got %s, want %s", got, min(tt.want, ttl.Running))
				}
			})
		})
	}
}

func TestCache_storesListsOfClustersForTheirOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ttl := testTTL
		ttl.Clusters = time.Minute
		c, err := newCache(ttl, nil, false, newForgotten())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		loads := 0
		read := func() {
			t.Helper()
			if _, err := c.clusterPages.Get(t.Context(), callKey{}, func(context.Context) (*page[*Cluster], error) {
				loads++
				return &page[*Cluster]{}, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{after: 0, want: 1}, {after: 59 * time.Second, want: 1}, {after: 2 * time.Second, want: 2}} {
			<-time.After(step.after)
			if read(); loads != step.want {
				t.Errorf("%s later it was read %d times, want %d", step.after, loads, step.want)
			}
		}
	})
}
