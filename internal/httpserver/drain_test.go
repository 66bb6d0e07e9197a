package httpserver

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"atlas-restore-gateway/internal/test/memnet"
)

func TestCloseWhileDraining_closesTheConnectionOfARequestThatCameBefore(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"nothing":  func(http.ResponseWriter) {},
		"a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"a hint and a status": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		},
		"a body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
		"a stream": func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			var draining atomic.Bool
			network := memnet.Serve(t,
				closeWhileDraining(draining.Load, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/drain" {
						draining.Store(true)
					}
					answer(w)
				})))
			client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}}
			for path, want := range map[string]bool{"/": false, "/drain": true} {
				draining.Store(false)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway"+path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.Close != want {
					t.Errorf("%s: the connection is to be closed: %t", path, res.Close)
				}
			}
			client.CloseIdleConnections()
		})
	}
}

func TestStoppableListener_losesNoConnectionOfItsBacklog(t *testing.T) {
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &stoppableListener{Listener: inner}
	const waiting = 10
	conns := make([]net.Conn, waiting)
	for i := range conns {
		if conns[i], err = (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String()); err != nil {
			t.Fatal(err)
		}
		conn := conns[i]
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conns[i], "hello"); err != nil {
			t.Fatal(err)
		}
	}
	listener.stop()
	for range waiting {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(conn, conn, int64(len("hello"))); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the last one: %v", err)
	}
	for _, conn := range conns {
		if echo, err := io.ReadAll(conn); err != nil || string(echo) != "hello" {
			t.Errorf("a connection got %q and %v", echo, err)
		}
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("it accepts another connection")
	}
}
