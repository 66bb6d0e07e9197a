package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// serve asks the gateway's handler with a context of its own, as a client with a deadline
// does, and gives the answer.
func (e *env) serve(ctx context.Context, query string, headers ...string) string {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql",
		strings.NewReader(fmt.Sprintf(`{"query":%q}`, query)))
	for _, header := range append(headers, post) {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	e.gateway.ServeHTTP(w, r)
	return w.Body.String()
}

// noCache prevents sharing of calls.
const noCache = "Cache-Control: no-cache"

// silent is an Atlas that falls silent, and notes when the requests end that it does not
// answer.
type silent struct {
	http.Handler
	is   atomic.Bool
	mu   sync.Mutex
	ends []time.Time
}

func (u *silent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if u.is.Load() {
		<-r.Context().Done()
		u.mu.Lock()
		u.ends = append(u.ends, time.Now())
		u.mu.Unlock()
		return
	}
	u.Handler.ServeHTTP(w, r)
}

// TestDeadline_reachesTheConnection has one caller, then two of the same call, leave when
// their time is up: the connection to Atlas ends with the last of them.
func TestDeadline_reachesTheConnection(t *testing.T) {
	for setupName, setup := range setups {
		for name, deadlines := range map[string][]time.Duration{
			"one caller": {3 * time.Second}, "two callers": {3 * time.Second, 5 * time.Second},
		} {
			t.Run(name+", "+setupName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim := atlassim.New(atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner))
					ends := &silent{Handler: sim}
					e := newEnv(t, inBubble, withUpstream(ends), setup, noRetries)
					query := "{" + jobField("a", e.example(t, "succeeded"), "{ id }") + "}"
					// Which API has the cluster is known before.
					e.post(t, "{"+jobField("a", e.example(t, "failed"), "{ id }")+"}", nil)
					ends.is.Store(true)
					start := time.Now()
					var wg sync.WaitGroup
					for _, d := range deadlines {
						wg.Go(func() {
							ctx, cancel := context.WithTimeout(t.Context(), d)
							defer cancel()
							if answer := e.serve(ctx, query); !strings.Contains(answer, "UPSTREAM_TIMEOUT") {
								t.Errorf("got %s", answer)
							}
							if took := time.Since(start); took != d {
								t.Errorf("answered after %s of %s", took, d)
							}
						})
					}
					wg.Wait()
					synctest.Wait()
					if len(ends.ends) != 1 || ends.ends[0].Sub(start) != deadlines[len(deadlines)-1] {
						t.Errorf("the requests of Atlas ended at %v, after %s", ends.ends, deadlines)
					}
				})
			})
		}
	}
}

// TestDeadline_tooShortForARetryFailsAtOnce has a caller whose deadline lies before the moment
// that a 429 names: to wait for that would turn a RATE_LIMITED into a timeout.
func TestDeadline_tooShortForARetryFailsAtOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		deadline time.Duration
		retried  bool
	}{"no time": {deadline: time.Second}, "time enough": {deadline: 5 * time.Second, retried: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble)
				query := "{" + jobField("a", e.example(t, "succeeded"), "{ id }") + "}"
				e.sim.Inject(atlassim.Fault{PathContains: "restoreJobs", Status: 429, RetryAfter: "2", Times: 1})
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				answer := e.serve(ctx, query)
				if took := time.Since(start); tt.retried {
					if !strings.Contains(answer, `"data":{"a":{"id"`) || took < 2*time.Second {
						t.Errorf("after %s: %s", took, answer)
					}
				} else if !strings.Contains(answer, "RATE_LIMITED") || !strings.Contains(answer, `"retryAfterSeconds":2`) ||
					took > 10*time.Millisecond {
					t.Errorf("after %s: %s", took, answer)
				}
			})
		})
	}
}

// TestDeadline_silentAttemptLeavesTimeForARetry has one attempt that hangs: of a
// caller's three seconds it must not take all.
func TestDeadline_silentAttemptLeavesTimeForARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble)
		query := "{" + jobField("a", e.example(t, "succeeded"), "{ id }") + "}"
		e.sim.Inject(atlassim.Fault{PathContains: "restoreJobs", Latency: time.Hour, Times: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		if answer := e.serve(ctx, query); !strings.Contains(answer, `"data":{"a":{"id"`) {
			t.Errorf("got %s", answer)
		}
	})
}

// TestBulkhead_oneProjectLeavesConnectionsToOthers has hundreds wait for a project whose
// calls hang: another project is served all the same.
func TestBulkhead_oneProjectLeavesConnectionsToOthers(t *testing.T) {
	for setupName, setup := range setups {
		t.Run(setupName, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, setup)
				jobs := e.jobsOfOrders(t)
				other := rootField("a", "serverlessRestoreJob", e.example(t, "becomesDedicated"), "{ id }")
				defer e.sim.Inject(atlassim.Fault{PathContains: atlassim.SeedGroupID, Latency: time.Hour})()
				ctx, leave := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				for n := range 300 {
					wg.Go(func() {
						x := atlassim.Example{GroupID: atlassim.SeedGroupID, ClusterName: "orders", RestoreJobID: jobs[n%len(jobs)]}
						e.serve(ctx, "{"+jobField("a", x, "{ id }")+"}", noCache)
					})
				}
				synctest.Wait()
				start := time.Now()
				if answer := e.serve(t.Context(), "{"+other+"}"); !strings.Contains(answer, `"data":{"a":{"id"`) ||
					time.Since(start) > time.Second {
					t.Errorf("after %s: %s", time.Since(start), answer)
				}
				leave()
				wg.Wait()
			})
		})
	}
}

// TestClock_leapIsSurvived has the machine sleep for hours: cached results, the nonce,
// the token, connections and buckets are of the past then.
func TestClock_leapIsSurvived(t *testing.T) {
	for name, credential := range map[string]envOption{
		"with an API key": func(*envConfig) {}, "with a service account": withServiceAccount,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, credential)
				jobs := e.jobsOfOrders(t)
				running := jobField("a", e.example(t, "expiresSoon"), "{ state }")
				for range 3 {
					e.storm(t, jobs, 20, 2)
					if r := e.post(t, "{"+running+"}", nil); len(r.Errors) > 0 {
						t.Errorf("got %s", r.Raw)
					}
					<-time.After(3 * time.Hour)
					e.sim.ResetCalls()
				}
				if r := e.post(t, "{"+running+"}", nil); string(r.Data["a"]) != `{"state":"EXPIRED"}` {
					t.Errorf("got %s", r.Raw)
				}
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						if !e.checkAnswer(t, jobs[20:40], false) {
							t.Error("there was an error")
						}
					})
				}
				wg.Wait()
				// The tokens of three hours are not spent on a herd, nor are the calls.
				if n := len(e.sim.Calls()); n > 8 {
					t.Errorf("%d requests after the leap", n)
				}
			})
		})
	}
}
