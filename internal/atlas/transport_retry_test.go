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

func TestWhatFailedInPassingIsTriedAgainAndNothingElse(t *testing.T) {
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
		"200":                             {answering(200), false},
		"400":                             {answering(400), false},
		"401":                             {answering(401), false},
		"404":                             {answering(404), false},
		"409":                             {answering(409), false},
		"410":                             {answering(410), false},
		"500":                             {answering(500), false},
		"501":                             {answering(501), false},
		"502":                             {answering(502), true},
		"503":                             {answering(503), true},
		"504":                             {answering(504), true},
		"503 with a short wait":           {answering(503, "Retry-After: 2"), true},
		"503 with a long wait":            {answering(503, "Retry-After: 3"), false},
		"429 with a short wait":           {answering(429, "Retry-After: 1"), true},
		"429 with a long wait":            {answering(429, "Retry-After: 17"), false},
		"429 that says nothing":           {answering(429), true},
		"502 in HTML":                     {answering(502, "Content-Type: text/html"), true},
		"a connection reset":              {failing(reset), true},
		"an end before the answer":        {failing(io.EOF), true},
		"an answer cut off in its head":   {failing(io.ErrUnexpectedEOF), true},
		"a connection refused":            {failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), true},
		"a host that takes too long":      {failing(&net.OpError{Op: "dial", Err: attemptTimeoutError{}}), true},
		"a name that is not known":        {failing(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), false},
		"a name server that is slow":      {failing(&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}), true},
		"a certificate that is not valid": {failing(errors.New("x509")), false},
		"a 200 that is none":              {reply{status: 200, body: strings.NewReader("<html>")}, false},
		"a 200 that breaks off":           {reply{status: 200, body: io.MultiReader(strings.NewReader(`{"id"`), brokenOff)}, true},
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

func TestAttemptsAreBoundedAndTheLastOneIsTheAnswer(t *testing.T) {
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

func TestOnlyCallsThatChangeNothingAreTriedAgain(t *testing.T) {
	for method, want := range map[string]int{"GET": 3, "HEAD": 3, "POST": 1, "DELETE": 1, "PATCH": 1, "PUT": 1} {
		synctest.Test(t, func(t *testing.T) {
			s := always(503)
			c := s.client(t)
			req, err := http.NewRequestWithContext(withCallInfo(t.Context(), &callInfo{op: "x"}), method, "https://x/", http.NoBody)
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

func TestATokenIsNotAskedForAgainByTheRetries(t *testing.T) {
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

func TestEveryAnswerIsClosedOnce(t *testing.T) {
	for _, last := range []int{200, 404, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			var open atomic.Int64
			s := &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
				res := answer([]int{502, 504, last}[n-1])
				open.Add(1)
				res.Body = closing{res.Body, &open}
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
func TestABrokenConnectionIsReplaced(t *testing.T) {
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

func TestASilentConnectionIsReplaced(t *testing.T) {
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
