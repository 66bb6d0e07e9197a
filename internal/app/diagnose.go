package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/diagnosis"
	"atlas-restore-gateway/internal/httpserver"
	"atlas-restore-gateway/internal/restore"
)

// diagnose checks what a gateway with these settings needs: the files that they name, and Atlas, the OpenID provider
// and Redis. It only reads. It prints a table or, with --json, an array, and returns an error where a check failed.
func diagnose(ctx context.Context, args, environ []string, stdout io.Writer) error {
	n := len(args)
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "--json" })
	write := diagnosis.WriteTable
	if len(args) < n {
		write = diagnosis.WriteJSON
	}
	cfg, err := config.Parse(args, environ, stdout)
	if err != nil {
		return err
	}
	findings, err := findingsOf(ctx, cfg, config.Getenv(environ))
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New("the diagnosis was ended before all checks were made")
	}
	if err := write(stdout, findings); err != nil {
		return err
	}
	if failed := diagnosis.Failures(findings); failed > 0 {
		return fmt.Errorf("%d of %d checks failed: see their advice", failed, len(findings))
	}
	return nil
}

// findingsOf makes all checks that the settings ask for.
func findingsOf(ctx context.Context, cfg *config.Config, getenv func(string) string) ([]diagnosis.Finding, error) {
	logger := slog.New(slog.DiscardHandler)
	target, err := startTarget(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	upstreams, err := newUpstreams(cfg, target, getenv, nil, nil, logger)
	if err != nil {
		return nil, err
	}
	defer upstreams.Close()
	actors, err := newActors(cfg, target, getenv, upstreams, nil, nil, logger)
	if err != nil {
		return nil, err
	}
	defer actors.Close()

	checks := []diagnosis.Check{settingsCheck(cfg, getenv)}
	if cfg.TLSCert != "" {
		checks = append(checks, certificateCheck(cfg))
	}
	reads, acts := upstreams.Checks(), actors.Checks()
	var clients []*atlas.Client
	var probes atomic.Int64 // requests to Atlas without a credential
	for _, base := range baseURLs(cfg, target, slices.Concat(reads, acts)) {
		endpoint, err := atlasEndpoint(base, &probes)
		if err != nil {
			return nil, err
		}
		checks = append(checks, endpoint.Check)
	}
	for i, c := range slices.Concat(reads, acts) {
		clients = append(clients, c.client)
		checks = append(checks, (&diagnosis.Credential{
			Name: c.name, Client: c.client, Projects: c.projects, Organizations: c.organizations, ForActions: i >= len(reads),
			Serverless: cfg.AtlasServerless != restore.ServerlessOff, Advice: c.advice,
		}).Check)
	}
	if cfg.Has(authz.OIDC) {
		oidc, err := newOIDC(cfg, logger)
		if err != nil {
			return nil, err
		}
		defer oidc.Close()
		endpoint, err := providerEndpoint(cfg)
		if err != nil {
			return nil, err
		}
		hasKeys := func(ctx context.Context) (string, error) { return cfg.OIDCIssuer + " has keys", oidc.Check(ctx) }
		checks = append(checks, endpoint.Check, diagnosis.Single("openid provider", hasKeys, func(error) string {
			return "check --oidc-issuer, and that this machine reaches the provider"
		}))
	}
	if cfg.ReplicaRedis != "" {
		c, err := replicaConfig(cfg, logger)
		if err != nil {
			return nil, err
		}
		ofRedis, err := redisChecks(c)
		if err != nil {
			return nil, err
		}
		checks = append(checks, ofRedis...)
	}
	findings := diagnosis.Run(ctx, checks)
	return append(findings, diagnosis.Requests(clients, probes.Load())), nil
}

// settingsCheck returns the check of check-config: the files that the settings name.
func settingsCheck(cfg *config.Config, getenv func(string) string) diagnosis.Check {
	return diagnosis.Single("settings", func(context.Context) (string, error) {
		return "they and the files that they name are valid", checkFiles(cfg, getenv)
	}, func(error) string {
		return "a gateway does not start with these settings: check-config names every mistake"
	})
}

// certificateCheck returns the check of the certificate that the gateway shows to its callers.
func certificateCheck(cfg *config.Config) diagnosis.Check {
	const name = "certificate of the gateway"
	files := httpserver.CertificateFiles{Cert: cfg.TLSCert, Key: cfg.TLSKey, ClientCA: cfg.TLSClientCA}
	loaded, err := httpserver.LoadCertificate(files)
	if err != nil {
		return diagnosis.Single(name, func(context.Context) (string, error) { return "", err }, func(error) string {
			return "check --tls-cert, --tls-key and --tls-client-ca: PEM files that this user can read, the certificate " +
				"before its intermediates"
		})
	}
	return diagnosis.Known(diagnosis.Certificate(name, loaded.Leaf()))
}

// baseURLs returns where Atlas is, each URL once: of the credentials, or else of the callers' tokens.
func baseURLs(cfg *config.Config, target *target, credentials []credentialCheck) (all []string) {
	if cfg.Has(authz.Passthrough) {
		all = append(all, target.baseURL)
	}
	for _, c := range credentials {
		if base := c.client.BaseURL(); !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	return all
}

// atlasEndpoint returns the endpoint of an Atlas. Without a credential Atlas answers its system status with 401.
func atlasEndpoint(base string, requests *atomic.Int64) (*diagnosis.Endpoint, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be parsed", config.EnvBaseURL)
	}
	return &diagnosis.Endpoint{
		Setting: config.EnvBaseURL, URL: u.JoinPath("/api/atlas/v2"), MaxSkew: diagnosis.MaxSkew,
		Proxy: http.ProxyFromEnvironment, Requests: requests,
	}, nil
}

// providerEndpoint returns the endpoint of the OpenID provider.
func providerEndpoint(cfg *config.Config) (*diagnosis.Endpoint, error) {
	u, err := url.Parse(strings.TrimSuffix(cfg.OIDCIssuer, "/") + "/.well-known/openid-configuration")
	if err != nil {
		return nil, errors.New("--oidc-issuer cannot be parsed")
	}
	return &diagnosis.Endpoint{
		Setting: "--oidc-issuer", URL: u, MaxSkew: cfg.OIDCClockSkew, Proxy: http.ProxyFromEnvironment,
	}, nil
}
