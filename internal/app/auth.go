package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/httpserver"
	"atlas-restore-gateway/internal/loopback"
	"atlas-restore-gateway/internal/reload"
)

// auth authenticates callers, authorizes them and records what they download.
type auth struct {
	certificate   *httpserver.Certificate // nil without TLS
	authenticator *authn.Authenticator
	policy        *authz.PolicyFile
	limiter       *authz.RateLimiter
	audit         *audit.Log

	// What the settings name of these is not nil.
	tokens, routerSecrets *authn.Tokens
	oidc                  *authn.OIDC
	policyFile            *authz.PolicyFile
	auditFile             *audit.Log
}

// newAuth reads the files that the settings name. Where they name no file for the audit log it is written to stderr. Close
// must be called.
func newAuth(cfg *config.Config, upstreams upstreams, stderr io.Writer, logger *slog.Logger) (_ *auth, err error) {
	a := &auth{limiter: authz.NewRateLimiter(cfg.CallerRequests, cfg.CallerCalls)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if cfg.TLSCert != "" {
		files := httpserver.CertificateFiles{Cert: cfg.TLSCert, Key: cfg.TLSKey, ClientCA: cfg.TLSClientCA}
		if a.certificate, err = httpserver.LoadCertificate(files); err != nil {
			return nil, err
		}
	}
	if a.authenticator, err = a.newAuthenticator(cfg, logger); err != nil {
		return nil, err
	}
	// Without a file, everything is allowed: callers are not authenticated, or Atlas authorizes them.
	a.policy = authz.StaticPolicy(authz.AllowAll())
	if cfg.Policy != "" {
		a.policyFile, err = authz.LoadPolicy(cfg.Policy, func() authz.AuthMethods {
			methods := a.authenticator.Methods()
			methods.Projects = upstreams.Projects()
			return methods
		})
		if err != nil {
			return nil, err
		}
		a.policy = a.policyFile
	}
	if cfg.AuditLog == "-" {
		a.audit = audit.New(stderr)
		return a, nil
	}
	a.auditFile, err = audit.Open(cfg.AuditLog)
	a.audit = a.auditFile
	return a, err
}

// newAuthenticator returns an authenticator with the methods of --auth.
func (a *auth) newAuthenticator(cfg *config.Config, logger *slog.Logger) (_ *authn.Authenticator, err error) {
	if cfg.Has(authz.Token) {
		if a.tokens, err = authn.LoadTokens(cfg.TokenFile); err != nil {
			return nil, err
		}
	}
	var routers *authn.Routers
	if cfg.Has(authz.Router) {
		if routers, err = a.newRouters(cfg); err != nil {
			return nil, err
		}
	}
	if cfg.Has(authz.OIDC) {
		if a.oidc, err = authn.NewOIDC(authn.OIDCConfig{
			Issuer: cfg.OIDCIssuer, Audiences: cfg.Audiences(), Algorithms: cfg.Algorithms(), ClockSkew: cfg.OIDCClockSkew,
			Logger: logger,
		}); err != nil {
			return nil, fmt.Errorf("--auth=oidc: %w", err)
		}
	}
	return authn.New(authn.Config{
		Tokens: a.tokens, OIDC: a.oidc, Routers: routers, Passthrough: cfg.Has(authz.Passthrough), None: cfg.Has(authz.None),
		AnyHost: cfg.ServeEveryone,
	})
}

// newRouters returns the routers that can name callers.
func (a *auth) newRouters(cfg *config.Config) (_ *authn.Routers, err error) {
	routers := authn.Routers{
		TLSNames: cfg.TLSNames(), From: cfg.RouterNetworks(), Roots: func() *x509.CertPool { return nil },
	}
	if a.certificate != nil {
		routers.Roots = a.certificate.ClientCAs
	}
	if cfg.RouterFile != "" {
		if a.routerSecrets, err = authn.LoadRouterSecrets(cfg.RouterFile); err != nil {
			return nil, err
		}
		routers.Secrets = a.routerSecrets
	}
	return authn.NewRouters(routers)
}

// Access returns what the gateway asks about callers.
func (a *auth) Access() *gateway.Access {
	return &gateway.Access{
		Authenticate: a.authenticator.Authenticate, CheckHost: a.authenticator.CheckHost,
		Policy: a.policy, Limits: a.limiter, Audit: a.audit,
	}
}

// Check fetches the keys of the OpenID provider, which logs what is wrong with them.
func (a *auth) Check(ctx context.Context) {
	if a.oidc != nil {
		_ = a.oidc.Check(ctx)
	}
}

// Sources returns what can be reloaded. The policy is last: it is checked against the tokens and the routers.
func (a *auth) Sources() []reload.Source {
	var sources []reload.Source
	if a.certificate != nil {
		sources = append(sources, a.certificate)
	}
	if a.tokens != nil {
		sources = append(sources, a.tokens)
	}
	if a.routerSecrets != nil {
		sources = append(sources, a.routerSecrets)
	}
	if a.policyFile != nil {
		sources = append(sources, a.policyFile)
	}
	return sources
}

// Close ends the fetching of keys and closes the file of the audit log.
func (a *auth) Close() {
	if a.oidc != nil {
		a.oidc.Close()
	}
	if a.auditFile != nil {
		a.auditFile.Close()
	}
}

// checkExposure returns an error where callers on other machines would not be authenticated, unless the settings say that
// this is meant.
func checkExposure(cfg *config.Config, addr net.Addr) error {
	if loopback.Is(addr.String()) || !cfg.Has(authz.None) || cfg.ServeEveryone {
		return nil
	}
	return fmt.Errorf("--listen=%s can be reached from other machines, and callers would not be asked who they are: "+
		"choose --auth (oidc, token, router or passthrough), or say --serve-everyone-without-authentication", cfg.Listen)
}

// warnExposure logs what the operator should know about callers on other machines.
func warnExposure(cfg *config.Config, addr net.Addr, logger *slog.Logger) {
	switch {
	case loopback.Is(addr.String()):
	case cfg.Has(authz.None):
		logger.Warn("everyone who reaches this address is served without being asked who they are")
	case cfg.TLSCert == "":
		logger.Warn("callers' tokens come to this address in the clear, unless something before it speaks TLS with them")
	}
}
