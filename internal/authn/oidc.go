package authn

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loopback"
)

// Algorithms are the algorithms that tokens can be signed with: those with a public key. With a shared key (HS256) the
// gateway could forge tokens, and "none" is no signature.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Bounds of the clock skew.
const (
	DefaultClockSkew = 30 * time.Second
	MaxClockSkew     = 5 * time.Minute
)

// OIDCConfig has the settings of an OIDC. Issuer, Audiences and Logger are required.
type OIDCConfig struct {
	// Issuer is the provider, as its tokens and its discovery document name it.
	Issuer string
	// Audiences are the names of the gateway: a token must be for one of them.
	Audiences []string
	// Algorithms are the algorithms that tokens may be signed with; empty means all of Algorithms.
	Algorithms []string
	// ClockSkew is the largest difference of the clocks of provider and gateway.
	ClockSkew time.Duration
	// Client fetches from the provider; nil means a new client.
	Client *http.Client
	Logger *slog.Logger
}

// OIDC checks access tokens that are JWTs (RFC 9068) and ID tokens of an OpenID provider.
type OIDC struct {
	issuer    string
	clockSkew time.Duration
	provider  *provider
	keys      *keySet
	lookup    keyfunc.Keyfunc
	parser    *jwt.Parser
}

// NewOIDC returns an OIDC. It fetches nothing: a gateway that starts during an outage of the provider must serve when
// the outage ends. Close must be called.
func NewOIDC(c OIDCConfig) (*OIDC, error) {
	if err := checkProviderURL(c.Issuer); err != nil {
		return nil, fmt.Errorf("the issuer %w", err)
	}
	if len(c.Audiences) == 0 || slices.Contains(c.Audiences, "") {
		return nil, errors.New("an audience is needed: without one, tokens that were made for others would be taken")
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = Algorithms
	}
	for _, a := range c.Algorithms {
		if !slices.Contains(Algorithms, a) {
			return nil, fmt.Errorf("%q is no algorithm that tokens can be checked with: there are %s", a,
				strings.Join(Algorithms, ", "))
		}
	}
	if c.ClockSkew < 0 || c.ClockSkew > MaxClockSkew {
		return nil, fmt.Errorf("the clock skew must be from 0s to %s, not %s", MaxClockSkew, c.ClockSkew)
	}
	o := &OIDC{issuer: c.Issuer, clockSkew: c.ClockSkew, provider: newProvider(c.Issuer, c.Client)}
	o.keys = newKeySet(o.provider.keys, c.Logger)
	o.parser = jwt.NewParser(
		jwt.WithValidMethods(c.Algorithms), jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audiences...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(c.ClockSkew),
		jwt.WithStrictDecoding(), jwt.WithJSONNumber())
	var err error
	o.lookup, err = keyfunc.New(keyfunc.Options{Storage: o.keys})
	return o, err
}

// Check fetches the provider's keys, so that a wrong issuer is found when the gateway starts and not by its first
// caller. Errors are also logged.
func (o *OIDC) Check(ctx context.Context) error { return o.keys.check(ctx) }

// Endpoints returns the URLs at which people can sign in: that of the page and that of the tokens. It waits for the
// provider where they were never read; an error says what is wrong with the provider.
func (o *OIDC) Endpoints(ctx context.Context) (authorization, token string, err error) {
	found := o.provider.found.Load()
	if found == nil {
		err := o.keys.check(ctx)
		if found = o.provider.found.Load(); found == nil {
			return "", "", cmp.Or(err, errNoKeys)
		}
	}
	for name, endpoint := range map[string]string{
		"authorization_endpoint": found.AuthorizationEndpoint, "token_endpoint": found.TokenEndpoint,
	} {
		if err := checkProviderURL(endpoint); err != nil && !hasQueryOnly(endpoint) {
			return "", "", fmt.Errorf("%s %w", name, err)
		}
		if isSecure(o.issuer) && !isSecure(endpoint) {
			return "", "", fmt.Errorf("%s must use https, as the issuer does", name)
		}
	}
	return found.AuthorizationEndpoint, found.TokenEndpoint, nil
}

// Close cancels a fetch in progress and waits until it has ended.
func (o *OIDC) Close() { o.keys.close() }

// caller returns the owner of a token.
func (o *OIDC) caller(ctx context.Context, token string) (*authz.Caller, error) {
	claims, err := o.verify(ctx, token)
	if err != nil {
		return nil, tokenError(err)
	}
	c := &authz.Caller{Method: authz.OIDC, Expires: o.expiry(claims)}
	if err := identify(c, claims); err != nil {
		return nil, invalidCredential("the token does not say who calls", err)
	}
	return c, nil
}

// expiry returns the moment from which the token is not accepted any more.
func (o *OIDC) expiry(claims map[string]any) time.Time {
	exp, err := jwt.MapClaims(claims).GetExpirationTime()
	if err != nil || exp == nil {
		return time.Time{} // it was checked
	}
	return exp.Add(o.clockSkew)
}

// tokenError returns the error for a token that is not accepted. Its message says that a token has expired and nothing
// else of what is wrong, so as not to help a forger. The log has the cause.
func tokenError(err error) error {
	switch {
	case errors.Is(err, errNoKeys):
		return &authz.Error{
			Kind: authz.Unavailable, Message: "the keys of the OpenID provider cannot be read, so that no token can be checked",
			RetryAfter: minFetchInterval, Err: err,
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &authz.Error{Kind: authz.Unavailable, Message: "the token could not be checked in time", Err: err}
	// The signature is valid: it is checked first.
	case errors.Is(err, jwt.ErrTokenExpired):
		return invalidCredential("the token has expired", err)
	default:
		return invalidCredential("the token is not valid here", err)
	}
}

var errToken = errors.New("authn: no token that can be taken")

// verify checks a token and returns its claims.
func (o *OIDC) verify(ctx context.Context, token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: it has %d parts, not 3", errToken, len(parts))
	}
	header, err := decodePart(parts[0])
	if err != nil {
		return nil, fmt.Errorf("%w: header: %w", errToken, err)
	}
	if err := checkTokenHeader(header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", errToken, err)
	}
	claims, err := decodePart(parts[1])
	if err != nil {
		return nil, fmt.Errorf("%w: claims: %w", errToken, err)
	}
	if _, err := o.parser.ParseWithClaims(token, jwt.MapClaims{}, o.key(ctx)); err != nil {
		return nil, err
	}
	// A token that is bound to a key of its owner (RFC 7800, section 3.1; RFC 8705, RFC 9449) needs a proof of possession,
	// which is not checked here.
	if _, bound := claims["cnf"]; bound {
		return nil, fmt.Errorf("%w: it is bound to a key of its owner (cnf)", errToken)
	}
	// A security event (RFC 8417), such as a logout, is a token that is no credential. Not every provider sets its typ.
	if _, event := claims["events"]; event {
		return nil, fmt.Errorf("%w: it tells of an event", errToken)
	}
	return claims, nil
}

// key returns the function that finds the key of a token. The library checks the algorithm of the key, and not its
// curve (RFC 7518, section 3.4).
func (o *OIDC) key(ctx context.Context) jwt.Keyfunc {
	find := o.lookup.KeyfuncCtx(ctx)
	return func(token *jwt.Token) (any, error) {
		key, err := find(token)
		if err != nil {
			return nil, err
		}
		public, onCurve := key.(*ecdsa.PublicKey)
		method, wantsCurve := token.Method.(*jwt.SigningMethodECDSA)
		if onCurve && wantsCurve && public.Curve.Params().BitSize != method.CurveBits {
			return nil, fmt.Errorf("%w: its key is on another curve than its algorithm", errToken)
		}
		return key, nil
	}
}

func decodePart(part string) (map[string]any, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, errors.New("not base64url")
	}
	return decodeClaims(b)
}

// checkTokenHeader checks what the library leaves to its caller.
func checkTokenHeader(header map[string]any) error {
	if _, there := header["crit"]; there {
		// RFC 7515, section 4.1.11: extensions that it names must be understood, and none is.
		return errors.New("crit is not understood")
	}
	if kid, isText := header["kid"].(string); !isText || kid == "" {
		return errors.New("there is no kid, and so no telling which key it was signed with")
	}
	if typ, there := header["typ"]; there {
		// Other types of JWT of the same provider are no credential (RFC 8725, section 3.11).
		text, _ := typ.(string)
		switch strings.TrimPrefix(strings.ToLower(text), "application/") {
		case "jwt", "at+jwt":
		default:
			return errors.New("typ is neither JWT nor at+jwt")
		}
	}
	return nil
}

// checkProviderURL returns an error for a URL without https, except on loopback, where tests and demonstrations are.
func checkProviderURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return errors.New("must be a URL like https://login.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("must have neither a user nor a query")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback.Is(u.Host):
		return nil
	default:
		return errors.New("must use https; plain http is for loopback addresses only")
	}
}

var _ jwkset.Storage = (*keySet)(nil)
