package authn

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"

	"atlas-restore-gateway/internal/httpclient"
)

// Bounds of a fetch from a provider.
const (
	fetchTimeout     = 5 * time.Second
	maxProviderBytes = 1 << 20
	maxKeys          = 100
	minRSABits       = 2048
)

// provider fetches the signing keys of an OpenID provider (OpenID Connect Discovery 1.0, RFC 7517).
type provider struct {
	issuer string
	client *http.Client
	// found is the last discovery document; nil before the first.
	found atomic.Pointer[discovery]
}

// discovery is the part of a discovery document that is used (OpenID Connect Discovery 1.0, section 3).
type discovery struct {
	Issuer                string `json:"issuer"`
	JWKSURI               string `json:"jwks_uri"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
}

func newProvider(issuer string, client *http.Client) *provider {
	if client == nil {
		client = &http.Client{Transport: httpclient.LimitConnections(newTransport(nil))}
	}
	own := *client
	// A redirect could lead to another host than the configured issuer.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &provider{issuer: issuer, client: &own}
}

func newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	t := httpclient.NewTransport(fetchTimeout, dial)
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = fetchTimeout, fetchTimeout
	// For a few fetches an hour no connection is kept open for long.
	t.IdleConnTimeout, t.MaxIdleConns = fetchTimeout, 1
	return t
}

// keys fetches the keys that tokens are checked with.
func (p *provider) keys(ctx context.Context) ([]jwkset.JWK, error) {
	var document discovery
	if err := p.get(ctx, strings.TrimSuffix(p.issuer, "/")+"/.well-known/openid-configuration", &document); err != nil {
		return nil, fmt.Errorf("the discovery document: %w", err)
	}
	// Section 4.3: otherwise one provider could name the keys of another.
	if document.Issuer != p.issuer {
		return nil, fmt.Errorf("the discovery document is of another issuer, %q: --oidc-issuer must name it in the same way",
			truncate(document.Issuer))
	}
	p.found.Store(&document)
	if err := checkProviderURL(document.JWKSURI); err != nil && !hasQueryOnly(document.JWKSURI) {
		return nil, fmt.Errorf("jwks_uri %w", err)
	}
	if isSecure(p.issuer) && !isSecure(document.JWKSURI) {
		return nil, errors.New("jwks_uri must use https, as the issuer does")
	}
	var set jwkset.JWKSMarshal
	if err := p.get(ctx, document.JWKSURI, &set); err != nil {
		return nil, fmt.Errorf("the keys: %w", err)
	}
	keys := signingKeys(set)
	if len(keys) == 0 {
		return nil, errors.New("the provider has no key that tokens can be checked with")
	}
	return keys, nil
}

func isSecure(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "https"
}

// hasQueryOnly reports whether a URL is valid but for its query, which the URLs of the keys of some providers have.
func hasQueryOnly(raw string) bool {
	before, _, found := strings.Cut(raw, "?")
	return found && checkProviderURL(before) == nil
}

// get fetches a JSON document. If the connection ends, it is repeated once on another connection: a silent HTTP/2
// connection ends early enough for that (httpclient.LostAfter).
func (p *provider) get(ctx context.Context, from string, into any) error {
	body, err := p.fetch(ctx, from)
	if httpclient.ConnectionEnded(err) && ctx.Err() == nil {
		body, err = p.fetch(ctx, from)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return errors.New("it is not the JSON that it should be")
	}
	return nil
}

// fetch returns the body of a 200, of at most maxProviderBytes.
func (p *provider) fetch(ctx context.Context, from string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, errors.New("the URL cannot be asked")
	}
	req.Header.Set("Accept", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // the operator knows the URL
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxProviderBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxProviderBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", maxProviderBytes)
	}
	return body, nil
}

// signingKeys returns the keys of a set that a signature can be checked with. Other keys are ignored: providers publish
// keys for other uses, and of types that are not supported.
func signingKeys(set jwkset.JWKSMarshal) []jwkset.JWK {
	var keys []jwkset.JWK
	for _, m := range set.Keys {
		if len(keys) == maxKeys {
			break
		}
		if m.KID == "" || m.USE != "" && m.USE != jwkset.UseSig ||
			len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify) {
			continue
		}
		// The key alone: its certificates are not checked here.
		m.X5U, m.X5C, m.X5T, m.X5TS256 = "", nil, "", ""
		m.KEYOPS = nil
		// Without Private, a shared secret is an error.
		key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil || !isStrong(key.Key()) {
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

func isStrong(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	default:
		return false
	}
}

func truncate(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
