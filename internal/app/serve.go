package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"atlas-restore-gateway/internal/certificate"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
)

// Bounds on slow clients. The server has no read and no write timeout: both go on while
// a request is answered, and would cut the long ones. A head has its time here, a body
// has it in the gateway, and each write has its own on the connection.
const (
	readHeaderTimeout = 5 * time.Second
	writeTimeout      = 30 * time.Second
	// pingAfter is how long an HTTP/2 connection may be silent before it is asked
	// whether it is still there.
	pingAfter = 30 * time.Second
)

// newServer speaks HTTP/1.1, and HTTP/2 without TLS where that is asked for.
func newServer(h http.Handler, cfg *config.Config, logger *slog.Logger) *http.Server {
	server := &http.Server{
		Handler:           impatientStreams(h, writeTimeout),
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    cfg.MaxHeaderBytes,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: pingAfter, WriteByteTimeout: writeTimeout},
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(cfg.H2C)
	return server
}

// lastUse is how long open connections can still be used, each once, when the gateway takes
// no more: a request may be on its way on one that looks idle, and would be lost if it were
// closed.
const lastUse = 500 * time.Millisecond

// serve answers requests until ctx ends. Then, for the shutdown's delay, /health/ready says
// so and every answer tells its client to use another connection. After it no connection
// is taken. Those that are open are served for lastUse, and requests under way end, within
// the shutdown's grace.
func serve(ctx context.Context, listener net.Listener, gw *gateway.Gateway, cert *certificate.Reloadable, cfg *config.Config, logger *slog.Logger) error {
	server := newServer(closeWhile(gw.Draining, gw), cfg, logger)
	conns, accepting := &openConns{}, &stoppable{Listener: listener}
	server.ConnState = conns.count
	serveOn := server.Serve
	if cert != nil {
		server.TLSConfig = cert.Config()
		server.Protocols.SetHTTP2(true)
		serveOn = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	served := make(chan error, 1)
	go func() { served <- serveOn(impatient{accepting, writeTimeout}) }()
	select {
	case err := <-served:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	if cfg.ShutdownDelay > 0 {
		gw.Drain()
	}
	logger.Info("stopping", slog.Duration("delay", cfg.ShutdownDelay), slog.Duration("grace", cfg.ShutdownGrace))
	<-time.After(cfg.ShutdownDelay)
	// First the listener, where no client was told yet to use another connection: it would
	// dial this listener once more, and be cut off when that is closed.
	accepting.stop()
	ended := <-served
	gw.Drain()
	// The caller's context has ended; the grace is a time of its own.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownGrace)
	defer cancel()
	// Shutdown answers nothing that it has not begun to read.
	conns.wait(shutdown, lastUse)
	err := server.Shutdown(shutdown)
	if err != nil {
		// Cuts what would not end, so that their contexts are cancelled.
		logger.Warn("requests were cut off", slog.Duration("grace", cfg.ShutdownGrace))
		err = server.Close()
	}
	if !errors.Is(ended, net.ErrClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
