package atlas

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// weather is Atlas that can be switched between statuses.
func weather(status *atomic.Int64, header ...string) *script {
	return &script{answer: func(int, *http.Request) (*http.Response, error) {
		return answer(int(status.Load()), header...), nil
	}}
}

// opened has a breaker opened by failures.
func opened(t *testing.T, c *Client) {
	t.Helper()
	for range DefaultBreaker().Requests {
		if err := ask(t.Context(), c, testGroup); err == nil {
			t.Fatal("there is no error")
		}
	}
	if state := statsOf(c).Breaker; state != "open" {
		t.Fatalf("the breaker is %s", state)
	}
}

func TestASetThatKeepsFailingIsLeftAloneAndTakenUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Int64
		var log memoryLog
		status.Store(500)
		s := weather(&status)
		c := s.client(t, log.option())
		opened(t, c)
		made := s.count()
		pass(time.Second)
		for range 20 {
			e := asError(t, ask(t.Context(), c, project(7)))
			if e.Kind != KindUnavailable || e.Status != 0 || e.RetryAfter != 4*time.Second || e.Op != "getGroupServerlessBackupRestoreJob" {
				t.Fatalf("got %+v", e)
			}
		}
		if s.count() != made || statsOf(c).RefusedByBreaker != 20 || c.Stats().Retries != 0 {
			t.Errorf("%d requests while the breaker was open; %+v", s.count()-made, c.Stats())
		}
		if _, _, err := c.ListFlexClusters(t.Context(), testGroup, ListOptions{}); asError(t, err).Kind != KindAnswered {
			t.Errorf("another endpoint set got %v", err)
		}

		pass(4*time.Second + time.Millisecond)
		if e := asError(t, ask(t.Context(), c, testGroup)); e.Status != 500 {
			t.Errorf("the probe got %v", e)
		}
		if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindUnavailable {
			t.Errorf("after a failed probe: %v", e)
		}

		status.Store(200)
		pass(5*time.Second + time.Millisecond)
		for range 20 {
			mustAsk(t, c, testGroup)
		}
		var changes []string
		for _, line := range log.with("atlas breaker changed") {
			_, to, _ := strings.Cut(line, "to=")
			_, level, _ := strings.Cut(line, "level=")
			changes = append(changes, level[:4]+" "+strings.TrimSpace(to))
		}
		want := "WARN open, INFO half-open, WARN open, INFO half-open, INFO closed"
		if got := strings.Join(changes, ", "); got != want {
			t.Errorf("the log has %s, want %s", got, want)
		}
	})
}

func TestWhatOpensABreaker(t *testing.T) {
	tests := map[string]struct {
		answer func(n int, r *http.Request) (*http.Response, error)
		opens  bool
	}{
		"500":             {func(int, *http.Request) (*http.Response, error) { return answer(500), nil }, true},
		"503":             {func(int, *http.Request) (*http.Response, error) { return answer(503), nil }, true},
		"a page with 200": {func(int, *http.Request) (*http.Response, error) { return answer(200, "Content-Type: text/html"), nil }, true},
		"no connection":   {func(int, *http.Request) (*http.Response, error) { return nil, io.EOF }, true},
		"no answer":       {func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, true},
		"six of ten": {func(n int, _ *http.Request) (*http.Response, error) {
			return answer([]int{200, 500}[min(n%10/4, 1)]), nil
		}, true},
		"200":              {func(int, *http.Request) (*http.Response, error) { return answer(200), nil }, false},
		"404":              {func(int, *http.Request) (*http.Response, error) { return answer(404), nil }, false},
		"a page with 404":  {func(int, *http.Request) (*http.Response, error) { return answer(404, "Content-Type: text/html"), nil }, false},
		"401":              {func(int, *http.Request) (*http.Response, error) { return answer(401), nil }, false},
		"429":              {func(int, *http.Request) (*http.Response, error) { return answer(429, "Ratelimit-Remaining: 9"), nil }, false},
		"half of them 500": {func(n int, _ *http.Request) (*http.Response, error) { return answer([]int{200, 500}[n%2]), nil }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: tt.answer}
				c := s.client(t, WithRetries(0), WithTimeout(2*time.Second), WithBudget(false))
				var wg sync.WaitGroup
				for range 30 {
					wg.Go(func() { _ = ask(t.Context(), c, testGroup) })
					synctest.Wait()
				}
				wg.Wait()
				if open := statsOf(c).Breaker == "open"; open != tt.opens {
					t.Errorf("the breaker is %s after %+v", statsOf(c).Breaker, statsOf(c).Requests)
				}
			})
		})
	}
}

func TestAnAttemptThatIsGivenUpIsAFailure(t *testing.T) {
	const callers = 30
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n <= callers {
				return silent(r)
			}
			return answer(200), nil
		}}
		c := s.client(t)
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() { _ = ask(t.Context(), c, testGroup) })
		}
		wg.Wait()
		if state := statsOf(c).Breaker; state != "open" || s.count() != callers {
			t.Errorf("the breaker is %s after %d requests", state, s.count())
		}
	})
}

func TestRequestsUnderWayDoNotHideFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n <= 50 {
				return silent(r)
			}
			return answer(500), nil
		}}
		c := s.client(t)
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _ = ask(ctx, c, testGroup) })
		}
		synctest.Wait()
		opened(t, c)
		leave()
		wg.Wait()
	})
}

func TestFailuresOfLongAgoDoNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := always(500).client(t)
		for range 4 * DefaultBreaker().Requests {
			_ = ask(t.Context(), c, testGroup)
			pass(2 * time.Second)
		}
		if state := statsOf(c).Breaker; state != "closed" {
			t.Errorf("the breaker is %s", state)
		}
	})
}

func TestCallersWhoLeaveTellNothingAboutAtlas(t *testing.T) {
	leave := map[string]func(context.Context) (context.Context, context.CancelFunc){
		"left": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		},
		"in a hurry": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, minAttempt/2)
		},
	}
	for name, leaving := range leave {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }}
				c := s.client(t, WithRetries(0))
				var wg sync.WaitGroup
				for range maxPerProject {
					wg.Go(func() {
						ctx, cancel := leaving(t.Context())
						defer cancel()
						_ = ask(ctx, c, testGroup)
					})
				}
				wg.Wait()
				if state := statsOf(c).Breaker; state != "closed" || s.count() != maxPerProject {
					t.Errorf("the breaker is %s after %d requests", state, s.count())
				}
			})
		})
	}
}

func TestFewCallsProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if !slow.Load() {
				return answer(500), nil
			}
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
			return answer(200), nil
		}}
		c := s.client(t)
		opened(t, c)
		made := s.count()
		slow.Store(true)
		pass(6 * time.Second)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { _ = ask(t.Context(), c, testGroup) })
		}
		wg.Wait()
		if probes := s.count() - made; probes != int(DefaultBreaker().Probes) {
			t.Errorf("%d probes, want %d", probes, DefaultBreaker().Probes)
		}
	})
}

func TestWithoutABreakerNothingIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(500)
		c := s.client(t, WithBreaker(Breaker{}))
		for range 100 {
			_ = ask(t.Context(), c, testGroup)
		}
		if s.count() != 100 || statsOf(c).Breaker != "off" {
			t.Errorf("%d requests, the breaker is %s", s.count(), statsOf(c).Breaker)
		}
	})
}
