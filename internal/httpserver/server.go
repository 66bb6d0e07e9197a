package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Bounds on slow clients. The server has no ReadTimeout and no WriteTimeout: both include the time that the handler
// takes and would cut long responses. A header is bounded here, a body by the handler, and each write by the
// connection.
const (
	readHeaderTimeout = 5 * time.Second
	writeTimeout      = 30 * time.Second
	// pingTimeout is how long an HTTP/2 connection can be silent before it is sent a ping.
	pingTimeout = 30 * time.Second
)

// lingerTimeout is how long open connections can still be used, each once, when the listener has been closed. A request
// may be in transit on a connection that looks idle; closing the connection would lose it.
const lingerTimeout = 500 * time.Millisecond

// Handler answers the requests of a server that drains before it stops.
type Handler interface {
	http.Handler

	// Drain has /health/ready answer 503 and Draining return true from now on.
	Drain()
	Draining() bool
	// EndStreams ends responses and connections that have no end of their own, and waits until ctx ends for those that
	// the server does not wait for.
	EndStreams(ctx context.Context)
}

// Config has the settings of a server.
type Config struct {
	// Certificate is what TLS is served with; nil serves plain HTTP.
	Certificate *Certificate
	// H2C also serves HTTP/2 without TLS, to clients with prior knowledge.
	H2C bool
	// IdleTimeout is how long a connection is kept open between two requests.
	IdleTimeout time.Duration
	// MaxHeaderBytes bounds the request line and the header.
	MaxHeaderBytes int
	// ShutdownDelay is how long connections are still accepted after the shutdown began, so that a load balancer can see
	// /health/ready fail.
	ShutdownDelay time.Duration
	// ShutdownGrace is how long requests in progress can take after that.
	ShutdownGrace time.Duration
}

// Serve answers requests until ctx ends, and shuts down. During the shutdown delay /health/ready fails and each
// response tells its client to use another connection. Then the listener is closed, open connections are served for
// lingerTimeout, and requests in progress have the shutdown grace to end.
func Serve(ctx context.Context, listener net.Listener, h Handler, c Config, logger *slog.Logger) error {
	server := newServer(closeWhileDraining(h.Draining, h), c, logger)
	conns, stoppable := &connCounter{}, &stoppableListener{Listener: listener}
	server.ConnState = conns.count
	serve := server.Serve
	if c.Certificate != nil {
		server.TLSConfig = c.Certificate.TLSConfig()
		server.Protocols.SetHTTP2(true)
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	served := make(chan error, 1)
	go func() { served <- serve(writeDeadlineListener{stoppable, writeTimeout}) }()
	select {
	case err := <-served:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	if c.ShutdownDelay > 0 {
		h.Drain()
	}
	logger.Info("stopping", slog.Duration("delay", c.ShutdownDelay), slog.Duration("grace", c.ShutdownGrace))
	<-time.After(c.ShutdownDelay)
	// Without a delay, the listener is closed before clients are told to use another connection. They would connect to
	// this listener again and be reset when it is closed.
	stoppable.stop()
	ended := <-served
	h.Drain()
	// ctx has ended; the grace is a timeout of its own.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ShutdownGrace)
	defer cancel()
	streams := make(chan struct{})
	go func() {
		defer close(streams)
		h.EndStreams(shutdown)
	}()
	defer func() { <-streams }()
	// Shutdown closes connections whose next request it has not begun to read.
	conns.wait(shutdown, lingerTimeout)
	err := server.Shutdown(shutdown)
	if err != nil {
		// Close cancels the contexts of the requests that did not end.
		logger.Warn("requests were cut off", slog.Duration("grace", c.ShutdownGrace))
		err = server.Close()
	}
	if !errors.Is(ended, net.ErrClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// newServer returns a server for HTTP/1.1, and for HTTP/2 without TLS if it is enabled.
func newServer(h http.Handler, c Config, logger *slog.Logger) *http.Server {
	server := &http.Server{
		Handler:           withWriteDeadline(h, writeTimeout),
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.MaxHeaderBytes,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: pingTimeout, WriteByteTimeout: writeTimeout},
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(c.H2C)
	return server
}
