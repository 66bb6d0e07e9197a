package atlas

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// recoverWithin is how long after Atlas is back everything must be well.
const recoverWithin = 3 * time.Second

// TestRecovery_isCompleteWithinThreeSeconds has Atlas fail in each way, for as long as a
// minute, and wants every call from three seconds after its end on.
func TestRecovery_isCompleteWithinThreeSeconds(t *testing.T) {
	ways := map[string]func(r *http.Request) (*http.Response, error){
		"500":             func(*http.Request) (*http.Response, error) { return answer(500), nil },
		"503":             func(*http.Request) (*http.Response, error) { return answer(503), nil },
		"503 with a wait": func(*http.Request) (*http.Response, error) { return answer(503, "Retry-After: 1"), nil },
		"a page":          func(*http.Request) (*http.Response, error) { return answer(200, "Content-Type: text/html"), nil },
		"a hang":          silent,
		"a reset": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
		},
		"connection refused": func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		},
		"429":                func(*http.Request) (*http.Response, error) { return answer(429), nil },
		"429 without a wait": func(*http.Request) (*http.Response, error) { return answer(429, "Retry-After: 0"), nil },
		"429 with a wait":    func(*http.Request) (*http.Response, error) { return answer(429, "Retry-After: 1"), nil },
	}
	for name, fail := range ways {
		for _, projects := range []int{1, 5} {
			for _, outage := range []time.Duration{7 * time.Second, 10400 * time.Millisecond, time.Minute} {
				for _, quiet := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s of %s, %d projects, quiet %t", name, outage, projects, quiet), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { recovers(t, fail, projects, outage, quiet) })
					})
				}
			}
		}
	}
}

// recovers has each of the projects ask every quarter of a second, through an outage and after it,
// with many calls at once three seconds after its end. With quiet there are no calls between the two.
func recovers(t *testing.T,
	fail func(*http.Request) (*http.Response, error), projects int, outage time.Duration, quiet bool) {
	t.Helper()
	// Less than what comes back into a bucket of which a 429 has said that it is empty.
	const step, together = 250 * time.Millisecond, 8
	var down atomic.Bool
	s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
		if down.Load() {
			return fail(r)
		}
		pass(50 * time.Millisecond)
		return answer(200), nil
	}}
	c := s.client(t)
	var mu sync.Mutex
	var failed []string
	start := time.Now()
	end := start.Add(2*time.Second + outage)
	var wg sync.WaitGroup
	call := func(n int) {
		sent := time.Now()
		wg.Go(func() {
			if err := ask(context.WithoutCancel(t.Context()), c, project(n)); err != nil && !sent.Before(end.Add(recoverWithin)) {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, fmt.Sprintf("%s after its end: %v", sent.Sub(end), err))
			}
		})
	}
	for now := start; now.Before(end.Add(12 * time.Second)); now = now.Add(step) {
		synctest.Wait()
		down.Store(now.Sub(start) >= 2*time.Second && now.Before(end))
		times := 1
		switch {
		case now.Before(end):
		case now.Equal(end.Add(recoverWithin)):
			times = together
		case quiet && now.Before(end.Add(recoverWithin)):
			times = 0
		}
		for range times {
			for n := range projects {
				call(n)
			}
		}
		pass(step)
	}
	wg.Wait()
	if len(failed) > 0 {
		slices.Sort(failed)
		t.Errorf("%d calls failed, among them %s", len(failed), failed[:min(3, len(failed))])
	}
}
