package app

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// closeWhile returns next with answers that say Connection: close while draining reports
// true, also those whose requests came before. A client of HTTP/1.1 sends its next
// request on another connection; to one of HTTP/2 net/http sends GOAWAY, and what it sends
// later on that connection it may safely send again elsewhere. Nothing is lost, as it is
// when a connection is closed that a request is on its way on.
func closeWhile(draining func() bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := &drainWriter{ResponseWriter: w, draining: draining}
		next.ServeHTTP(d, r)
		d.setClose() // where nothing was written
	})
}

// drainWriter sets the header at the last moment that it can be set.
type drainWriter struct {
	http.ResponseWriter

	draining func() bool
	sent     bool // the header, or it is about to be
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
	if status >= http.StatusOK { // others are not the last
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

// stoppable is a listener that can be closed so that no connection is lost that a client
// has made and the server has not taken yet. It has one caller of Accept at a time.
type stoppable struct {
	net.Listener

	stopping atomic.Bool
	closed   bool       // the listener is, by Accept
	waiting  []net.Conn // what was taken last
}

// Accept waits for the next connection. After stop it returns those that are there, and
// then net.ErrClosed.
func (l *stoppable) Accept() (net.Conn, error) {
	if !l.closed {
		conn, err := l.Listener.Accept()
		if err == nil || !l.stopping.Load() {
			return conn, err
		}
		l.waiting, l.closed = closeEmpty(l.Listener), true
	}
	if len(l.waiting) == 0 {
		return nil, net.ErrClosed
	}
	conn := l.waiting[0]
	l.waiting = l.waiting[1:]
	return conn, nil
}

// stop has Accept close the listener and does not wait for that.
func (l *stoppable) stop() {
	l.stopping.Store(true)
	if d, ok := l.Listener.(interface{ SetDeadline(t time.Time) error }); !ok || d.SetDeadline(time.Now()) != nil {
		_ = l.Close()
	}
}

// openConns counts the connections of a server: it is to be its ConnState.
type openConns struct {
	mu   sync.Mutex
	open int
	none chan struct{} // closed when there are none; nil when nothing waits for that
}

func (c *openConns) count(_ net.Conn, state http.ConnState) {
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

// wait waits until no connection is open, ctx ends or so much time has passed. One waits at
// a time.
func (c *openConns) wait(ctx context.Context, atMost time.Duration) {
	c.mu.Lock()
	if c.open == 0 {
		c.mu.Unlock()
		return
	}
	none := make(chan struct{})
	c.none = none
	c.mu.Unlock()
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-none:
	case <-timer.C:
	case <-ctx.Done():
	}
}
