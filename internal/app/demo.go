package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/secret"
)

// example is a job of the demo that a person can ask for.
type example = atlassim.Example

// demo is an Atlas simulator with a loopback port of its own. The gateway talks to
// it as it talks to Atlas: over HTTP, with an API key that nobody else knows.
type demo struct {
	backend
	stop func()
}

func startDemo(ctx context.Context) (*demo, error) {
	key := atlas.APIKey{PublicKey: "demo", PrivateKey: secret.Text(rand.Text())}
	sim := atlassim.New(atlassim.WithAPIKey(key.PublicKey, string(key.PrivateKey), atlassim.ProjectOwner), atlassim.WithRecentJobs())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the simulator cannot listen on loopback: %w", err)
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	return &demo{
		backend: backend{
			mode:       gateway.ModeDemo,
			credential: key,
			baseURL:    "http://" + listener.Addr().String(),
			examples:   sim.Examples(),
		},
		stop: func() {
			_ = server.Close()
			<-served
		},
	}, nil
}
