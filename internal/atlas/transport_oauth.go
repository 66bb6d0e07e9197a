package atlas

import (
	"context"
	"net/http"

	"atlas-restore-gateway/internal/secret"
)

// bearerAuth authorizes requests with an access token (RFC 6750).
type bearerAuth struct {
	source interface {
		token(ctx context.Context) (secret.Text, error)
		// replace is called with a token that Atlas rejected for the call of ctx. It reports
		// whether the call should be made again with the next token.
		replace(ctx context.Context, rejected secret.Text) bool
		Close()
	}
	next http.RoundTripper
}

func (a *bearerAuth) Close() { a.source.Close() }

// RoundTrip sends the request with the token, and once again with another one where Atlas rejects a
// token that was revoked before it expired.
func (a *bearerAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := a.source.token(r.Context())
	if err != nil {
		return nil, err
	}
	res, err := a.send(r, token)
	if err != nil || res.StatusCode != http.StatusUnauthorized || !a.source.replace(r.Context(), token) {
		return res, err
	}
	_ = res.Body.Close()
	if token, err = a.source.token(r.Context()); err != nil {
		return nil, err
	}
	return a.send(r, token)
}

func (a *bearerAuth) send(r *http.Request, token secret.Text) (*http.Response, error) {
	clone := r.Clone(r.Context())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		clone.Body = body
	}
	clone.Header.Set("Authorization", "Bearer "+string(token))
	return a.next.RoundTrip(clone)
}

// staticToken is the source of an AccessToken.
type staticToken struct{ value secret.Text }

func (t staticToken) token(context.Context) (secret.Text, error) { return t.value, nil }
func (staticToken) replace(context.Context, secret.Text) bool    { return false }
func (staticToken) Close()                                       {}
