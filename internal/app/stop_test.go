package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/test/memnet"
)

func TestALoadBalancerIsToldBeforeTheDoorCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := slog.New(slog.DiscardHandler)
		service, err := restore.NewService(nil, restore.Options{}, logger)
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close()
		gw, err := gateway.New(gateway.Config{Reader: service, Logger: logger, Access: gateway.AllowAll(io.Discard)})
		if err != nil {
			t.Fatal(err)
		}
		network := memnet.New()
		client := &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
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
		go func() { ended <- serve(ctx, network, gw, nil, cfg, logger) }()
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
