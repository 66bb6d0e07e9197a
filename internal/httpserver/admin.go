package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"atlas-restore-gateway/internal/loopback"
)

// Bounds of the admin server, whose clients are the operator's own.
const (
	adminWriteTimeout   = 30 * time.Second
	adminIdleTimeout    = 2 * time.Minute
	adminMaxHeaderBytes = 64 << 10
	// adminShutdownGrace is how long a request in progress can take when the server is closed.
	adminShutdownGrace = time.Second
)

// AdminConfig says what an admin server serves. All but Actions and Debug is required.
type AdminConfig struct {
	Address string
	// Metrics answers GET /metrics.
	Metrics http.Handler
	// Gateway answers GET /health/…. While it drains, clients are told to use another connection.
	Gateway Handler
	// CheckHost returns an error for a request to a host under which nothing is served on a loopback address. On other
	// addresses every host is served.
	CheckHost func(*http.Request) error
	// Actions answers /actions and the paths below; nil serves none.
	Actions http.Handler
	// Debug answers the paths below /debug/; nil serves none. The contexts of its requests end when the server is closed.
	Debug http.Handler
}

// Admin serves metrics and health on an address that is not the public one.
type Admin struct {
	server *http.Server
	served chan struct{} // closed when the server has ended
}

// StartAdmin starts an admin server. It serves until Close, so that the shutdown of the gateway can be watched.
func StartAdmin(ctx context.Context, c AdminConfig, logger *slog.Logger) (*Admin, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s for metrics: %w (choose another address with --admin-listen)", c.Address,
			err)
	}
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", c.Metrics)
	routes.Handle("GET /health/", c.Gateway)
	if c.Actions != nil {
		routes.Handle("/actions", c.Actions)
		routes.Handle("/actions/", c.Actions)
	}
	closing, stop := context.WithCancel(context.Background())
	if c.Debug != nil {
		routes.Handle("/debug/", endingWith(closing, c.Debug))
	}
	handler := http.Handler(routes)
	if loopback.Is(listener.Addr().String()) {
		handler = withCheckedHost(c.CheckHost, routes)
	}
	a := &Admin{served: make(chan struct{}), server: &http.Server{
		Handler:           closeWhileDraining(c.Gateway.Draining, handler),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readHeaderTimeout,
		WriteTimeout:      adminWriteTimeout,
		IdleTimeout:       adminIdleTimeout,
		MaxHeaderBytes:    adminMaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}}
	go func() {
		defer stop() // Serve returns as soon as the server is being closed
		defer close(a.served)
		if err := a.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("the metrics are served no longer", slog.String("error", err.Error()))
		}
	}()
	logger.Info("serving metrics", slog.String("url", "http://"+DialAddress(listener.Addr())+"/metrics"))
	return a, nil
}

// Close stops the server. Requests in progress have a second to end.
func (a *Admin) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), adminShutdownGrace)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		_ = a.server.Close()
	}
	<-a.served
}

// endingWith has the contexts of requests end with ctx.
func endingWith(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		next.ServeHTTP(w, r.WithContext(of))
	})
}

// withCheckedHost answers 403 to the requests whose host check rejects.
func withCheckedHost(check func(*http.Request) error, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := check(r); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// DialAddress returns the address that a client on this machine connects to: localhost where addr is unspecified.
func DialAddress(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return addr.String()
}
