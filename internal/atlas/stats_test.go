package atlas

import (
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStats_countsRequestsAndRejections(t *testing.T) {
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
			Emptiest: BucketStats{Project: project(2), Remaining: 0, Capacity: 1200}, Spent: 1,
		}
		if diff := cmp.Diff(want, stats.Sets[setCloudBackups]); diff != "" {
			t.Error(diff)
		}
		if len(stats.Sets) != endpointSetCount || stats.Retries != 1 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestAccepted_isTrueFromTheFirstSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inTurn(401, 404, 503, 200, 401).client(t, WithRetries(0))
		for n, want := range []bool{false, false, false, true, true} {
			_ = ask(t.Context(), c, project(1))
			if c.Accepted() != want {
				t.Errorf("after answer %d: %t", n+1, c.Accepted())
			}
		}
	})
}

func TestStats_hasTheEmptiestBucketOfEachSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inTurn(200).client(t)
		for n, calls := range map[int]int{1: 100, 2: 1200 - DefaultReserve, 3: 1} {
			for range calls {
				mustAsk(t, c, project(n))
			}
		}
		want := BucketStats{Project: project(2), Remaining: DefaultReserve, Capacity: 1200}
		if s := statsOf(c); s.Emptiest != want || s.Spent != 1 {
			t.Errorf("got %+v", s)
		}
		if s := c.Stats().Sets[setClusters]; s.Emptiest != (BucketStats{}) || s.Spent != 0 {
			t.Errorf("of a set without requests: %+v", s)
		}
		pass(time.Second)
		if s := statsOf(c); s.Spent != 0 {
			t.Errorf("when tokens are back: %+v", s)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := always(429, "Retry-After: 60").client(t)
		_ = ask(t.Context(), c, project(1))
		if s := statsOf(c); s.Spent != 1 || s.Emptiest.Remaining != 0 {
			t.Errorf("behind a 429: %+v", s)
		}
		// The moment that Atlas named: the next call may go out.
		pass(time.Minute)
		if s := statsOf(c); s.Spent != 0 {
			t.Errorf("after it: %+v", s)
		}
	})
}

func TestRequestObserver_seesEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type request struct {
			set  string
			took time.Duration
		}
		var seen []request
		s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
			<-time.After(time.Duration(n) * time.Second)
			if n == 1 {
				return nil, io.EOF
			}
			return answer(200), nil
		}}
		c := s.client(t, WithRequestObserver(func(_ context.Context, set string, took time.Duration) {
			seen = append(seen, request{set: set, took: took})
		}))
		mustAsk(t, c, project(1))
		if _, err := Projects.Get(t.Context(), c, project(1)); err != nil {
			t.Log(err) // what a script answers is not that project
		}
		want := []request{
			{set: "cloud backups", took: time.Second}, {set: "cloud backups", took: 2 * time.Second},
			{set: "projects", took: 3 * time.Second},
		}
		if !slices.Equal(seen, want) {
			t.Errorf("got %v, want %v", seen, want)
		}
	})
}
