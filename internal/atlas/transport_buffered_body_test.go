package atlas

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/test/memnet"
)

// brokenOff is the end of a body that has no end.
var brokenOff = readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })

// cut is an answer that breaks off behind its first bytes.
func cut(status int) *http.Response {
	res := answer(status)
	res.Body, res.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":"`), brokenOff)), -1
	return res
}

func TestBufferedBody_isMalformedWhenItAlwaysBreaksOff(t *testing.T) {
	for _, status := range []int{200, 404, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answer: func(int, *http.Request) (*http.Response, error) { return cut(status), nil }}
			c := s.client(t)
			e := asError(t, ask(t.Context(), c, testGroup))
			if e.Kind != KindMalformed || e.Status != status || !errors.Is(e, io.ErrUnexpectedEOF) ||
				s.count() != 1+DefaultRetries {
				t.Errorf("got %+v after %d requests", e, s.count())
			}
			if n := statsOf(c).Requests["none"]; n != 1+DefaultRetries {
				t.Errorf("%d requests are counted as without a whole response", n)
			}
		})
	}
}

func TestBufferedBody_opensTheBreakerWhenItBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(int, *http.Request) (*http.Response, error) { return cut(200), nil }}
		opened(t, s.client(t, WithRetries(0)))
	})
}

// A 429 that a proxy hides behind a 200 is one to the budget and to the retries.
func TestBufferedBody_hasTheStatusOfItsEnvelope(t *testing.T) {
	enveloped := func(body string) *http.Response { return response(200, body) }
	const limited = `{"status":429,"content":{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p",` +
		`"30","1200","500","60"]}}`
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(int, *http.Request) (*http.Response, error) { return enveloped(limited), nil }}
		c := s.client(t, WithEnvelope(true))
		if e := asError(t, ask(t.Context(), c, testGroup)); e.Kind != KindAnswered || e.Status != 429 ||
			e.RetryAfter != 30*time.Second {
			t.Fatal(e)
		}
		if wait := wantRejected(t, c, testGroup); wait != 30*time.Second {
			t.Errorf("rejected for %s", wait)
		}
		if st := statsOf(c); st.RateLimited != 1 || st.Requests["4xx"] != 1 || st.Requests["2xx"] != 0 {
			t.Errorf("got %+v", st)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return enveloped(strings.ReplaceAll(limited, `"30"`, `"1"`)), nil
			}
			return enveloped(`{"status":200,"content":{"id":"` + testJob + `"}}`), nil
		}}
		mustAsk(t, s.client(t, WithEnvelope(true)), testGroup)
		if s.count() != 2 {
			t.Errorf("%d requests", s.count())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(int, *http.Request) (*http.Response, error) {
			return enveloped(`{"status":500,"content":{"error":500}}`), nil
		}}
		opened(t, s.client(t, WithEnvelope(true), WithRetries(0)))
	})
}

func TestBufferedBody_isMalformedWhenItIsNotGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"id":"` + testJob + `"}`))
	_ = z.Close()
	wrong := bytes.Clone(packed.Bytes())
	wrong[len(wrong)-5]++ // of the checksum
	for name, tt := range map[string]struct {
		body     []byte
		requests int // what breaks off is asked for again, what is wrong is not
	}{
		"no gzip at all":   {body: []byte("<html>sign in, please, at this place</html>"), requests: 1},
		"a wrong checksum": {body: wrong, requests: 1},
		"cut off":          {body: packed.Bytes()[:20], requests: 1 + DefaultRetries},
		"nothing":          {body: nil, requests: 1 + DefaultRetries},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(int, *http.Request) (*http.Response, error) {
					res := response(200, string(tt.body))
					res.Header.Set("Content-Encoding", "gzip")
					return res, nil
				}}
				if e := asError(t, ask(t.Context(), s.client(t), testGroup)); e.Kind != KindMalformed || e.Status != 200 ||
					s.count() != tt.requests {
					t.Errorf("got %v after %d requests", e, s.count())
				}
			})
		})
	}
}

// Bytes that come and come end with the bound on the size, bytes that drip with the
// time, and a call has one body in memory at a time.
func TestBufferedBody_endsAtItsBound(t *testing.T) {
	tests := map[string]struct {
		pause time.Duration
		kind  Kind
		after time.Duration
	}{
		"as fast as it can": {pause: 0, kind: KindMalformed, after: 0},
		"in drips":          {pause: time.Second, kind: KindTimeout, after: 10 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				read := 0
				s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
					res := response(200, "")
					res.ContentLength = -1
					res.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
						if tt.pause > 0 {
							p = p[:1]
						}
						select {
						case <-time.After(tt.pause):
						case <-r.Context().Done():
							return 0, context.Cause(r.Context())
						}
						for i := range p {
							p[i] = ' '
						}
						read += len(p)
						return len(p), nil
					}))
					return res, nil
				}}
				start := time.Now()
				e := asError(t, ask(t.Context(), s.client(t, WithTimeout(10*time.Second), WithMaxBodyBytes(1<<20)), testGroup))
				if e.Kind != tt.kind || time.Since(start) != tt.after || read > 1<<20+1 || s.count() != 1 {
					t.Errorf("got %v after %s, %d bytes and %d requests", e, time.Since(start), read, s.count())
				}
			})
		})
	}
}

// TestBodyPool_readsFewLargeBodiesAtATime has many bodies without an end come in drips: only a few
// grow beyond the usual, and a usual one waits for none of them.
func TestBodyPool_readsFewLargeBodiesAtATime(t *testing.T) {
	for name, declared := range map[string]int64{"of no declared size": -1, "of a large one": DefaultMaxBodyBytes} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const callers = 3 * maxCallsPerProject
				drop := make([]byte, 128<<10)
				var mu sync.Mutex
				var total, large int
				s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
					if strings.Contains(r.URL.Path, project(0)) {
						return answer(200), nil
					}
					read := 0
					res := response(200, "")
					res.ContentLength = declared
					res.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
						select {
						case <-time.After(time.Second):
						case <-r.Context().Done():
							return 0, context.Cause(r.Context())
						}
						mu.Lock()
						defer mu.Unlock()
						n := copy(p, drop)
						if read <= usualBodyBytes && read+n > usualBodyBytes+1 {
							large++
						}
						read += n
						total += n
						return n, nil
					}))
					return res, nil
				}}
				c := s.client(t, WithBreaker(Breaker{}), WithRetries(0))
				var wg sync.WaitGroup
				start := time.Now()
				for n := range callers {
					wg.Go(func() { _ = ask(t.Context(), c, project(1+n%3)) })
				}
				<-time.After(15 * time.Second)
				mustAsk(t, c, project(0))
				if took := time.Since(start); took != 15*time.Second {
					t.Errorf("a usual answer came after %s", took)
				}
				mu.Lock()
				if large > maxLargeBodies || total > callers*(usualBodyBytes+1)+maxLargeBodies*15*len(drop) {
					t.Errorf("%d bodies are large, %d bytes were read", large, total)
				}
				mu.Unlock()
				wg.Wait()
			})
		})
	}
}

func TestBodyPool_readsALargeBody(t *testing.T) {
	for name, length := range map[string]int64{"of a declared size": 0, "of no declared size": -1} {
		for _, size := range []int{
			usualBodyBytes - 1, usualBodyBytes, usualBodyBytes + 1, usualBodyBytes + 2, 3 * usualBodyBytes,
		} {
			body := `{"id":"` + testJob + `"}`
			body += strings.Repeat(" ", size-len(body))
			s := &script{answer: func(int, *http.Request) (*http.Response, error) {
				res := response(200, body)
				if res.ContentLength = length; length == 0 {
					res.ContentLength = int64(size)
				}
				return res, nil
			}}
			mustAsk(t, s.client(t, WithMaxBodyBytes(int64(size)), WithRetries(0)), testGroup)
			if e := asError(t, ask(t.Context(), s.client(t, WithMaxBodyBytes(int64(size-1)), WithRetries(0)), testGroup)); e.Kind != KindMalformed || !errors.Is(e, errTooLarge) {
				t.Errorf("%s, %d bytes: got %v", name, size, e)
			}
		}
	}
}

// Bodies are read into memory that was of others before.
func TestBodyPool_reusesNoMemoryOfAResult(t *testing.T) {
	var body string
	status := http.StatusOK
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}), WithRetries(0), WithBudget(false), WithBreaker(Breaker{}))
	const failure = `{"error":404,"errorCode":"CLUSTER_NOT_FOUND","detail":"There is none.","reason":"Not ` +
		`Found","parameters":["one","another"],"badRequestDetail":{"fields":[{"field":"f","description":"d"}]}}`
	text := func(value any, err error) string {
		b, failed := json.Marshal([]any{value, err})
		if failed != nil {
			t.Fatal(failed)
		}
		return string(b)
	}
	for _, op := range operations {
		for _, status = range []int{200, 404} {
			body = op.example
			if op.list {
				body = `{"results":[` + op.example + `],"links":[{"href":"https://a.example/next","rel":"next"}]}`
			}
			if status != http.StatusOK {
				body = failure
			}
			value, err := op.do(t, c)
			if (err == nil) != (status == http.StatusOK) {
				t.Errorf("%s: %v", op.name, err)
			}
			before := text(value, err)
			body = strings.Repeat("0", len(body))
			for range 8 {
				_, _ = op.do(t, c)
			}
			if after := text(value, err); after != before {
				t.Errorf("%s became %s", before, after)
			}
		}
	}
}

func TestBufferedBody_isTruncatedByGOAWAY(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := http2Client(t, memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
			c.Head(stream)
			c.Data(stream, jobBody[:10], false)
			c.GoAway(stream, 0, "")
			c.Close()
		}), WithRetries(0))
		e := asError(t, ask(t.Context(), c, testGroup))
		if e.Kind != KindMalformed || e.Status != 200 {
			t.Errorf("got %+v", e)
		}
	})
}
