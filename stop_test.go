package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/restore"
)

// pipes is a network inside a bubble of synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestALoadBalancerIsToldBeforeTheDoorCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := slog.New(slog.DiscardHandler)
		service, err := restore.NewService(nil, restore.Options{}, logger)
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close()
		gw, err := gateway.New(gateway.Config{Reader: service, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		client := &http.Client{Transport: &http.Transport{DialContext: network.dial, DisableKeepAlives: true}}
		ready := func() int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway/health/ready", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				return 0
			}
			defer res.Body.Close()
			return res.StatusCode
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		cfg := &config.Config{ShutdownDelay: 10 * time.Second, ShutdownGrace: time.Second}
		go func() { ended <- serve(ctx, network, gw, cfg, logger) }()
		if got := ready(); got != http.StatusOK {
			t.Errorf("before the end: %d", got)
		}
		stop()
		synctest.Wait()
		if got := ready(); got != http.StatusServiceUnavailable {
			t.Errorf("within the delay: %d", got)
		}
		start := time.Now()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != cfg.ShutdownDelay {
			t.Errorf("it took requests for %s more", waited)
		}
		if got := ready(); got != 0 {
			t.Errorf("after the end: %d", got)
		}
	})
}
