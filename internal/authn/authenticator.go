package authn

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loopback"
	"atlas-restore-gateway/internal/secret"
)

// Config says how callers can come: at least one way.
type Config struct {
	// Tokens are the static bearer tokens; nil takes none.
	Tokens *Tokens
	// OIDC checks the tokens of an OpenID provider; nil takes none.
	OIDC *OIDC
	// Routers are the routers that may say who calls; nil believes none.
	Routers *Routers
	// Passthrough takes bearer tokens for tokens of Atlas, which decides about them. It
	// stands alone: beside other ways a mistyped company token would be sent to Atlas.
	Passthrough bool
	// None lets in those who show nothing.
	None bool
	// AnyHost lets those in under any name of this host. Without, the name must be one
	// for loopback, so that no website can reach the gateway through a browser by giving
	// its own name this address (DNS rebinding).
	AnyHost bool
}

// Authenticator finds out who sent a request. It is safe for concurrent use.
type Authenticator struct{ Config }

// New makes one. It fails when nobody could call, or one way would undo another.
func New(c Config) (*Authenticator, error) {
	bearer := c.Tokens != nil || c.OIDC != nil
	switch {
	case !bearer && c.Routers == nil && !c.Passthrough && !c.None:
		return nil, errors.New("authn: nobody can call")
	case c.Passthrough && (bearer || c.Routers != nil || c.None):
		return nil, errors.New("authn: passthrough stands alone: it sends every bearer token to Atlas, and the gateway has no credential for other callers")
	}
	return &Authenticator{c}, nil
}

// Ways are the ways by which callers can come, as they stand now.
func (a *Authenticator) Ways() authz.AuthMethods {
	var w authz.AuthMethods
	if a.OIDC != nil {
		w.Methods, w.Issuer = append(w.Methods, authz.OIDC), a.OIDC.issuer
	}
	if a.Tokens != nil {
		w.Methods, w.Tokens = append(w.Methods, authz.Token), a.Tokens.Names()
	}
	if a.Routers != nil {
		w.Methods, w.Routers = append(w.Methods, authz.Router), a.Routers.Names()
	}
	if a.Passthrough {
		w.Methods = append(w.Methods, authz.Passthrough)
	}
	if a.None {
		w.Methods = append(w.Methods, authz.None)
	}
	return w
}

// Authenticate finds out who sent the request. Every error is an *authz.Error: nobody
// knows who calls, or that cannot be found out now. What is shown and wrong is refused,
// also where showing nothing would do.
func (a *Authenticator) Authenticate(r *http.Request) (*authz.Caller, error) {
	router, err := a.router(r)
	if err != nil {
		return nil, err
	}
	passed, err := a.passedCaller(r, router)
	if err != nil {
		return nil, err
	}
	if !a.takesBearer() {
		return a.withoutBearer(r, router, passed)
	}
	token, err := bearer(r.Header)
	switch {
	case err != nil:
		return nil, err
	case token == "":
		return a.withoutBearer(r, router, passed)
	case passed != nil:
		return nil, invalid("the router says who calls, and a bearer token says it too: one of them must go", nil)
	}
	c, err := a.byBearer(r, token)
	if err != nil {
		return nil, err
	}
	c.Router = router
	return c, nil
}

func (a *Authenticator) takesBearer() bool {
	return a.Tokens != nil || a.OIDC != nil || a.Passthrough
}

func (a *Authenticator) router(r *http.Request) (string, error) {
	if a.Routers == nil {
		return "", nil
	}
	return a.Routers.prove(r)
}

// withoutBearer is who calls when no bearer token says so.
func (a *Authenticator) withoutBearer(r *http.Request, router string, passed *authz.Caller) (*authz.Caller, error) {
	switch {
	case passed != nil:
		return passed, nil
	case router != "":
		return &authz.Caller{Method: authz.Router, Router: router}, nil
	case !a.None:
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: a.demand(), Challenge: challenge}
	}
	if err := a.CheckHost(r); err != nil {
		return nil, err
	}
	return authz.Anonymous(), nil
}

// CheckHost returns an *authz.Error where callers are served without being asked who they
// are and the request is for another host than loopback: what is not about a caller, such
// as a page, is refused under the same names as what is.
func (a *Authenticator) CheckHost(r *http.Request) error {
	if !a.None || a.AnyHost {
		return nil
	}
	return CheckLoopbackHost(r)
}

// CheckLoopbackHost returns an *authz.Error when the request is for another host than
// loopback: a website that gives its own name the address of loopback (DNS rebinding)
// reaches what listens there through its visitor's browser, under that name.
func CheckLoopbackHost(r *http.Request) error {
	if loopback.Is(r.Host) {
		return nil
	}
	return &authz.Error{
		Kind:    authz.Forbidden,
		Message: "this gateway asks nobody who they are, and is therefore served under the names of loopback alone: localhost, 127.0.0.1, [::1]",
	}
}

func (a *Authenticator) demand() string {
	if a.takesBearer() {
		return "this gateway wants to know who calls: send Authorization: Bearer, and a token"
	}
	return "this gateway answers the supergraph's router"
}

// byBearer is whose token it is.
func (a *Authenticator) byBearer(r *http.Request, token string) (*authz.Caller, error) {
	switch {
	case a.Passthrough:
		// Its hash tells callers apart, and tells nobody the token.
		digest := sha256.Sum256([]byte(token))
		return &authz.Caller{Method: authz.Passthrough, Subject: hex.EncodeToString(digest[:16]), Atlas: secret.Text(token)}, nil
	case a.Tokens != nil:
		name, err := a.Tokens.find(token)
		if err == nil {
			return &authz.Caller{Method: authz.Token, Token: name}, nil
		}
		if a.OIDC == nil {
			return nil, invalid("the token is not one that this gateway knows", err)
		}
	}
	return a.OIDC.caller(r.Context(), token)
}

// The challenges (RFC 6750, section 3).
const (
	challenge        = `Bearer realm="atlas-restore-gateway"`
	challengeInvalid = challenge + `, error="invalid_token"`
)

// invalid refuses something that was shown.
func invalid(message string, cause error) *authz.Error {
	return &authz.Error{Kind: authz.Unauthenticated, Message: message, Challenge: challengeInvalid, Err: cause}
}
