package atlas

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/secret"
)

// Credential is how a Client authenticates: an APIKey, a ServiceAccount or an AccessToken.
type Credential interface {
	// Kind returns the name of the kind of credential, for logs.
	Kind() string

	validate() error
	// identity returns the parts that tell the credential apart from others of its kind, the secret included.
	identity() []string
	// secret returns the secret part, which is removed from errors.
	secret() secret.Text
	// authorize returns a RoundTripper that authorizes requests and sends them to next. Verify makes a
	// call of the client that needs no project.
	authorize(next http.RoundTripper, s *settings, verify func(context.Context) error) authorizer
}

// Fingerprint returns what is different for each credential: a hash of it, its secret included. Who knows the credential
// can compute it, and it does not show the credential; but it may only be shown where a guess of a weak secret must not
// be feared.
func Fingerprint(c Credential) string {
	h := sha256.New()
	for _, part := range append([]string{c.Kind()}, c.identity()...) {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// authorizer is a RoundTripper that may own goroutines; Close waits for them.
type authorizer interface {
	http.RoundTripper
	Close()
}

// APIKey is a programmatic API key, sent by HTTP Digest (RFC 7616).
type APIKey struct {
	PublicKey  string
	PrivateKey secret.Text
}

// Kind returns "API key".
func (APIKey) Kind() string { return "API key" }

func (k APIKey) validate() error {
	if k.PublicKey == "" || k.PrivateKey == "" {
		return errors.New("an API key has a public and a private part")
	}
	return nil
}

func (k APIKey) identity() []string { return []string{k.PublicKey, string(k.PrivateKey)} }

func (k APIKey) secret() secret.Text { return k.PrivateKey }

func (k APIKey) authorize(next http.RoundTripper, _ *settings, _ func(context.Context) error) authorizer {
	return newDigestAuth(k, next)
}

// ServiceAccount is an Atlas service account, which gets access tokens by the OAuth 2.0 client
// credentials grant (RFC 6749, section 4.4).
type ServiceAccount struct {
	ClientID     string
	ClientSecret secret.Text
}

// Kind returns "service account".
func (ServiceAccount) Kind() string { return "service account" }

func (a ServiceAccount) validate() error {
	if a.ClientID == "" || a.ClientSecret == "" {
		return errors.New("a service account has a client ID and a client secret")
	}
	return nil
}

func (a ServiceAccount) identity() []string { return []string{a.ClientID, string(a.ClientSecret)} }

func (a ServiceAccount) secret() secret.Text { return a.ClientSecret }

func (a ServiceAccount) authorize(next http.RoundTripper, s *settings, verify func(context.Context) error) authorizer {
	return &bearerAuth{source: newTokenSource(a, next, s, verify), next: next}
}

// AccessToken is one access token of a service account that another program has requested. It expires
// an hour after that, and the client cannot renew it.
type AccessToken struct{ Token secret.Text }

// Kind returns "access token".
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

func (t AccessToken) identity() []string { return []string{string(t.Token)} }

func (t AccessToken) secret() secret.Text { return t.Token }

func (t AccessToken) authorize(next http.RoundTripper, _ *settings, _ func(context.Context) error) authorizer {
	return &bearerAuth{source: staticToken{t.Token}, next: next}
}
