package atlas

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/httpclient"
	"atlas-restore-gateway/internal/test/memnet"
)

const jobBody = `{"id":"` + testJob + `"}`

// http2Client speaks HTTP/2 to network, without TLS.
func http2Client(t *testing.T, network *memnet.Network, opts ...Option) *Client {
	t.Helper()
	transport := newTransport(network.Dial)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	c, err := New(AccessToken{Token: "t"},
		append([]Option{WithTransport(transport), WithBaseURL("http://127.0.0.1")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestRetrier_repeatsACallWhoseHTTP2ConnectionEnded(t *testing.T) {
	half := func(c *memnet.HTTP2Conn, stream uint32) {
		c.Head(stream)
		c.Data(stream, jobBody[:10], false)
	}
	const every = 1<<31 - 1
	endings := map[string]func(c *memnet.HTTP2Conn, stream uint32){
		"a cut":                      func(c *memnet.HTTP2Conn, _ uint32) { c.Close() },
		"GOAWAY of no stream":        func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(0, 0, ""); c.Close() },
		"an error before the stream": func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(0, 2, ""); c.Close() },
		"GOAWAY of every stream":     func(c *memnet.HTTP2Conn, _ uint32) { c.GoAway(every, 0, ""); c.Close() },
		"GOAWAY of this stream":      func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, 0, ""); c.Close() },
		"GOAWAY with an error":       func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, 11, "too_many_pings"); c.Close() },
		"GOAWAY, and silence":        func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, 0, ""); c.Silence() },
		"RST_STREAM":                 func(c *memnet.HTTP2Conn, s uint32) { c.Reset(s, 8) },
		"garbage":                    func(c *memnet.HTTP2Conn, s uint32) { c.Garbage(s) },
		"silence":                    func(c *memnet.HTTP2Conn, _ uint32) { c.Silence() },
		"half a body, a cut":         func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Close() },
		"half a body, GOAWAY":        func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.GoAway(s, 0, ""); c.Close() },
		"half a body, RST_STREAM":    func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Reset(s, 2) },
		"half a body, silence":       func(c *memnet.HTTP2Conn, s uint32) { half(c, s); c.Silence() },
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int64
				c := http2Client(t, memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
					if requests.Add(1) == 1 {
						end(c, stream)
					} else {
						c.Answer(stream, jobBody)
					}
				}))
				start := time.Now()
				mustAsk(t, c, testGroup)
				if took := time.Since(start); took > httpclient.LostAfter+time.Second {
					t.Errorf("it took %s", took)
				}
				if n := requests.Load(); n != 2 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// Every call of the first seconds waits on the one connection; all of them are served by the next.
func TestRetrier_leavesASilentHTTP2ConnectionWithAllItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The connections that carried a request: net/http sometimes dials one more and does not use it.
		var used sync.Map
		c := http2Client(t, memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
			used.Store(c.Number, true)
			if c.Number == 1 && stream > 1 {
				c.Silence()
			}
			c.Answer(stream, jobBody)
		}))
		mustAsk(t, c, testGroup)
		start := time.Now()
		var wg sync.WaitGroup
		// More than the breaker judges and the retry budget has.
		for n := range 40 {
			wg.Go(func() {
				if err := ask(t.Context(), c, project(n)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		connections := 0
		used.Range(func(any, any) bool { connections++; return true })
		if took := time.Since(start); took > httpclient.LostAfter+time.Second || connections != 2 {
			t.Errorf("it took %s and %d connections", took, connections)
		}
	})
}

// Where every new connection ends, each is a failure.
func TestBreaker_opensWhereEveryConnectionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := http2Client(t, memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, _ uint32) { c.Close() }), WithRetries(0))
		for range DefaultBreaker().Requests {
			_ = asError(t, ask(t.Context(), c, testGroup))
		}
		if state := statsOf(c).Breaker; state != "open" {
			t.Errorf("the breaker is %s", state)
		}
	})
}

// Each stream that is reset is a failure, also on a connection that another request opened.
func TestBreaker_opensWhereEveryStreamIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := http2Client(t, memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) { c.Reset(stream, 2) }),
			WithRetries(0))
		for range DefaultBreaker().Requests {
			_ = asError(t, ask(t.Context(), c, testGroup))
		}
		if state := statsOf(c).Breaker; state != "open" {
			t.Errorf("the breaker is %s", state)
		}
	})
}

// Connections of HTTP/1.1 cannot be pinged: the first call that a silent one costs time leaves the
// idle ones, too, so that the second attempt dials.
func TestRetrier_leavesSilentHTTP1ConnectionsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var silent atomic.Bool
		var dialled atomic.Int64
		transport := newTransport(func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			old := !silent.Load()
			dialled.Add(1)
			go func() {
				defer func() { _ = far.Close() }()
				buffer := make([]byte, 64<<10)
				for {
					if _, err := far.Read(buffer); err != nil {
						return
					}
					if old && silent.Load() {
						continue
					}
					_, _ = fmt.Fprintf(far, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%s",
						len(jobBody), jobBody)
				}
			}()
			return near, nil
		})
		c, err := New(AccessToken{Token: "t"}, WithTransport(transport), WithBaseURL("http://127.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var wg sync.WaitGroup
		for n := range 5 {
			wg.Go(func() { mustAsk(t, c, project(n)) })
		}
		wg.Wait()
		// A connection is idle a moment after its answer was read.
		synctest.Wait()
		silent.Store(true)
		before := dialled.Load()
		mustAsk(t, c, testGroup)
		if n := dialled.Load() - before; n != 1 {
			t.Errorf("%d connections were dialled", n)
		}
	})
}
