package atlas

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBudget_startsWithTheDocumentedCapacity(t *testing.T) {
	for _, reserve := range []int{0, DefaultReserve, reserveCapacity / 2} {
		synctest.Test(t, func(t *testing.T) {
			s := always(200)
			c := s.client(t, func(s *settings) error { s.reserve = reserve; return nil })
			for range 1200 - reserve {
				mustAsk(t, c, testGroup)
			}
			wait := wantRejected(t, c, testGroup)
			if want := time.Minute / 500; wait < want-time.Millisecond || wait > want {
				t.Errorf("the next token is said to come in %s", wait)
			}
			if s.count() != 1200-reserve || statsOf(c).RefusedByBudget != 1 || left(c) != reserve {
				t.Errorf("%d requests, %d tokens left, %+v", s.count(), left(c), statsOf(c))
			}
			pass(wait + time.Microsecond)
			mustAsk(t, c, testGroup)
			pass(time.Minute)
			for range 500 {
				mustAsk(t, c, testGroup)
			}
			_ = wantRejected(t, c, testGroup)
		})
	}
}

func TestBudget_ofClustersIsLargerWithAProportionalReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(200)
		c := s.client(t)
		made := 0
		for ; made < 20_000; made++ {
			if _, err := Clusters.Get(t.Context(), c, testGroup, testCluster); err != nil {
				break
			}
		}
		if want := 10_000 - 10_000*DefaultReserve/reserveCapacity; made != want {
			t.Errorf("%d calls were made, want %d", made, want)
		}
	})
}

func TestBudget_isPerProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case "/api/atlas/v2/groups/" + project(1):
				return answer(429, "Retry-After: 60"), nil
			case "/api/atlas/v2/groups/" + project(2):
				return response(200, `{"id":"`+project(2)+`"}`), nil
			}
			return answer(200), nil
		}}
		c := s.client(t)
		var wg sync.WaitGroup
		for range 3000 {
			wg.Go(func() { _ = ask(t.Context(), c, project(1)) })
		}
		wg.Wait()
		_ = wantRejected(t, c, project(1))
		for range 1000 {
			mustAsk(t, c, project(2))
		}
		// Nor another endpoint set of the same project, also behind a 429.
		if _, err := Projects.Get(t.Context(), c, project(1)); asError(t, err).Kind != KindAnswered {
			t.Error(err)
		}
		if _, err := Projects.Get(t.Context(), c, project(1)); asError(t, err).Kind != KindBudget {
			t.Error(err)
		}
		if _, err := FlexClusters.Get(t.Context(), c, project(1), testCluster); err != nil {
			t.Error(err)
		}
		if _, err := Projects.Get(t.Context(), c, project(2)); err != nil {
			t.Error(err)
		}
	})
}

func TestBudget_ofTheListOfProjectsIsOneBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(int, *http.Request) (*http.Response, error) { return response(200, `{"results":[]}`), nil }}
		c := s.client(t)
		if _, err := Projects.List(t.Context(), c, ListOptions{}); err != nil {
			t.Fatal(err)
		}
		if b := c.Stats().Sets[setProjects].Emptiest; b != (BucketStats{Project: "", Remaining: 1199, Capacity: 1200}) {
			t.Errorf("got %+v", b)
		}
	})
}

func TestBudget_countsChallenges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "" {
				return answer(401, `Www-Authenticate: Digest realm="MMS Public API", domain="", nonce="n", algorithm=MD5, `+
					`qop="auth", stale=false`), nil
			}
			return answer(200), nil
		}}
		c, err := New(testKey, WithTransport(s))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		mustAsk(t, c, testGroup)
		if s.count() != 2 || left(c) != 1198 {
			t.Errorf("%d requests, %d tokens left", s.count(), left(c))
		}
		mustAsk(t, c, testGroup)
		if s.count() != 3 || left(c) != 1197 {
			t.Errorf("%d requests, %d tokens left", s.count(), left(c))
		}
		if n := statsOf(c).Requests; n["2xx"] != 2 || n["4xx"] != 1 {
			t.Errorf("%v are counted", n)
		}
	})
}

func TestBudget_countsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inTurn(503, 503, 200).client(t)
		mustAsk(t, c, testGroup)
		pass(0)
		// What came back during the waits is less than a token for each.
		if n := statsOf(c).Requests; n["5xx"] != 2 || n["2xx"] != 1 || c.Stats().Retries != 2 {
			t.Errorf("%v are counted", n)
		}
		if l := left(c); l < 1197 || l > 1199 {
			t.Errorf("%d tokens are left", l)
		}
	})
}

func TestBudget_refundsACallThatWasNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{tokenStatus: 401, tokenBody: `{"error":"invalid_client"}`}
		c := issuer.client(t)
		for range 2000 {
			if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindCredential {
				t.Fatal(e)
			}
		}
		if l := left(c); l != -1 || len(statsOf(c).Requests) != 0 {
			t.Errorf("%d tokens are left, %v", l, statsOf(c).Requests)
		}
	})
}

func TestBudget_rejectsNothingWhenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(429, "Retry-After: 60")
		c := s.client(t, WithBudget(false))
		for range 2000 {
			if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindAnswered {
				t.Fatal(e)
			}
		}
		if s.count() != 2000 || statsOf(c).RateLimited != 2000 || left(c) != 0 {
			t.Errorf("%d requests, %+v", s.count(), c.Stats())
		}
	})
}

func TestBudget_logsASpentProjectOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log memoryLog
		c := always(429, "Retry-After: 300").client(t, log.option())
		for range 3 {
			for n := range 2 {
				_ = ask(t.Context(), c, project(n))
				_ = wantRejected(t, c, project(n))
				_ = wantRejected(t, c, project(n))
			}
			pass(logInterval)
		}
		for n := range 2 {
			if lines := log.with("project=" + project(n)); len(lines) != 3 || !strings.Contains(lines[0], "WARN") ||
				!strings.Contains(lines[0], `endpoint_set="cloud backups" project=`) {
				t.Errorf("the log has %q", lines)
			}
		}
	})
}

func TestBudget_boundsItsBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := always(200).client(t)
		now := time.Now()
		for n := range 3 * maxBuckets {
			c.budget.bucket(setClusters, project(n), now)
		}
		if n := len(c.budget.all()); n != maxBuckets {
			t.Errorf("%d buckets are stored", n)
		}
		first := c.budget.bucket(setClusters, project(3*maxBuckets-1), now)
		if again := c.budget.bucket(setClusters, project(3*maxBuckets-1), now); again != first {
			t.Error("a bucket in use was made anew")
		}
		long := c.budget.bucket(setClusters, fmt.Sprintf("%01000d", 0), now)
		if len(long.project) != maxKeyBytes {
			t.Errorf("a key has %d bytes", len(long.project))
		}
	})
}
