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

// admission is who may call, what they may see, and what proves that the gateway is
// the gateway.
type admission struct {
	*gateway.Access

	certificate *httpserver.Certificate // nil without TLS
	// again is what of it can be read again, in the order in which it must be: the
	// policy says something about the others.
	again []reload.Source
	// check looks whether callers can be known, and logs what is wrong.
	check func(context.Context)
	close func()
}

// newAdmission reads the files that the settings name. Projects are those that can be read
// at all; nil when that cannot be told.
func newAdmission(cfg *config.Config, projects func() []string, stderr io.Writer, logger *slog.Logger) (_ *admission, err error) {
	a := &admission{Access: &gateway.Access{Limits: authz.NewRateLimiter(cfg.CallerRequests, cfg.CallerCalls)}, check: func(context.Context) {}}
	closers := []func(){}
	a.close = func() {
		for _, c := range closers {
			c()
		}
	}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if cfg.TLSCert != "" {
		if a.certificate, err = httpserver.LoadCertificate(httpserver.CertificateFiles{Cert: cfg.TLSCert, Key: cfg.TLSKey, ClientCA: cfg.TLSClientCA}); err != nil {
			return nil, err
		}
		a.again = append(a.again, a.certificate)
	}
	who, err := a.authenticator(cfg, logger)
	if err != nil {
		return nil, err
	}
	if who.OIDC != nil {
		closers = append(closers, who.OIDC.Close)
		// What is wrong is logged where the keys are fetched.
		a.check = func(ctx context.Context) { _ = who.OIDC.Check(ctx) }
	}
	a.Authenticate, a.CheckHost = who.Authenticate, who.CheckHost
	if a.Policy, err = a.policy(cfg, func() authz.AuthMethods {
		ways := who.Ways()
		ways.Projects = projects()
		return ways
	}); err != nil {
		return nil, err
	}
	if cfg.AuditLog == "-" {
		a.Audit = audit.New(stderr)
		return a, nil
	}
	if a.Audit, err = audit.Open(cfg.AuditLog); err != nil {
		return nil, err
	}
	closers = append(closers, a.Audit.Close)
	return a, nil
}

// authenticator makes each method that is set.
func (a *admission) authenticator(cfg *config.Config, logger *slog.Logger) (*authn.Authenticator, error) {
	c := authn.Config{Passthrough: cfg.Has(authz.Passthrough), None: cfg.Has(authz.None), AnyHost: cfg.ServeEveryone}
	var err error
	if cfg.Has(authz.Token) {
		if c.Tokens, err = authn.LoadTokens(cfg.TokenFile); err != nil {
			return nil, err
		}
		a.again = append(a.again, c.Tokens)
	}
	if cfg.Has(authz.Router) {
		routers := authn.Routers{TLSNames: cfg.TLSNames(), From: cfg.RouterNetworks(), Roots: func() *x509.CertPool { return nil }}
		if a.certificate != nil {
			routers.Roots = a.certificate.ClientCAs
		}
		if cfg.RouterFile != "" {
			if routers.Secrets, err = authn.LoadRouterSecrets(cfg.RouterFile); err != nil {
				return nil, err
			}
			a.again = append(a.again, routers.Secrets)
		}
		if c.Routers, err = authn.NewRouters(routers); err != nil {
			return nil, err
		}
	}
	if cfg.Has(authz.OIDC) {
		if c.OIDC, err = authn.NewOIDC(authn.OIDCConfig{
			Issuer: cfg.OIDCIssuer, Audiences: cfg.Audiences(), Algorithms: cfg.Algorithms(), ClockSkew: cfg.OIDCClockSkew, Logger: logger,
		}); err != nil {
			return nil, fmt.Errorf("--auth=oidc: %w", err)
		}
	}
	who, err := authn.New(c)
	if err != nil && c.OIDC != nil {
		c.OIDC.Close()
	}
	return who, err
}

// policy is that of the file. Without one, which is so only where nobody is asked or where
// Atlas itself decides, everything may be seen.
func (a *admission) policy(cfg *config.Config, ways func() authz.AuthMethods) (*authz.PolicyFile, error) {
	if cfg.Policy == "" {
		return authz.StaticPolicy(authz.AllowAll()), nil
	}
	live, err := authz.LoadPolicy(cfg.Policy, ways)
	if err == nil {
		a.again = append(a.again, live)
	}
	return live, err
}

// checkReach refuses to serve an address that others can reach when nobody is asked who
// they are, unless somebody has said that this is meant.
func checkReach(cfg *config.Config, addr net.Addr) error {
	if loopback.Is(addr.String()) || !cfg.Has(authz.None) || cfg.ServeEveryone {
		return nil
	}
	return fmt.Errorf("--listen=%s can be reached from other machines, and callers would not be asked who they are: choose --auth (oidc, token, router or passthrough), or say --serve-everyone-without-authentication", cfg.Listen)
}

// warnReach says what whoever operates the gateway should know of the address.
func warnReach(cfg *config.Config, addr net.Addr, logger *slog.Logger) {
	switch {
	case loopback.Is(addr.String()):
	case cfg.Has(authz.None):
		logger.Warn("everyone who reaches this address is served without being asked who they are")
	case cfg.TLSCert == "":
		logger.Warn("callers' tokens come to this address in the clear, unless something before it speaks TLS with them")
	}
}
