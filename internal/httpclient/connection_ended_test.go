package httpclient

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/test/memnet"
)

const (
	noError, internalError, cancelStream, calmDown = 0, 2, 8, 11

	// allStreams is the last stream of a server that has not decided which it will handle.
	allStreams = 1<<31 - 1
)

// endings are ways in which a server ends a connection or a stream without a complete response.
var endings = map[string]func(c *memnet.HTTP2Conn, stream uint32){
	"closed":                func(c *memnet.HTTP2Conn, _ uint32) { c.Close() },
	"GOAWAY, then closed":   func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(allStreams, noError, ""); c.Close() },
	"GOAWAY of this stream": func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, noError, ""); c.Close() },
	"GOAWAY with an error":  func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, internalError, ""); c.Close() },
	"GOAWAY with debug data": func(c *memnet.HTTP2Conn, s uint32) {
		c.GoAway(s, calmDown, "too_many_pings")
		c.Close()
	},
	"GOAWAY before the stream":   func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(0, noError, ""); c.Close() },
	"an error before the stream": func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(0, internalError, ""); c.Close() },
	"GOAWAY, and silence":        func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(allStreams, noError, ""); c.Silence() },
	"RST_STREAM INTERNAL_ERROR":  func(c *memnet.HTTP2Conn, s uint32) { c.Reset(s, internalError) },
	"RST_STREAM CANCEL":          func(c *memnet.HTTP2Conn, s uint32) { c.Reset(s, cancelStream) },
	"silence":                    func(c *memnet.HTTP2Conn, _ uint32) { c.Silence() },
	"a frame against the rules":  func(c *memnet.HTTP2Conn, s uint32) { c.Garbage(s) },
	"half a body, closed":        func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Close() },
	"half a body, GOAWAY":        func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.GoAway(s, noError, ""); c.Close() },
	"half a body, GOAWAY, error": func(c *memnet.HTTP2Conn, s uint32) {
		half(c, s)
		c.GoAway(s, internalError, "x")
		c.Close()
	},
	"half a body, GOAWAY, others": func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.GoAway(0, noError, ""); c.Close() },
	"half a body, RST_STREAM":     func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Reset(s, internalError) },
	"half a body, silence":        func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Silence() },
}

func half(c *memnet.HTTP2Conn, stream uint32) {
	c.Head(stream)
	c.Data(stream, `{"half":`, false)
}

// http2Only returns a transport that speaks HTTP/2 to network, without TLS.
func http2Only(network *memnet.Network) *http.Transport {
	t := NewTransport(time.Second, network.Dial)
	t.Protocols = new(http.Protocols)
	t.Protocols.SetUnencryptedHTTP2(true)
	return t
}

// fetch returns the body, or the error of the request or of its body.
func fetch(ctx context.Context, t http.RoundTripper) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", http.NoBody)
	if err != nil {
		return "", err
	}
	res, err := t.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// The errors are those of the real transport, because some of them can be told by their text alone.
func TestConnectionEnded_isTrueForEveryEndOfAnHTTP2Connection(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Every connection ends so: net/http repeats some of them by itself.
				transport := http2Only(memnet.ServeHTTP2(t, end))
				defer transport.CloseIdleConnections()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				_, err := fetch(ctx, LimitConnections(transport))
				if !ConnectionEnded(err) {
					t.Errorf("got %v (%T)", err, err)
				}
				if wrapped := fmt.Errorf("the keys: %w", err); !ConnectionEnded(wrapped) {
					t.Errorf("wrapped: got %v", wrapped)
				}
			})
		})
	}
}

func TestNewTransport_closesASilentConnection(t *testing.T) {
	for _, name := range []string{"silence", "half a body, silence", "GOAWAY, and silence"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := http2Only(memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
					if c.Number == 1 {
						endings[name](c, stream)
					} else {
						c.Answer(stream, "{}")
					}
				}))
				defer transport.CloseIdleConnections()
				start := time.Now()
				_, err := fetch(t.Context(), transport)
				if took := time.Since(start); err == nil || took > LostAfter {
					t.Errorf("after %s: %v", took, err)
				}
				if body, err := fetch(t.Context(), transport); body != "{}" || err != nil {
					t.Errorf("the next request got %q, %v", body, err)
				}
			})
		})
	}
}

// A server that is slow and not gone answers pings.
func TestNewTransport_keepsASlowConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := http2Only(memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
			time.AfterFunc(time.Minute, func() { c.Answer(stream, "{}") })
		}))
		defer transport.CloseIdleConnections()
		if body, err := fetch(t.Context(), transport); body != "{}" || err != nil {
			t.Errorf("got %q, %v", body, err)
		}
	})
}

// An idle connection that a NAT forgot is gone before the next request could be sent on it.
func TestNewTransport_findsASilentIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers := make(chan int, 2)
		transport := http2Only(memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
			c.Answer(stream, "{}")
			c.Silence()
			numbers <- c.Number
		}))
		defer transport.CloseIdleConnections()
		for want := 1; want <= 2; want++ {
			if _, err := fetch(t.Context(), transport); err != nil || <-numbers != want {
				t.Errorf("request %d: %v", want, err)
			}
			<-time.After(LostAfter + time.Millisecond) // of the bubble's clock
		}
	})
}

// net/http alone would dial without an end, and without letting time pass.
func TestLimitConnections_endsTheRepetitionsOfTheTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		transport := http2Only(memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, _ uint32) {
			requests.Add(1)
			c.GoAway(0, noError, "")
			c.Close()
		}))
		defer transport.CloseIdleConnections()
		if _, err := fetch(t.Context(), LimitConnections(transport)); !errors.Is(err, errConnections) {
			t.Errorf("got %v", err)
		}
		if n := requests.Load(); n > maxConnections+1 {
			t.Errorf("it was sent %d times", n)
		}
	})
}

func TestConnectionEnded_isFalseForOtherErrors(t *testing.T) {
	tests := map[string]struct {
		err  error
		want bool
	}{
		"nothing":                   {err: nil, want: false},
		"a reset":                   {err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}, want: true},
		"a host that is gone":       {err: &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, want: true},
		"a cut":                     {err: io.ErrUnexpectedEOF, want: true},
		"a timeout":                 {err: context.DeadlineExceeded, want: false},
		"a caller that left":        {err: context.Canceled, want: false},
		"a name without an address": {err: &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, want: false},
		"a certificate":             {err: x509.UnknownAuthorityError{}, want: false},
		"no descriptor left":        {err: &net.OpError{Op: "dial", Err: syscall.EMFILE}, want: false},
		"text of a body":            {err: errors.New("the body says http2: client connection lost"), want: false},
		"our own misuse of HTTP/2":  {err: errors.New("http2: unsupported scheme"), want: false},
	}
	for name, tt := range tests {
		if got := ConnectionEnded(tt.err); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestNewTransport_hasTheDocumentedLimits(t *testing.T) {
	transport := NewTransport(time.Second, nil)
	h2 := transport.HTTP2
	if h2.SendPingTimeout+h2.PingTimeout != LostAfter || LostAfter > 5*time.Second || h2.WriteByteTimeout <= 0 {
		t.Errorf("got %+v", h2)
	}
	if transport.Proxy == nil || !transport.ForceAttemptHTTP2 || transport.DialContext == nil {
		t.Error("the proxies of the environment, HTTP/2 or the dialler is missing")
	}
}
