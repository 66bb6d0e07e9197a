package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/telemetry"
)

// Bounds of the server of metrics: what asks there is a machine of the operator's.
const (
	adminWriteTimeout   = 30 * time.Second
	adminIdleTimeout    = 2 * time.Minute
	adminMaxHeaderBytes = 64 << 10
	// adminGrace is how long a request under way may go on when the gateway has ended.
	adminGrace = time.Second
)

// serveAdmin serves metrics, and the health of the gateway, on an address that is not
// the public one. It goes on until it is stopped, so that the shutdown can be watched, and
// while the gateway drains it has its clients use another connection, as the gateway does.
// Without an address it does nothing.
func serveAdmin(ctx context.Context, address string, metrics *telemetry.Metrics, gw *gateway.Gateway, logger *slog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s for metrics: %w (choose another address with --admin-listen)", address, err)
	}
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", metrics.Handler(logger))
	routes.Handle("GET /health/", gw)
	server := &http.Server{
		Handler:           closeWhile(gw.Draining, underNamesOf(listener.Addr(), routes)),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readHeaderTimeout,
		WriteTimeout:      adminWriteTimeout,
		IdleTimeout:       adminIdleTimeout,
		MaxHeaderBytes:    adminMaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("the metrics are served no longer", slog.String("error", err.Error()))
		}
	}()
	logger.Info("serving metrics", slog.String("url", "http://"+dialable(listener.Addr())+"/metrics"))
	return func() {
		shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), adminGrace)
		defer cancel()
		if err := server.Shutdown(shutdown); err != nil {
			_ = server.Close()
		}
		<-served
	}, nil
}

// underNamesOf serves next on an address of loopback under the names of loopback alone, as
// the gateway itself is where it asks nobody who they are; elsewhere under every name.
func underNamesOf(addr net.Addr, next http.Handler) http.Handler {
	if !isLoopback(addr) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := authn.CheckLoopbackHost(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
