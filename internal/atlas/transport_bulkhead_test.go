package atlas

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBulkhead_leavesConnectionsToOtherProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		under, most := 0, 0
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/api/atlas/v2/groups/"+project(1)+"/serverless/"+testCluster+"/backup/restoreJobs/"+testJob {
				return answer(200), nil
			}
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			<-r.Context().Done()
			mu.Lock()
			under--
			mu.Unlock()
			return nil, r.Context().Err()
		}}
		c := s.client(t, WithRetries(0), WithBreaker(Breaker{}), WithTimeout(10*time.Second))
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		start := time.Now()
		var wg sync.WaitGroup
		for range 5 * maxCallsPerProject {
			wg.Go(func() {
				if e := asError(t, ask(ctx, c, project(1))); e.Kind != KindTimeout || time.Since(start) != 10*time.Second {
					t.Errorf("got %v after %s", e, time.Since(start))
				}
			})
		}
		synctest.Wait()
		for range 100 {
			mustAsk(t, c, project(2))
		}
		if time.Since(start) != 0 {
			t.Errorf("another project waited for %s", time.Since(start))
		}
		wg.Wait()
		if most != maxCallsPerProject || len(c.bulkhead.projects) != 0 {
			t.Errorf("%d calls were made at the same time, %d projects have slots", most, len(c.bulkhead.projects))
		}
	})
}
