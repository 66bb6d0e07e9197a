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
	"atlas-restore-gateway/internal/replica"
)

// auth authenticates callers, authorizes them and records what they download.
type auth struct {
	gateway.Access

	admin       authn.AdminAccess       // of the admin listener
	certificate *httpserver.Certificate // nil without TLS
	oidc        *authn.OIDC             // nil without --auth=oidc
	auditFile   *audit.Log              // nil where the audit log is the standard error
	sources     []reload.Source         // in the order of their reloads
}

// newAuth reads the files that the settings name, and checks the policy against the projects that can be read at all
// (nil: not known). Without a file for the audit log it is written to stderr. Close must be called.
func newAuth(
	cfg *config.Config, projects func() []string, replicas *replica.Redis, stderr io.Writer, logger *slog.Logger,
) (_ *auth, err error) {
	a := &auth{Access: gateway.Access{Limits: authz.NewRateLimiter(cfg.CallerRequests, cfg.CallerCalls)}}
	if cfg.Actions.Actions {
		a.Limits.LimitActions(cfg.CallerActions)
	}
	if replicas != nil {
		a.Limits.ShareBy(quotas(replicas))
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if cfg.TLSCert != "" {
		files := httpserver.CertificateFiles{Cert: cfg.TLSCert, Key: cfg.TLSKey, ClientCA: cfg.TLSClientCA}
		if a.certificate, err = httpserver.LoadCertificate(files); err == nil {
			a.sources = append(a.sources, a.certificate)
		}
	}
	authenticator, ofAuthenticator := a.newAuthenticator(cfg, logger)
	admin, ofAdmin := authn.NewAdminAccess(cfg.AdminTokenFile)
	a.admin, a.sources = admin, append(a.sources, admin.Sources()...)
	if err = config.Join(err, ofAuthenticator, ofAdmin); err != nil {
		return nil, err
	}
	a.Authenticate, a.CheckHost = authenticator.Authenticate, authenticator.CheckHost
	// Without a file, everything is allowed: callers are not authenticated, or Atlas authorizes them.
	a.Policy = authz.StaticPolicy(authz.AllowAll())
	if cfg.Policy != "" {
		a.Policy, err = authz.LoadPolicy(cfg.Policy, func() authz.AuthMethods {
			methods := authenticator.Methods()
			methods.Projects = projects()
			return methods
		})
		if err != nil {
			return nil, err
		}
		// The last source, because it is checked against tokens and routers.
		a.sources = append(a.sources, a.Policy)
	}
	if cfg.AuditLog == "-" {
		a.Audit = audit.New(stderr)
		return a, nil
	}
	a.auditFile, err = audit.Open(cfg.AuditLog)
	a.Audit = a.auditFile
	return a, err
}

// newAuthenticator returns an authenticator with the methods of --auth.
func (a *auth) newAuthenticator(cfg *config.Config, logger *slog.Logger) (_ *authn.Authenticator, err error) {
	c := authn.Config{Passthrough: cfg.Has(authz.Passthrough), None: cfg.Has(authz.None), AnyHost: cfg.ServeEveryone}
	var errs []error
	if cfg.Has(authz.Token) {
		c.Tokens, err = authn.LoadTokens(cfg.TokenFile)
		errs = append(errs, err)
		a.sources = append(a.sources, c.Tokens)
	}
	if cfg.Has(authz.Router) {
		c.Routers, err = a.newRouters(cfg)
		errs = append(errs, err)
	}
	if cfg.Has(authz.OIDC) {
		if a.oidc, err = newOIDC(cfg, logger); err != nil {
			errs = append(errs, err)
		}
		c.OIDC = a.oidc
	}
	if err := config.Join(errs...); err != nil {
		return nil, err
	}
	return authn.New(c)
}

// newOIDC returns what checks the tokens of the OpenID provider. Close must be called.
func newOIDC(cfg *config.Config, logger *slog.Logger) (*authn.OIDC, error) {
	o, err := authn.NewOIDC(authn.OIDCConfig{
		Issuer: cfg.OIDCIssuer, Audiences: cfg.Audiences(), Algorithms: cfg.Algorithms(), ClockSkew: cfg.OIDCClockSkew,
		Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("--auth=oidc: %w", err)
	}
	return o, nil
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
		if routers.Secrets, err = authn.LoadRouterSecrets(cfg.RouterFile); err != nil {
			return nil, err
		}
		a.sources = append(a.sources, routers.Secrets)
	}
	return authn.NewRouters(routers)
}

// Check fetches the keys of the OpenID provider, which logs what is wrong with them.
func (a *auth) Check(ctx context.Context) {
	if a.oidc != nil {
		_ = a.oidc.Check(ctx)
	}
}

// Sources returns what can be reloaded, the policy last.
func (a *auth) Sources() []reload.Source { return a.sources }

// Close ends the fetching of keys and closes the file of the audit log.
func (a *auth) Close() {
	if a.oidc != nil {
		a.oidc.Close()
	}
	if a.auditFile != nil {
		a.auditFile.Close()
	}
}

// checkExposure returns an error where callers on other machines would not be authenticated, unless the settings say
// that this is meant.
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
