// Package login says how the user of a page can authenticate: with a bearer token, or by signing in at an OpenID
// provider. The pages of internal/web pass it on to their scripts, see examples/dashboard/src/login.
package login

import (
	"context"
	"strings"
)

// Methods are the ways in which the user of a page can authenticate.
type Methods struct {
	// Bearer reports whether the gateway takes bearer tokens.
	Bearer bool `json:"bearer"`
	// Required reports whether the gateway answers no caller that has none.
	Required bool `json:"required"`
	// Provider is where the user can sign in; nil where that is not set up, or not possible now.
	Provider *Provider `json:"provider,omitempty"`
	// Problem says why Provider is missing though it is set up.
	Problem string `json:"problem,omitempty"`
}

// Provider is an OpenID provider at which a page can get a token by the authorization code flow with PKCE (RFC 7636).
type Provider struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorizationEndpoint"`
	TokenEndpoint         string `json:"tokenEndpoint"`
	ClientID              string `json:"clientId"`
	// Scope are the scopes to ask for, with spaces between.
	Scope string `json:"scope"`
	// Audiences are the names of the gateway: the token must be for one of them.
	Audiences []string `json:"audiences"`
}

// Source returns the methods as they are now. It returns within some seconds.
type Source func(context.Context) Methods

// ConnectSources returns the sources of the directive connect-src of a page's Content-Security-Policy: its own origin
// and the token endpoint of the provider.
func (m Methods) ConnectSources() string {
	// A URL that would end the directive is none that CSP can name.
	if m.Provider == nil || strings.ContainsAny(m.Provider.TokenEndpoint, ";, '\"\t\r\n") {
		return "'self'"
	}
	endpoint, _, _ := strings.Cut(m.Provider.TokenEndpoint, "?")
	return "'self' " + endpoint
}
