package authn

import (
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

// Algorithms are all that tokens can be signed with: those with a public key. With a
// shared key (HS256) whoever can check a token could make one, and "none" is none.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Bounds of the clock skew.
const (
	DefaultClockSkew = 30 * time.Second
	MaxClockSkew     = 5 * time.Minute
)

// OIDCConfig is what an OIDC is made of. Issuer, Audiences and Logger are required.
type OIDCConfig struct {
	// Issuer is the provider, as its tokens and its discovery document name it.
	Issuer string
	// Audiences are who we are: a token must be for one of them.
	Audiences []string
	// Algorithms are what tokens may be signed with; none means all of Algorithms.
	Algorithms []string
	// ClockSkew is by how much the provider's clock and ours may differ.
	ClockSkew time.Duration
	// Client fetches from the provider; nil means one of our own.
	Client *http.Client
	Logger *slog.Logger
}

// OIDC checks access tokens that are JWTs (RFC 9068) and ID tokens of an OpenID provider.
type OIDC struct {
	issuer string
	keys   *keySet
	lookup keyfunc.Keyfunc
	parser *jwt.Parser
}

// NewOIDC makes one. It calls nobody: a gateway that starts while the provider is away
// must be there when it comes back. Close must be called.
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
			return nil, fmt.Errorf("%q is no algorithm that tokens can be checked with: there are %s", a, strings.Join(Algorithms, ", "))
		}
	}
	if c.ClockSkew < 0 || c.ClockSkew > MaxClockSkew {
		return nil, fmt.Errorf("the clock skew must be from 0s to %s, not %s", MaxClockSkew, c.ClockSkew)
	}
	o := &OIDC{issuer: c.Issuer, keys: newKeySet(newProvider(c.Issuer, c.Client).keys, c.Logger)}
	o.parser = jwt.NewParser(
		jwt.WithValidMethods(c.Algorithms), jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audiences...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(c.ClockSkew),
		jwt.WithStrictDecoding(), jwt.WithJSONNumber())
	var err error
	o.lookup, err = keyfunc.New(keyfunc.Options{Storage: o.keys})
	return o, err
}

// Check fetches the provider's keys, so that a wrong issuer is found when the gateway
// starts and not by its first caller.
func (o *OIDC) Check(ctx context.Context) error { return o.keys.check(ctx) }

// Close ends what is being fetched and waits for it.
func (o *OIDC) Close() { o.keys.close() }

// caller is whose token it is.
func (o *OIDC) caller(ctx context.Context, token string) (*authz.Caller, error) {
	claims, err := o.verify(ctx, token)
	if err != nil {
		return nil, refused(err)
	}
	c := &authz.Caller{Method: authz.OIDC}
	if err := identify(c, claims); err != nil {
		return nil, invalid("the token does not say who calls", err)
	}
	return c, nil
}

// refused is what the caller is told of a token that is not taken. More than that it
// has expired is not: what was wrong with a forgery is the forger's to find out, and it
// stands in the log.
func refused(err error) error {
	switch {
	case errors.Is(err, errNoKeys):
		return &authz.Error{Kind: authz.Unavailable, Message: "the keys of the OpenID provider cannot be read, so that no token can be checked", RetryAfter: minFetchInterval, Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &authz.Error{Kind: authz.Unavailable, Message: "the token could not be checked in time", Err: err}
	// Only of tokens whose signature is good: that is checked first.
	case errors.Is(err, jwt.ErrTokenExpired):
		return invalid("the token has expired", err)
	default:
		return invalid("the token is not valid here", err)
	}
}

var errToken = errors.New("authn: no token that can be taken")

// verify checks everything about a token and gives its claims.
func (o *OIDC) verify(ctx context.Context, token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: it has %d parts, not 3", errToken, len(parts))
	}
	header, err := decodePart(parts[0])
	if err != nil {
		return nil, fmt.Errorf("%w: header: %w", errToken, err)
	}
	if err := checkHeader(header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", errToken, err)
	}
	claims, err := decodePart(parts[1])
	if err != nil {
		return nil, fmt.Errorf("%w: claims: %w", errToken, err)
	}
	if _, err := o.parser.ParseWithClaims(token, jwt.MapClaims{}, o.key(ctx)); err != nil {
		return nil, err
	}
	// A token that is bound to a key of its owner (RFC 7800, section 3.1; RFC 8705, RFC 9449)
	// proves nothing without a proof of that key, which is not asked for here.
	if _, bound := claims["cnf"]; bound {
		return nil, fmt.Errorf("%w: it is bound to a key of its owner (cnf)", errToken)
	}
	// Something that happened (RFC 8417), such as a logout, is told to a service in a token
	// that is no credential. Not every provider says so by its typ.
	if _, event := claims["events"]; event {
		return nil, fmt.Errorf("%w: it tells of an event", errToken)
	}
	return claims, nil
}

// key finds the key of a token. That its algorithm is the key's own, where the key says
// one, the library sees to; not that the curve is (RFC 7518, section 3.4).
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

// checkHeader holds what the library leaves to its caller.
func checkHeader(header map[string]any) error {
	if _, there := header["crit"]; there {
		// RFC 7515, section 4.1.11: what it names must be understood, and is not.
		return errors.New("crit is not understood")
	}
	if kid, isText := header["kid"].(string); !isText || kid == "" {
		return errors.New("there is no kid, and so no telling which key it was signed with")
	}
	if typ, there := header["typ"]; there {
		// Other sorts of JWT of the same provider are no credential (RFC 8725, section 3.11).
		text, _ := typ.(string)
		switch strings.TrimPrefix(strings.ToLower(text), "application/") {
		case "jwt", "at+jwt":
		default:
			return errors.New("typ is neither JWT nor at+jwt")
		}
	}
	return nil
}

// checkProviderURL wants https, but for loopback, where tests and demonstrations are.
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
