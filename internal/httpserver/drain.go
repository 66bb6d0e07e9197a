package httpserver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// closeWhileDraining adds Connection: close to the responses of next while draining returns true, also to those whose
// requests came before. A client of HTTP/1.1 then sends its next request on another connection. To a client of HTTP/2
// net/http sends GOAWAY; what the client sends later on that connection, it can safely send again elsewhere. So no
// request is lost, as it could be when a connection is closed while a request is in transit.
func closeWhileDraining(draining func() bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := &drainWriter{ResponseWriter: w, draining: draining}
		next.ServeHTTP(d, r)
		d.setClose() // where nothing was written
	})
}

// drainWriter sets Connection: close just before the header is sent.
type drainWriter struct {
	http.ResponseWriter

	draining func() bool
	sent     bool // the header was sent or is about to be
}

func (w *drainWriter) setClose() {
	if w.sent {
		return
	}
	w.sent = true
	if w.draining() {
		w.Header().Set("Connection", "close")
	}
}

// WriteHeader sends the header.
func (w *drainWriter) WriteHeader(status int) {
	if status >= http.StatusOK { // an informational header is not the last
		w.setClose()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (w *drainWriter) Write(b []byte) (int, error) {
	w.setClose()
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written.
func (w *drainWriter) Flush() {
	w.setClose()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *drainWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// stoppableListener can be closed without losing the connections that clients have made and the server has not accepted
// yet. Accept must not be called concurrently.
type stoppableListener struct {
	net.Listener

	stopping atomic.Bool
	closed   bool       // Accept has closed Listener
	backlog  []net.Conn // the connections that waited when Listener was closed
}

// Accept waits for the next connection. After stop it returns the connections of the backlog, and then net.ErrClosed.
func (l *stoppableListener) Accept() (net.Conn, error) {
	if !l.closed {
		conn, err := l.Listener.Accept()
		if err == nil || !l.stopping.Load() {
			return conn, err
		}
		l.backlog, l.closed = closeAndAcceptBacklog(l.Listener), true
	}
	if len(l.backlog) == 0 {
		return nil, net.ErrClosed
	}
	conn := l.backlog[0]
	l.backlog = l.backlog[1:]
	return conn, nil
}

// stop has Accept close the listener and does not wait for it.
func (l *stoppableListener) stop() {
	l.stopping.Store(true)
	if d, ok := l.Listener.(interface{ SetDeadline(t time.Time) error }); !ok || d.SetDeadline(time.Now()) != nil {
		_ = l.Close()
	}
}

// connCounter counts the open connections of a server. Its method count is the server's ConnState.
type connCounter struct {
	mu   sync.Mutex
	open int
	none chan struct{} // closed when no connection is open; nil when wait is not running
}

func (c *connCounter) count(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
	case http.StateClosed, http.StateHijacked:
		c.open--
		if c.open == 0 && c.none != nil {
			close(c.none)
			c.none = nil
		}
	case http.StateActive, http.StateIdle:
	}
}

// wait returns when no connection is open, ctx has ended or the timeout has passed. It must not be called concurrently.
func (c *connCounter) wait(ctx context.Context, timeout time.Duration) {
	c.mu.Lock()
	if c.open == 0 {
		c.mu.Unlock()
		return
	}
	none := make(chan struct{})
	c.none = none
	c.mu.Unlock()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-none:
	case <-timer.C:
	case <-ctx.Done():
	}
}
