package config

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"atlas-restore-gateway/internal/authz"
)

// Access has the settings of authentication, authorization and TLS.
type Access struct {
	Auth              string        `help:"How callers authenticate: one or several of oidc, token, router and none with commas between, or passthrough alone." unset:"none on loopback" placeholder:"METHOD,…"`
	ServeEveryone     bool          `name:"serve-everyone-without-authentication" help:"Serve with none on an address that other machines can reach."`
	Policy            string        `help:"File that says which callers may see which projects; oidc, token and router need one. A caller without a rule sees nothing." placeholder:"FILE"`
	TokenFile         string        `help:"File of the names and hashes of static bearer tokens." placeholder:"FILE"`
	OIDCIssuer        string        `name:"oidc-issuer" help:"URL of the OpenID provider whose tokens are accepted." placeholder:"URL"`
	OIDCAudience      string        `name:"oidc-audience" help:"Audiences of the gateway, with commas between: a token must be for one of them." placeholder:"AUDIENCE,…"`
	OIDCAlgorithms    string        `name:"oidc-algorithms" help:"Algorithms that tokens may be signed with; never none or one with a shared key." unset:"all with a public key" placeholder:"RS256,…"`
	OIDCClockSkew     time.Duration `name:"oidc-clock-skew" help:"By how much the clocks of provider and gateway may differ." default:"30s" bounds:"0s..5m"`
	OIDCClientID      string        `name:"oidc-client-id" help:"Client of the OpenID provider with which people sign in on the pages (authorization code with PKCE, without a secret)." unset:"no sign-in" placeholder:"CLIENT"`
	OIDCScopes        string        `name:"oidc-scopes" help:"Scopes that the sign-in asks for, with commas between." default:"openid" placeholder:"SCOPE,…"`
	RouterFile        string        `help:"File of the names and hashes of the secrets that routers authenticate with." placeholder:"FILE"`
	RouterTLSNames    string        `name:"router-tls-names" help:"Names (DNS or URI) in the client certificates of routers." placeholder:"NAME,…"`
	RouterFrom        string        `help:"Networks of the routers, such as 10.0.0.0/8." unset:"everywhere" placeholder:"CIDR,…"`
	PassthroughTokens int           `help:"Clients that are kept open for callers' Atlas tokens, one for each token that Atlas has accepted; a quarter as many, at least 8, for others." default:"256" bounds:"1..10000"`
	TLSCert           string        `name:"tls-cert" help:"Certificate to serve TLS with, in PEM, followed by the intermediate certificates." placeholder:"FILE"`
	TLSKey            string        `name:"tls-key" help:"Key of the certificate, in PEM." placeholder:"FILE"`
	TLSClientCA       string        `name:"tls-client-ca" help:"Authorities of the client certificates of routers, in PEM." placeholder:"FILE"`
	AuditLog          string        `help:"File of the audit log of read download URLs and of actions, one JSON object a line; - is the standard error, to which nothing else is written." default:"-" placeholder:"FILE"`
	CallerRequests    int           `help:"Requests that one caller may send in a minute; 0 is no limit." default:"6000" bounds:"0..1000000"`
	CallerCalls       int           `help:"Calls of Atlas that one caller may cause in a minute; 0 is no limit." default:"3000" bounds:"0..1000000"`
	AtlasCredentials  string        `help:"File of several Atlas credentials, each for its projects or organizations." placeholder:"FILE"`
}

// allMethods are the values of --auth.
var allMethods = []authz.Method{authz.OIDC, authz.Token, authz.Router, authz.Passthrough, authz.None}

// Methods returns how callers authenticate. The default is none, which is for loopback alone.
func (a *Access) Methods() []authz.Method {
	if a.Auth == "" {
		return []authz.Method{authz.None}
	}
	var methods []authz.Method
	for _, name := range list(a.Auth) {
		methods = append(methods, authz.Method(name))
	}
	return methods
}

// Has reports whether callers can authenticate with the method.
func (a *Access) Has(m authz.Method) bool { return slices.Contains(a.Methods(), m) }

// Audiences returns the entries of OIDCAudience.
func (a *Access) Audiences() []string { return list(a.OIDCAudience) }

// Algorithms returns the entries of OIDCAlgorithms.
func (a *Access) Algorithms() []string { return list(a.OIDCAlgorithms) }

// Scopes returns the entries of OIDCScopes.
func (a *Access) Scopes() []string { return list(a.OIDCScopes) }

// TLSNames returns the entries of RouterTLSNames.
func (a *Access) TLSNames() []string { return list(a.RouterTLSNames) }

// RouterNetworks returns the entries of RouterFrom, which Parse has checked.
func (a *Access) RouterNetworks() []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range list(a.RouterFrom) {
		if network, err := netip.ParsePrefix(text); err == nil {
			networks = append(networks, network.Masked())
		}
	}
	return networks
}

// list returns the entries of a list with commas between, without the space around them.
func list(text string) []string {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func (a *Access) check() []error {
	var errs mistakeList
	seen := make([]authz.Method, 0, len(allMethods))
	for _, m := range a.Methods() {
		errs.addIf(!slices.Contains(allMethods, m),
			"--auth can be one or several of oidc, token, router and none, or passthrough alone, not %q", m)
		errs.addIf(slices.Contains(seen, m), "--auth names %s twice", m)
		seen = append(seen, m)
	}
	methodsAreKnown := len(errs) == 0
	for _, text := range list(a.RouterFrom) {
		network, err := netip.ParsePrefix(text)
		errs.addIf(err != nil || network.Addr().Is4In6(), "--router-from must hold networks like 10.0.0.0/8, not %q", text)
	}
	for _, lists := range []struct{ flag, text string }{
		{"--oidc-audience", a.OIDCAudience}, {"--oidc-algorithms", a.OIDCAlgorithms},
		{"--router-tls-names", a.RouterTLSNames},
	} {
		errs.addIf(slices.Contains(list(lists.text), ""), "%s has an empty entry: %q", lists.flag, lists.text)
	}
	errs.addIf(a.Has(authz.Passthrough) && len(seen) > 1, "--auth=passthrough stands alone: every bearer token is sent to "+
		"Atlas then, and there is no credential for other callers")
	errs.addIf(a.AuditLog == "", "--audit-log must name a file, or be - for the standard error")
	errs.addIf(a.ServeEveryone && !a.Has(authz.None),
		"--serve-everyone-without-authentication and --auth=%s contradict each other: leave one of them out", a.Auth)
	if methodsAreKnown {
		errs = append(errs, a.checkDependencies()...)
	}
	return errs
}

// checkDependencies returns an error for each setting that another one needs and that is missing, and for each setting
// without effect: its operator believes that it protects something.
func (a *Access) checkDependencies() (errs mistakeList) {
	known := a.Has(authz.OIDC) || a.Has(authz.Token) || a.Has(authz.Router)
	for _, c := range []struct {
		set         bool
		needed      bool
		flag, other string
	}{
		{a.Policy != "", known, "--policy", "--auth=" + a.Auth},
		{a.TokenFile != "", a.Has(authz.Token), "--token-file", "--auth=token"},
		{a.OIDCIssuer != "", a.Has(authz.OIDC), "--oidc-issuer", "--auth=oidc"},
		{a.OIDCAudience != "", a.Has(authz.OIDC), "--oidc-audience", "--auth=oidc"},
		{
			a.RouterFile != "" || a.RouterTLSNames != "", a.Has(authz.Router), "--router-file or --router-tls-names",
			"--auth=router",
		},
		{a.TLSClientCA != "", a.RouterTLSNames != "", "--tls-client-ca", "--router-tls-names"},
		{a.TLSKey != "", a.TLSCert != "", "--tls-key", "--tls-cert"},
	} {
		errs.addIf(c.needed && !c.set, "%s needs %s", c.other, c.flag)
	}
	for _, c := range []struct {
		set         bool
		flag, other string
		there       bool
	}{
		{a.TokenFile != "", "--token-file", "--auth=token", a.Has(authz.Token)},
		{
			a.OIDCIssuer+a.OIDCAudience+a.OIDCAlgorithms != "", "--oidc-issuer, --oidc-audience and --oidc-algorithms",
			"--auth=oidc", a.Has(authz.OIDC),
		},
		{a.OIDCClientID != "", "--oidc-client-id", "--auth=oidc", a.Has(authz.OIDC)},
		{
			a.RouterFile+a.RouterTLSNames+a.RouterFrom != "", "--router-file, --router-tls-names and --router-from",
			"--auth=router", a.Has(authz.Router),
		},
		{a.TLSClientCA != "", "--tls-client-ca", "--router-tls-names", a.RouterTLSNames != ""},
		{a.TLSClientCA != "", "--tls-client-ca", "--tls-cert", a.TLSCert != ""},
		{a.TLSKey != "", "--tls-key", "--tls-cert", a.TLSCert != ""},
	} {
		errs.addIf(c.set && !c.there, "without %s there is no use for %s", c.other, c.flag)
	}
	return errs
}
