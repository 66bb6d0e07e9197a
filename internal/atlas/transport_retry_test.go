package atlas

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetrier_repeatsTransientFailuresOnly(t *testing.T) {
	type reply struct {
		status int
		header []string
		body   io.Reader
		err    error
	}
	answering := func(status int, header ...string) reply { return reply{status: status, header: header} }
	failing := func(err error) reply { return reply{err: err} }
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	tests := map[string]struct {
		first reply
		again bool
	}{
		"200":                           {first: answering(200), again: false},
		"400":                           {first: answering(400), again: false},
		"401":                           {first: answering(401), again: false},
		"404":                           {first: answering(404), again: false},
		"409":                           {first: answering(409), again: false},
		"410":                           {first: answering(410), again: false},
		"500":                           {first: answering(500), again: false},
		"501":                           {first: answering(501), again: false},
		"502":                           {first: answering(502), again: true},
		"503":                           {first: answering(503), again: true},
		"504":                           {first: answering(504), again: true},
		"503 with a short wait":         {first: answering(503, "Retry-After: 2"), again: true},
		"503 with a long wait":          {first: answering(503, "Retry-After: 3"), again: false},
		"429 with a short wait":         {first: answering(429, "Retry-After: 1"), again: true},
		"429 with a long wait":          {first: answering(429, "Retry-After: 17"), again: false},
		"429 that says nothing":         {first: answering(429), again: true},
		"502 in HTML":                   {first: answering(502, "Content-Type: text/html"), again: true},
		"a connection reset":            {first: failing(reset), again: true},
		"an end before the answer":      {first: failing(io.EOF), again: true},
		"an answer cut off in its head": {first: failing(io.ErrUnexpectedEOF), again: true},
		"a connection refused":          {first: failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), again: true},
		"a host that takes too long": {
			first: failing(&net.OpError{Op: "dial", Err: attemptTimeoutError{}}), again: true,
		},
		"a name that is not known": {
			first: failing(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), again: false,
		},
		"a name server that is slow": {
			first: failing(&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}), again: true,
		},
		"a certificate that is not valid": {first: failing(errors.New("x509")), again: false},
		"a 200 that is none":              {first: reply{status: 200, body: strings.NewReader("<html>")}, again: false},
		"a 200 that breaks off": {
			first: reply{status: 200, body: io.MultiReader(strings.NewReader(`{"id"`), brokenOff)}, again: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
					switch {
					case n > 1:
						return answer(200), nil
					case tt.first.err != nil:
						return nil, tt.first.err
					}
					res := answer(tt.first.status, tt.first.header...)
					if tt.first.body != nil {
						res.Body, res.ContentLength = io.NopCloser(tt.first.body), -1
					}
					return res, nil
				}}
				c := s.client(t)
				err := ask(t.Context(), c, testGroup)
				if again := s.count() > 1; again != tt.again || s.count() > 2 || tt.again && err != nil {
					t.Errorf("%d requests, error %v", s.count(), err)
				}
				if n := c.Stats().Retries; n != uint64(s.count()-1) {
					t.Errorf("%d retries are counted", n)
				}
			})
		})
	}
}

func TestRetrier_returnsTheLastAttempt(t *testing.T) {
	for _, retries := range []int{0, 1, DefaultRetries, MaxRetries} {
		synctest.Test(t, func(t *testing.T) {
			var log memoryLog
			s := always(503)
			e := asError(t, ask(t.Context(), s.client(t, WithRetries(retries), log.option()), testGroup))
			if e.Status != 503 || e.Kind != KindAnswered || s.count() != retries+1 {
				t.Errorf("%d requests, error %v", s.count(), e)
			}
			if lines := log.with("tried again"); len(lines) != retries {
				t.Errorf("the log has %q", lines)
			}
		})
	}
}

func TestRetrier_repeatsOnlyIdempotentRequests(t *testing.T) {
	for method, want := range map[string]int{"GET": 3, "HEAD": 3, "POST": 1, "DELETE": 1, "PATCH": 1, "PUT": 1} {
		synctest.Test(t, func(t *testing.T) {
			s := always(503)
			c := s.client(t, WithActions())
			req, err := http.NewRequestWithContext(withCallInfo(t.Context(), &callInfo{op: "x"}), method, "https://x/",
				http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := c.http.Do(req)
			if err != nil || s.count() != want {
				t.Fatalf("%s: %d requests, error %v, want %d", method, s.count(), err, want)
			}
			_ = res.Body.Close()
		})
	}
}

func TestRetrier_doesNotRepeatTokenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{tokenStatus: 503, tokenBody: `{"error":"down"}`}
		_ = asError(t, ask(t.Context(), issuer.client(t), testGroup))
		if n := issuer.asked.Load(); n != 1 {
			t.Errorf("the token endpoint was asked %d times, want 1", n)
		}
	})
}

// closing counts bodies that are open.
type closing struct {
	io.Reader
	open *atomic.Int64
}

func (c closing) Close() error { c.open.Add(-1); return nil }

func TestRetrier_closesEveryBodyOnce(t *testing.T) {
	for _, last := range []int{200, 404, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			var open atomic.Int64
			s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
				res := answer([]int{502, 504, last}[n-1])
				open.Add(1)
				res.Body = closing{Reader: res.Body, open: &open}
				return res, nil
			}}
			_ = ask(t.Context(), s.client(t), testGroup)
			if s.count() != 3 || open.Load() != 0 {
				t.Errorf("after %d answers %d are open", s.count(), open.Load())
			}
		})
	}
}

// Over real connections, because net/http has a say in what a broken one looks like.
func TestRetrier_replacesABrokenConnection(t *testing.T) {
	var requests atomic.Int64
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(`{"id":"` + testJob + `"}`))
	}), WithRetries(1))
	mustAsk(t, c, testGroup)
	if n := requests.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestRetrier_replacesASilentConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled atomic.Int64
		transport := newTransport(nil)
		transport.DialTLSContext = func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			number := dialled.Add(1)
			go func() {
				defer func() { _ = far.Close() }()
				// Read up to the end of the head, then answer or keep silent.
				buffer := make([]byte, 64<<10)
				_, _ = far.Read(buffer)
				if number > 1 {
					body := `{"id":"` + testJob + `"}`
					_, _ = far.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 33\r\nContent-Type: application/json\r\n\r\n" + body))
				}
				_, _ = far.Read(buffer)
			}()
			return near, nil
		}
		c, err := New(AccessToken{Token: "t"}, WithTransport(transport), WithTimeout(8*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		mustAsk(t, c, testGroup)
		if dialled.Load() != 2 {
			t.Errorf("%d connections", dialled.Load())
		}
	})
}
