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

// Config has the methods by which callers can authenticate: at least one.
type Config struct {
	// Tokens are the static bearer tokens; nil accepts none.
	Tokens *Tokens
	// OIDC checks the tokens of an OpenID provider; nil accepts none.
	OIDC *OIDC
	// Routers are the routers that may name the caller; nil accepts none.
	Routers *Routers
	// Passthrough accepts bearer tokens as tokens of Atlas, which authorizes them. It excludes the other methods: a
	// mistyped company token would be sent to Atlas.
	Passthrough bool
	// None accepts requests without a credential.
	None bool
	// AnyHost accepts requests without a credential for any host. Without AnyHost the host must be loopback, so that no
	// website reaches the gateway through a browser by giving its own name this address (DNS rebinding).
	AnyHost bool
}

// Authenticator authenticates the senders of requests. It is safe for concurrent use.
type Authenticator struct{ Config }

// New returns an authenticator. It returns an error if there is no method, or if methods exclude each other.
func New(c Config) (*Authenticator, error) {
	bearer := c.Tokens != nil || c.OIDC != nil
	switch {
	case !bearer && c.Routers == nil && !c.Passthrough && !c.None:
		return nil, errors.New("authn: there is no method of authentication")
	case c.Passthrough && (bearer || c.Routers != nil || c.None):
		return nil, errors.New("authn: passthrough excludes other methods: it sends every bearer token to Atlas, and the " +
			"gateway has no credential for other callers")
	}
	return &Authenticator{c}, nil
}

// Methods returns how callers can authenticate, with the current names of tokens and routers.
func (a *Authenticator) Methods() authz.AuthMethods {
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

// Authenticate returns the sender of the request. Every error is an *authz.Error: the sender is not authenticated, or
// cannot be now. An invalid credential is an error even where none is needed.
func (a *Authenticator) Authenticate(r *http.Request) (*authz.Caller, error) {
	router, err := a.authenticateRouter(r)
	if err != nil {
		return nil, err
	}
	forwarded, err := a.forwardedCaller(r, router)
	if err != nil {
		return nil, err
	}
	if !a.acceptsBearer() {
		return a.withoutBearer(r, router, forwarded)
	}
	token, err := bearer(r.Header)
	switch {
	case err != nil:
		return nil, err
	case token == "":
		return a.withoutBearer(r, router, forwarded)
	case forwarded != nil:
		return nil, invalidCredential("the router says who calls, and a bearer token says it too: one of them must go", nil)
	}
	c, err := a.callerOfToken(r, token)
	if err != nil {
		return nil, err
	}
	c.Router = router
	return c, nil
}

func (a *Authenticator) acceptsBearer() bool {
	return a.Tokens != nil || a.OIDC != nil || a.Passthrough
}

func (a *Authenticator) authenticateRouter(r *http.Request) (string, error) {
	if a.Routers == nil {
		return "", nil
	}
	return a.Routers.authenticate(r)
}

// withoutBearer returns the sender of a request without a bearer token.
func (a *Authenticator) withoutBearer(r *http.Request, router string, forwarded *authz.Caller) (*authz.Caller, error) {
	switch {
	case forwarded != nil:
		return forwarded, nil
	case router != "":
		return &authz.Caller{Method: authz.Router, Router: router}, nil
	case !a.None:
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: a.challengeMessage(), Challenge: challenge}
	}
	if err := a.CheckHost(r); err != nil {
		return nil, err
	}
	return authz.Anonymous(), nil
}

// CheckHost returns an *authz.Error where requests need no credential and the request is for another host than
// loopback. Requests that are not authenticated, such as for a page, have the same hosts as those that are.
func (a *Authenticator) CheckHost(r *http.Request) error {
	if !a.None || a.AnyHost {
		return nil
	}
	return CheckLoopbackHost(r)
}

// CheckLoopbackHost returns an *authz.Error if the request is for another host than loopback. A website that gives its
// own name the address of loopback (DNS rebinding) reaches a server there through the browser of its visitor, under
// that name.
func CheckLoopbackHost(r *http.Request) error {
	if loopback.Is(r.Host) {
		return nil
	}
	return &authz.Error{
		Kind: authz.Forbidden,
		Message: "this gateway does not authenticate its callers, and is therefore served under the names of loopback alone: " +
			"localhost, 127.0.0.1, [::1]",
	}
}

func (a *Authenticator) challengeMessage() string {
	if a.acceptsBearer() {
		return "this gateway wants to know who calls: send Authorization: Bearer, and a token"
	}
	return "this gateway answers the supergraph's router"
}

// callerOfToken returns the owner of a bearer token.
func (a *Authenticator) callerOfToken(r *http.Request, token string) (*authz.Caller, error) {
	switch {
	case a.Passthrough:
		// The hash identifies the caller without revealing the token.
		digest := sha256.Sum256([]byte(token))
		return &authz.Caller{Method: authz.Passthrough, Subject: hex.EncodeToString(digest[:16]), Atlas: secret.Text(token)}, nil
	case a.Tokens != nil:
		found, err := a.Tokens.find(token)
		if err == nil {
			return &authz.Caller{Method: authz.Token, Token: found.name, Expires: found.expires}, nil
		}
		if a.OIDC == nil {
			return nil, invalidCredential("the token is not one that this gateway knows", err)
		}
	}
	return a.OIDC.caller(r.Context(), token)
}

// The challenges (RFC 6750, section 3).
const (
	challenge        = `Bearer realm="atlas-restore-gateway"`
	challengeInvalid = challenge + `, error="invalid_token"`
)

// invalidCredential returns the error of a credential that is not valid.
func invalidCredential(message string, cause error) *authz.Error {
	return &authz.Error{Kind: authz.Unauthenticated, Message: message, Challenge: challengeInvalid, Err: cause}
}
