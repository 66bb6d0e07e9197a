package httpserver

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/test/memnet"
)

// dialServer starts a server as Serve does, in a bubble of synctest, and returns a connection to it.
func dialServer(t *testing.T, h http.HandlerFunc) net.Conn {
	t.Helper()
	p := memnet.New()
	server := newServer(h, Config{IdleTimeout: time.Minute, MaxHeaderBytes: 4 << 10}, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(writeDeadlineListener{Listener: p, timeout: writeTimeout}) }()
	t.Cleanup(func() { _ = server.Close() })
	conn, err := p.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// closedAfter reads until the server closes the connection, and returns how long that took and what was read.
func closedAfter(conn net.Conn) (time.Duration, string) {
	start := time.Now()
	answer, _ := io.ReadAll(conn)
	return time.Since(start), string(answer)
}

func TestServer_closesTheConnectionOfASlowClient(t *testing.T) {
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }
	for name, tt := range map[string]struct {
		sends string
		after time.Duration
	}{
		"with a header that does not end": {sends: "GET / HTTP/1.1\r\nHost: a\r\nX-", after: readHeaderTimeout},
		"with nothing":                    {after: readHeaderTimeout},
		"after its response":              {sends: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", after: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := dialServer(t, hello)
				go func() { _, _ = io.WriteString(conn, tt.sends) }()
				if after, _ := closedAfter(conn); after != tt.after {
					t.Errorf("it was closed after %s", after)
				}
			})
		})
	}
}

func TestWriteDeadline_endsTheConnectionOfAClientThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration)
		conn := dialServer(t, func(w http.ResponseWriter, _ *http.Request) {
			start := time.Now()
			_, _ = w.Write(make([]byte, 10<<20))
			ended <- time.Since(start)
		})
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") }()
		if after := <-ended; after != writeTimeout {
			t.Errorf("it was written to for %s", after)
		}
	})
}

// TestWriteDeadline_resetsAnHTTP2StreamWithoutAWindow has a client that keeps its connection alive and reads
// nothing of one stream.
func TestWriteDeadline_resetsAnHTTP2StreamWithoutAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := memnet.New()
		ended := make(chan time.Duration, 1)
		server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			start := time.Now()
			_, _ = w.Write(make([]byte, 64<<20))
			ended <- time.Since(start)
		}), Config{H2C: true, IdleTimeout: time.Minute, MaxHeaderBytes: 4 << 10}, slog.New(slog.DiscardHandler))
		go func() { _ = server.Serve(writeDeadlineListener{Listener: p, timeout: writeTimeout}) }()
		defer func() { _ = server.Close() }()
		transport := &http.Transport{Protocols: new(http.Protocols), DialContext: p.Dial}
		transport.Protocols.SetUnencryptedHTTP2(true)
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://a/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if after := <-ended; res.ProtoMajor != 2 || after != writeTimeout {
			t.Errorf("by HTTP/%d it was written to for %s", res.ProtoMajor, after)
		}
		if n, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Errorf("the client got %d bytes and no error", n)
		}
		_ = res.Body.Close()
	})
}

func TestWriteDeadline_servesAClientThatReadsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 1 << 20
		conn := dialServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, size)) })
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }()
		read, piece := 0, make([]byte, maxWriteBytes/2)
		for {
			n, err := io.ReadFull(conn, piece)
			read += n
			if err != nil {
				break
			}
			// Two of these make maxWriteBytes.
			<-time.After(writeTimeout / 3)
		}
		if read < size {
			t.Errorf("it got %d bytes", read)
		}
	})
}

func TestWriteDeadline_letsAStreamLastWhileItIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 100
		conn := dialServer(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for i := range events {
				select {
				case <-time.After(20 * time.Second):
				case <-r.Context().Done():
					return
				}
				_, _ = fmt.Fprintf(w, "event %d\n", i)
				_ = http.NewResponseController(w).Flush()
			}
		})
		go func() { _, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi") }()
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		stream, err := io.ReadAll(res.Body)
		if err != nil || strings.Count(string(stream), "event") != events {
			t.Errorf("got %d events and %v", strings.Count(string(stream), "event"), err)
		}
	})
}

func TestServer_rejectsAHeaderThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := dialServer(t, func(http.ResponseWriter, *http.Request) { t.Error("it was served") })
		go func() {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nX-A: "+strings.Repeat("a", 16<<10)+"\r\n\r\n")
		}()
		if _, answer := closedAfter(conn); !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
			t.Errorf("got %.40q", answer)
		}
	})
}
