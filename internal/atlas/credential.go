package atlas

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
)

// Secret is a text that must not be shown: formatted, logged or marshalled it
// reads "[redacted]".
type Secret string

const redacted = "[redacted]"

// String is what %v and %s show.
func (Secret) String() string { return redacted }

// GoString is what %#v shows.
func (Secret) GoString() string { return redacted }

// LogValue is what a log shows.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is what JSON and its like show.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Credential is what the client proves itself with: an APIKey, a ServiceAccount
// or an AccessToken.
type Credential interface {
	// Kind names the sort of credential, for logs: never the credential itself.
	Kind() string

	validate() error
	// secret is the part that nobody may see.
	secret() Secret
	// authorize puts the credential on every request that goes through next. Accepted makes a
	// call of the client that needs no project.
	authorize(next http.RoundTripper, s *settings, accepted func(context.Context) error) (authorizer, error)
}

// authorizer is a RoundTripper that may own goroutines; Close waits for them.
type authorizer interface {
	http.RoundTripper
	Close()
}

// APIKey is a programmatic API key, sent by HTTP Digest (RFC 7616).
type APIKey struct {
	PublicKey  string
	PrivateKey Secret
}

// Kind is "API key".
func (APIKey) Kind() string { return "API key" }

func (k APIKey) validate() error {
	if k.PublicKey == "" || k.PrivateKey == "" {
		return errors.New("an API key has a public and a private part")
	}
	return nil
}

func (k APIKey) secret() Secret { return k.PrivateKey }

func (k APIKey) authorize(next http.RoundTripper, _ *settings, _ func(context.Context) error) (authorizer, error) {
	return newDigestAuth(k, next), nil
}

// ServiceAccount is an Atlas service account, which gets its access tokens by the
// OAuth 2.0 client credentials grant (RFC 6749, section 4.4).
type ServiceAccount struct {
	ClientID     string
	ClientSecret Secret
}

// Kind is "service account".
func (ServiceAccount) Kind() string { return "service account" }

func (a ServiceAccount) validate() error {
	if a.ClientID == "" || a.ClientSecret == "" {
		return errors.New("a service account has a client ID and a client secret")
	}
	return nil
}

func (a ServiceAccount) secret() Secret { return a.ClientSecret }

func (a ServiceAccount) authorize(next http.RoundTripper, s *settings, accepted func(context.Context) error) (authorizer, error) {
	source, err := newTokenSource(a, next, s, accepted)
	if err != nil {
		return nil, err
	}
	return &bearerAuth{source: source, next: next}, nil
}

// AccessToken is one access token of a service account, made elsewhere. Atlas
// ends its life after an hour and the client cannot renew it.
type AccessToken struct{ Token Secret }

// Kind is "access token".
func (AccessToken) Kind() string { return "access token" }

func (t AccessToken) validate() error {
	if t.Token == "" {
		return errors.New("the access token is empty")
	}
	if strings.ContainsAny(string(t.Token), " \t\r\n") {
		return errors.New("the access token contains white space")
	}
	return nil
}

func (t AccessToken) secret() Secret { return t.Token }

func (t AccessToken) authorize(next http.RoundTripper, _ *settings, _ func(context.Context) error) (authorizer, error) {
	return &bearerAuth{source: fixedToken(t.Token), next: next}, nil
}
