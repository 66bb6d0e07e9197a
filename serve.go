package main

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

// serve answers requests until ctx ends. Then it says so at /health/ready for the
// shutdown's delay, takes no more, and lets those under way end within its grace.
func serve(ctx context.Context, listener net.Listener, gw *gateway.Gateway, cert *certificate.Served, cfg *config.Config, logger *slog.Logger) error {
	server := newServer(gw, cfg, logger)
	serveOn := server.Serve
	if cert != nil {
		server.TLSConfig = cert.Config()
		server.Protocols.SetHTTP2(true)
		serveOn = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	served := make(chan error, 1)
	go func() { served <- serveOn(impatient{listener, writeTimeout}) }()
	select {
	case err := <-served:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	gw.Drain()
	logger.Info("stopping", slog.Duration("delay", cfg.ShutdownDelay), slog.Duration("grace", cfg.ShutdownGrace))
	<-time.After(cfg.ShutdownDelay)
	// The caller's context has ended; the grace is a time of its own.
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownGrace)
	defer cancel()
	err := server.Shutdown(shutdown)
	if err != nil {
		// Cuts what would not end, so that their contexts are cancelled.
		logger.Warn("requests were cut off", slog.Duration("grace", cfg.ShutdownGrace))
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
