package atlas

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestStatsCountWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
			switch n {
			case 1:
				return nil, io.EOF
			case 2:
				return answer(404, limits(1200, 600)...), nil
			case 3:
				return answer(429, "Retry-After: 60"), nil
			default:
				return answer(200), nil
			}
		}}
		c := s.client(t)
		_ = ask(t.Context(), c, project(1)) // broken, then 404
		_ = ask(t.Context(), c, project(2)) // 429
		_ = ask(t.Context(), c, project(2)) // refused
		_ = ask(t.Context(), c, project(3))
		stats := c.Stats()
		want := SetStats{
			Name: "cloud backups", Requests: map[string]uint64{"none": 1, "4xx": 2, "2xx": 1},
			RateLimited: 1, RefusedByBudget: 1, Breaker: "closed",
		}
		if diff := cmp.Diff(want, stats.Sets[setCloudBackups]); diff != "" {
			t.Error(diff)
		}
		depleted := []BucketStats{
			{"cloud backups", project(2), 0, 1200},
			{"cloud backups", project(1), 600, 1200},
			{"cloud backups", project(3), 1199, 1200},
		}
		if diff := cmp.Diff(depleted, stats.Depleted); diff != "" {
			t.Error(diff)
		}
		if len(stats.Sets) != endpointSetCount || stats.Retries != 1 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestStatsNameTheMostDepletedBucketsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := always(200).client(t)
		for n := range 30 {
			for range n {
				mustAsk(t, c, project(n))
			}
		}
		d := c.Stats().Depleted
		if len(d) != maxDepleted || d[0].Project != project(29) || d[0].Remaining != 1171 || d[9].Project != project(20) {
			t.Errorf("got %+v", d)
		}
	})
}
