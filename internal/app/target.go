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
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/secret"
)

// target is what the gateway reads from: Atlas, or in demo mode a simulator with a loopback port of its own. The
// gateway talks to the simulator as it talks to Atlas: over HTTP, with an API key that nothing else knows.
type target struct {
	mode       gateway.Mode
	credential atlas.Credential
	// actions is the credential that changes something; nil without the demo.
	actions  atlas.Credential
	baseURL  string
	examples []atlassim.Example // jobs of the demo that a person can ask for

	simulator *http.Server // nil without the demo
	served    chan struct{}
}

// startTarget starts the simulator if the settings ask for the demo. Close must be called.
func startTarget(ctx context.Context, cfg *config.Config) (*target, error) {
	if !cfg.Demo {
		return &target{mode: gateway.ModeLive, credential: cfg.Credential, baseURL: cfg.BaseURL}, nil
	}
	key := atlas.APIKey{PublicKey: "demo", PrivateKey: secret.Text(rand.Text())}
	actions := atlas.APIKey{PublicKey: "demo-actions", PrivateKey: secret.Text(rand.Text())}
	sim := atlassim.New(
		atlassim.WithAPIKey(key.PublicKey, string(key.PrivateKey), atlassim.ProjectOwner), atlassim.WithRecentJobs(),
		atlassim.WithCollectionRestores(), atlassim.WithOperator(actions.PublicKey, string(actions.PrivateKey),
			atlassim.BackupRecoveryOperator|atlassim.BackupExportOperator|atlassim.BackupCreator))
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the simulator cannot listen on loopback: %w", err)
	}
	t := &target{
		mode: gateway.ModeDemo, credential: key, actions: actions, baseURL: "http://" + listener.Addr().String(), examples: sim.Examples(),
		simulator: &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}, served: make(chan struct{}),
	}
	go func() {
		defer close(t.served)
		_ = t.simulator.Serve(listener)
	}()
	return t, nil
}

// Close stops the simulator.
func (t *target) Close() {
	if t.simulator != nil {
		_ = t.simulator.Close()
		<-t.served
	}
}
