package atlas

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimitInfo_updatesTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(200, limits(1200, 52)...)
		c := s.client(t)
		mustAsk(t, c, testGroup) // 52 left
		s.answer = func(int, *http.Request) (*http.Response, error) { return answer(200), nil }
		mustAsk(t, c, testGroup)
		mustAsk(t, c, testGroup)
		_ = wantRejected(t, c, testGroup)
		if s.count() != 3 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestRateLimitInfo_of429BlocksTheBucketForItsWait(t *testing.T) {
	tests := map[string]struct {
		header, body string
		want         time.Duration
	}{
		"in a header": {header: "30", body: `{"error":429}`, want: 30 * time.Second},
		"in the body": {
			header: "", body: `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",30,1200,500,60]}`,
			want: 30 * time.Second,
		},
		"in the body, as texts": {
			header: "", body: `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","30","1200","500","60"]}`,
			want: 30 * time.Second,
		},
		"in a short body": {
			header: "", body: `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",30]}`, want: 30 * time.Second,
		},
		"by a proxy":       {header: "30", body: `<html>`, want: 30 * time.Second},
		"far too far away": {header: "86400", body: `{}`, want: maxBlock},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						res := response(429, tt.body)
						res.Header.Set("Retry-After", tt.header)
						return res, nil
					}
					return answer(200), nil
				}}
				c := s.client(t)
				if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindAnswered || e.Status != 429 {
					t.Fatal(e)
				}
				if wait := wantRejected(t, c, testGroup); wait != tt.want {
					t.Errorf("rejected for %s, want %s", wait, tt.want)
				}
				pass(tt.want - time.Nanosecond)
				_ = wantRejected(t, c, testGroup)
				pass(time.Nanosecond)
				mustAsk(t, c, testGroup)
			})
		})
	}
}

// Until the reserve is full again, one call goes out and tells how much there is.
func TestRateLimitInfo_of429AllowsOneCallAfterItsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return answer(429, "Retry-After: 5"), nil
			}
			select {
			case <-time.After(100 * time.Millisecond):
			case <-r.Context().Done():
			}
			return answer(200, limits(1200, 502-n)...), nil
		}}
		c := s.client(t)
		_ = ask(t.Context(), c, testGroup)
		pass(5 * time.Second)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _ = ask(t.Context(), c, testGroup) })
		}
		wg.Wait()
		if s.count() != 2 {
			t.Errorf("%d requests", s.count())
		}
		for range 400 {
			wg.Go(func() { mustAsk(t, c, testGroup) })
		}
		wg.Wait()
	})
}

// What does not say how long to wait may be no word of the bucket at all, so it costs the
// project no more than a second.
func TestRetryAfter_isASecondForA429WithoutOne(t *testing.T) {
	tests := map[string]struct {
		header, body string
	}{
		"a code of old":        {body: `{"error":429,"errorCode":"RATE_LIMITED","parameters":["/x",10,1,7,60]}`},
		"a page":               {body: "<html>"},
		"no time at all":       {header: "0", body: `{"error":429}`},
		"less than that":       {header: "-5", body: `{"error":429}`},
		"a fraction":           {header: "0.5", body: `{"error":429}`},
		"nonsense":             {header: "soon", body: `{"error":429}`},
		"a moment of the past": {header: "Mon, 02 Jan 1995 15:04:05 GMT", body: `{"error":429}`},
		"nothing in the body":  {body: `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",0,1200,500,60]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n > 1 {
						return answer(200), nil
					}
					res := response(429, tt.body)
					if tt.header != "" {
						res.Header.Set("Retry-After", tt.header)
					}
					return res, nil
				}}
				c := s.client(t, WithRetries(0))
				if e := asError(t, ask(t.Context(), c, testGroup)); e.Status != 429 || e.RetryAfter != time.Second {
					t.Fatalf("got %+v", e)
				}
				if wait := wantRejected(t, c, testGroup); wait != time.Second {
					t.Errorf("rejected for %s", wait)
				}
				pass(time.Second)
				for range 100 {
					mustAsk(t, c, testGroup)
				}
			})
		})
	}
}

func TestRetryAfter_isThatOfTheBodyWithoutAHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := (&script{answer: func(int, *http.Request) (*http.Response, error) {
			res := response(429, `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",7,1200,500,60]}`)
			res.Header.Set("Retry-After", "0")
			return res, nil
		}}).client(t)
		if e := asError(t, ask(t.Context(), c, testGroup)); e.RetryAfter != 7*time.Second {
			t.Errorf("got %s", e.RetryAfter)
		}
	})
}
