package atlas

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetrier_waitsUpToABoundThatDoubles(t *testing.T) {
	bounds := [...]time.Duration{
		retryBase, 2 * retryBase, 4 * retryBase, 8 * retryBase, 16 * retryBase, maxRetryWait, maxRetryWait,
	}
	smallest, largest := make([]time.Duration, len(bounds)), make([]time.Duration, len(bounds))
	for range 2000 {
		waits := newBackOff()
		for i := range bounds {
			bound, wait := bounds[i], waits.NextBackOff()
			if wait < 0 || wait > bound {
				t.Fatalf("wait %d is %s, not from 0 to %s", i+1, wait, bound)
			}
			if smallest[i] == 0 || wait < smallest[i] {
				smallest[i] = wait
			}
			largest[i] = max(largest[i], wait)
		}
	}
	for i := range bounds {
		if bound := bounds[i]; smallest[i] > bound/10 || largest[i] < bound*9/10 {
			t.Errorf("wait %d is drawn from %s to %s only, of %s", i+1, smallest[i], largest[i], bound)
		}
	}
}

func TestRetrier_waitsAsLongAsAtlasAsks(t *testing.T) {
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
				if n == 1 {
					return answer(status, "Retry-After: 2"), nil
				}
				return answer(200), nil
			}}
			mustAsk(t, s.client(t), testGroup)
			if waited := s.times[1].Sub(s.times[0]); waited < 2*time.Second || waited > 2*time.Second+retryBase {
				t.Errorf("%d: the second request came after %s", status, waited)
			}
		})
	}
}

func TestRetrier_makesNoRetryPastTheDeadline(t *testing.T) {
	tests := map[string]struct {
		deadline time.Duration
		want     int // requests
	}{
		"time enough":               {deadline: 4 * time.Second, want: 2},
		"none left after the wait":  {deadline: time.Second, want: 1},
		"too little after the wait": {deadline: time.Second + minTimeAfterWait/2, want: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := always(429, "Retry-After: 1")
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				e := asError(t, ask(ctx, s.client(t, WithRetries(1)), testGroup))
				if e.Status != 429 || e.RetryAfter != time.Second || s.count() != tt.want {
					t.Errorf("%d requests, error %+v", s.count(), e)
				}
				if tt.want == 1 && time.Since(start) != 0 {
					t.Errorf("the answer came after %s", time.Since(start))
				}
			})
		})
	}
}

func TestRetrier_endsTheWaitWhenTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(503, "Retry-After: 2")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		start := time.Now()
		e := asError(t, ask(ctx, s.client(t), testGroup))
		if e.Kind != KindCanceled || time.Since(start) != 300*time.Millisecond || s.count() != 1 {
			t.Errorf("got %v after %s and %d requests", e, time.Since(start), s.count())
		}
	})
}

func TestRetrier_leavesTimeForAnotherAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return silent(r)
			}
			return answer(200), nil
		}}
		start := time.Now()
		mustAsk(t, s.client(t, WithTimeout(10*time.Second)), testGroup)
		if after := time.Since(start); after < 5*time.Second || after > 5*time.Second+retryBase {
			t.Errorf("the answer came after %s", after)
		}
	})
}

// An attempt's share of the time ends with the head of the answer; a long body is
// read to its end.
func TestRetrier_leavesTheTimeOfTheCallToALongBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			res := response(200, "")
			res.ContentLength = -1
			res.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				select {
				case <-time.After(9 * time.Second):
					return copy(p, `{"id":"`+testJob+`"}`), io.EOF
				case <-r.Context().Done():
					return 0, r.Context().Err()
				}
			}))
			return res, nil
		}}
		mustAsk(t, s.client(t, WithTimeout(10*time.Second)), testGroup)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
