package atlas

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestBreaker_opensAndClosesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Int64
		var log memoryLog
		status.Store(500)
		s := weather(&status)
		c := s.client(t, log.option())
		opened(t, c)
		made := s.count()
		pass(time.Second)
		left := &BreakerError{EndpointSet: "cloud backups", Project: testGroup, Cause: "status 500"}
		for range 20 {
			e := asError(t, ask(t.Context(), c, testGroup))
			if e.Kind != KindUnavailable || e.Status != 0 || e.RetryAfter != time.Second ||
				e.Op != "getGroupServerlessBackupRestoreJob" {
				t.Fatalf("got %+v", e)
			}
			if diff := cmp.Diff(left, e.Err); diff != "" {
				t.Fatal(diff)
			}
		}
		if s.count() != made || statsOf(c).RefusedByBreaker != 20 || c.Stats().Retries != 0 {
			t.Errorf("%d requests while the breaker was open; %+v", s.count()-made, c.Stats())
		}
		if _, err := FlexClusters.List(t.Context(), c, ListOptions{}, testGroup); asError(t, err).Kind != KindAnswered {
			t.Errorf("another endpoint set got %v", err)
		}
		if e := asError(t, ask(t.Context(), c, project(7))); e.Status != 500 {
			t.Errorf("another project got %v", e)
		}

		pass(time.Second + time.Millisecond)
		if e := asError(t, ask(t.Context(), c, testGroup)); e.Status != 500 {
			t.Errorf("the probe got %v", e)
		}
		if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindUnavailable {
			t.Errorf("after a failed probe: %v", e)
		}

		status.Store(200)
		pass(2*time.Second + time.Millisecond)
		for range 20 {
			mustAsk(t, c, testGroup)
		}
		var changes []string
		for _, line := range log.with("atlas breaker changed") {
			_, to, _ := strings.Cut(line, " to=")
			to, _, _ = strings.Cut(to, " ")
			_, level, _ := strings.Cut(line, "level=")
			changes = append(changes, level[:4]+" "+strings.TrimSpace(to))
		}
		want := "WARN open, DEBU half-open, DEBU open, DEBU half-open, INFO closed"
		if got := strings.Join(changes, ", "); got != want {
			t.Errorf("the log has %s, want %s", got, want)
		}
	})
}

func TestBreaker_opensForFailuresOfAtlas(t *testing.T) {
	tests := map[string]struct {
		answer func(n int, r *http.Request) (*http.Response, error)
		opens  bool
	}{
		"500": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(500), nil }, opens: true,
		},
		"503": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(503), nil }, opens: true,
		},
		"a page with 200": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(200, "Content-Type: text/html"), nil },
			opens:  true,
		},
		"no connection": {answer: func(int, *http.Request) (*http.Response, error) { return nil, io.EOF }, opens: true},
		"no answer":     {answer: func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }, opens: true},
		"six of ten": {answer: func(n int, _ *http.Request) (*http.Response, error) {
			return answer([]int{200, 500}[min(n%10/4, 1)]), nil
		}, opens: true},
		"200": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(200), nil }, opens: false,
		},
		"404": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(404), nil }, opens: false,
		},
		"a page with 404": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(404, "Content-Type: text/html"), nil },
			opens:  false,
		},
		"401": {answer: func(int, *http.Request) (*http.Response, error) { return answer(401), nil }, opens: false},
		"429": {
			answer: func(int, *http.Request) (*http.Response, error) { return answer(429, "Ratelimit-Remaining: 9"), nil },
			opens:  false,
		},
		"a count that times out": {answer: func(int, *http.Request) (*http.Response, error) {
			return response(500, `{"error":500,"errorCode":"TIMEOUT_WHILE_PAGING"}`), nil
		}, opens: false},
		"half of them 500": {
			answer: func(n int, _ *http.Request) (*http.Response, error) { return answer([]int{200, 500}[n%2]), nil },
			opens:  false,
		},
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
				if open := statsOf(c).Breaker != "closed"; open != tt.opens {
					t.Errorf("the breaker is %s after %+v", statsOf(c).Breaker, statsOf(c).Requests)
				}
			})
		})
	}
}

func TestBreaker_countsAnAttemptTimeoutAsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) { return silent(r) }}
		c := s.client(t)
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() { _ = ask(ctx, c, testGroup) })
		}
		pass(DefaultTimeout/2 + retryBase)
		// Atlas may be back by now, so it is tried at once.
		if state := statsOf(c).Breaker; state != "half-open" || s.count() != 30+int(DefaultBreaker().Probes) {
			t.Errorf("the breaker is %s after %d requests", state, s.count())
		}
		leave()
		wg.Wait()
	})
}

func TestBreaker_countsFailuresBesideRunningRequests(t *testing.T) {
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

func TestBreaker_ignoresFailuresBeforeItsWindow(t *testing.T) {
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

func TestBreaker_ignoresCallersThatLeave(t *testing.T) {
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
				for range maxCallsPerProject {
					wg.Go(func() {
						ctx, cancel := leaving(t.Context())
						defer cancel()
						_ = ask(ctx, c, testGroup)
					})
				}
				wg.Wait()
				if state := statsOf(c).Breaker; state != "closed" || s.count() != maxCallsPerProject {
					t.Errorf("the breaker is %s after %d requests", state, s.count())
				}
			})
		})
	}
}

func TestCircuit_letsFewProbesThroughAndOthersWait(t *testing.T) {
	for name, status := range map[string]int{"Atlas is back": 200, "Atlas still fails": 500} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var slow, most, underWay atomic.Int64
				s := &script{answer: func(int, *http.Request) (*http.Response, error) {
					if slow.Load() == 0 {
						return answer(500), nil
					}
					most.Store(max(most.Load(), underWay.Add(1)))
					defer underWay.Add(-1)
					pass(probeWait / 2)
					return answer(status), nil
				}}
				c := s.client(t)
				opened(t, c)
				made := s.count()
				slow.Store(1)
				pass(2 * time.Second)
				var served atomic.Int64
				var wg sync.WaitGroup
				for range maxCallsPerProject {
					wg.Go(func() {
						if ask(t.Context(), c, testGroup) == nil {
							served.Add(1)
						}
					})
				}
				pass(probeWait / 4)
				probes := int64(DefaultBreaker().Probes)
				if most.Load() != probes {
					t.Errorf("%d probes at a time, want %d", most.Load(), probes)
				}
				wg.Wait()
				switch requests := int64(s.count() - made); {
				case status == 200 && served.Load() != maxCallsPerProject:
					t.Errorf("%d of %d are served", served.Load(), maxCallsPerProject)
				case status == 500 && requests != probes:
					t.Errorf("%d requests, want %d", requests, probes)
				}
			})
		})
	}
}

func TestBreaker_rejectsNothingWhenOff(t *testing.T) {
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

func TestBreaker_doesNotRejectOtherProjects(t *testing.T) {
	tests := map[string]struct {
		failing int // projects, of five
		refused bool
	}{
		"one project fails":   {failing: 1, refused: false},
		"two projects fail":   {failing: 2, refused: false},
		"several projects do": {failing: 3, refused: true},
		"all of them but one": {failing: 4, refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
					for n := range tt.failing {
						if strings.Contains(r.URL.Path, project(n)) {
							return answer(500), nil
						}
					}
					return answer(200), nil
				}}
				c := s.client(t)
				for range 4 * DefaultBreaker().Requests {
					for n := range tt.failing {
						_ = ask(t.Context(), c, project(n))
					}
				}
				err := ask(t.Context(), c, project(tt.failing))
				if !tt.refused {
					if err != nil {
						t.Errorf("a project that does not fail got %v", err)
					}
					return
				}
				e := asError(t, err)
				want := &BreakerError{EndpointSet: "cloud backups", Project: project(tt.failing), All: true, Cause: "status 500"}
				if diff := cmp.Diff(want, e.Err); diff != "" || e.RetryAfter != DefaultBreaker().OpenFor {
					t.Errorf("rejected for %s: %s", e.RetryAfter, diff)
				}
			})
		})
	}
}

// One project that goes on failing must not keep the others out: neither what it fails at
// while it is tried again, nor that it may be the first to try.
func TestBreaker_isNotHeldOpenByOneProject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outage atomic.Bool
		outage.Store(true)
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if outage.Load() || strings.Contains(r.URL.Path, project(0)) {
				return answer(500), nil
			}
			return answer(200), nil
		}}
		c := s.client(t)
		for range 20 {
			for n := range 5 {
				_ = ask(t.Context(), c, project(n))
			}
		}
		outage.Store(false)
		pass(DefaultBreaker().OpenFor)
		for range 60 {
			_ = ask(t.Context(), c, project(0))
			for n := 1; n < 5; n++ {
				mustAsk(t, c, project(n))
			}
			pass(time.Second)
		}
	})
}

// Where most of few projects fail, those that do not are kept from failing with them.
func TestBreaker_isNotOpenedByAProjectKnownToFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, project(3)) {
				return answer(200), nil
			}
			return answer(500), nil
		}}
		c := s.client(t)
		for second := range 120 {
			if err := ask(t.Context(), c, project(3)); err != nil && second > 30 {
				t.Fatalf("after %d s: %v", second, err)
			}
			for range 5 {
				for n := range 3 {
					_ = ask(t.Context(), c, project(n))
				}
				pass(time.Second / 5)
			}
		}
	})
}

func TestBreaker_closesWithoutAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := always(500).client(t)
		for n := range 2 * maxProjectCircuits {
			_ = ask(t.Context(), c, project(n))
		}
		if n := c.breakers.sets[setCloudBackups].projects.Len(); n != maxProjectCircuits {
			t.Errorf("%d projects are remembered", n)
		}
		opened(t, always(500).client(t))
		pass(DefaultBreaker().Window + time.Second)
		if state := statsOf(c).Breaker; state != "closed" {
			t.Errorf("the breaker is %s long after the last call", state)
		}
	})
}

func TestBreaker_ignoresFailuresOfThisMachine(t *testing.T) {
	for _, cause := range exhausted {
		for name, err := range map[string]error{
			"a socket":   &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", cause)},
			"a resolver": &net.OpError{Op: "dial", Err: &net.DNSError{Err: "dial udp 127.0.0.1:53: socket: " + cause.Error()}},
		} {
			t.Run(name+", "+cause.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var log memoryLog
					s := &script{answer: func(int, *http.Request) (*http.Response, error) { return nil, err }}
					c := s.client(t, WithRetries(0), log.option())
					for n := range 100 {
						e := asError(t, ask(t.Context(), c, project(n%5)))
						if e.Kind != KindUnavailable || !IsExhausted(e) {
							t.Fatalf("got %v", e)
						}
					}
					if s.count() != 100 || statsOf(c).Breaker != "closed" {
						t.Errorf("%d requests, the breaker is %s", s.count(), statsOf(c).Breaker)
					}
					if lines := log.with("no files, ports or memory left"); len(lines) != 1 ||
						!strings.Contains(lines[0], "level=ERROR") {
						t.Errorf("the log has %q", lines)
					}
				})
			})
		}
	}
}
