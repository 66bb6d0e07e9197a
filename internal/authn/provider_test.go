package authn

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/test/certs"
)

// systemAuthority is an authority of the system, in the tests.
var systemAuthority = certs.Authority()

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "authn")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(file, []byte(systemAuthority.CertPEM()), 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("SSL_CERT_FILE", file)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

const testAudience = "atlas-restore-gateway"

// testKeys are made once, because RSA keys take long.
var testKeys = sync.OnceValue(func() (k struct {
	rsa, other, weak *rsa.PrivateKey
	ec               *ecdsa.PrivateKey
	ed               ed25519.PrivateKey
}) {
	generate := func(bits int) *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return key
	}
	k.rsa, k.other, k.weak = generate(2048), generate(2048), generate(1024)
	k.ec, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, k.ed, _ = ed25519.GenerateKey(rand.Reader)
	return k
})

// testProvider is a provider that signs any token. test/access has a real one.
type testProvider struct {
	*httptest.Server
	fetches atomic.Int32 // of the keys

	mu       sync.Mutex
	document map[string]any
	keys     []map[string]any
	status   int
}

func newTestProvider(tb testing.TB) *testProvider {
	tb.Helper()
	k := testKeys()
	p := &testProvider{status: http.StatusOK}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	tb.Cleanup(p.Close)
	p.document = map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys"}
	p.keys = []map[string]any{
		jwkOf("rsa", k.rsa.Public(), "use", "sig"), jwkOf("ec", k.ec.Public()), jwkOf("ed", k.ed.Public()),
		jwkOf("weak", k.weak.Public()), jwkOf("rs256", k.rsa.Public(), "alg", "RS256"),
		jwkOf("enc", k.rsa.Public(), "use", "enc"),
		jwkOf("certified", k.rsa.Public(), "x5u", "https://evil.example/chain", "x5c", []string{"no certificate"}, "x5t",
			"x"),
		jwkOf("wrap", k.rsa.Public(), "key_ops", []string{"wrapKey"}),
		{
			"kty": "oct", "kid": "shared",
			"k": base64.RawURLEncoding.EncodeToString([]byte("a key that is shared, of 32 bytes")),
		},
		{"kty": "new", "kid": "from-the-future"},
	}
	return p
}

func (p *testProvider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body := p.document
	if r.URL.Path == "/keys" {
		p.fetches.Add(1)
		body = map[string]any{"keys": p.keys}
	} else if r.URL.Path != "/.well-known/openid-configuration" && r.URL.Path != "/elsewhere" {
		http.NotFound(w, r)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	switch {
	case p.status != http.StatusFound:
		w.WriteHeader(p.status)
	case r.URL.Path != "/elsewhere":
		http.Redirect(w, r, "/elsewhere", p.status)
		return
	}
	_, _ = w.Write(text)
}

func (p *testProvider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// jwkOf returns a public key as a provider publishes it, with more members.
func jwkOf(kid string, key crypto.PublicKey, members ...any) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	m := map[string]any{"kid": kid}
	switch key := key.(type) {
	case *rsa.PublicKey:
		m["kty"], m["n"], m["e"] = "RSA", b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes())
	case *ecdsa.PublicKey:
		raw, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		m["kty"], m["crv"], m["x"], m["y"] = "EC", "P-256", b64(raw[1:33]), b64(raw[33:])
	case ed25519.PublicKey:
		m["kty"], m["crv"], m["x"], m["alg"] = "OKP", "Ed25519", b64(key), "EdDSA"
	}
	for i := 0; i < len(members); i += 2 {
		m[members[i].(string)] = members[i+1]
	}
	return m
}

func newTestOIDC(tb testing.TB, p *testProvider, change ...func(*OIDCConfig)) *OIDC {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	c := OIDCConfig{
		Issuer: p.URL, Audiences: []string{testAudience}, ClockSkew: DefaultClockSkew,
		Client: &http.Client{Transport: transport}, Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	o, err := NewOIDC(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(o.Close)
	return o
}

// claims returns valid claims with changes; a nil value removes a claim.
func (p *testProvider) claims(changes ...any) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": p.URL, "aud": testAudience, "sub": "alice", "scope": "jobs:read profile",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "groups": []string{"shop"},
	}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(c, name)
		} else {
			c[name] = changes[i+1]
		}
	}
	return c
}

// sign returns a token; header changes are as those of claims.
func sign(tb testing.TB, method jwt.SigningMethod, key any, kid string, claims jwt.Claims, header ...any) string {
	tb.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = kid
	for i := 0; i < len(header); i += 2 {
		if name := header[i].(string); header[i+1] == nil {
			delete(token.Header, name)
		} else {
			token.Header[name] = header[i+1]
		}
	}
	signed, err := token.SignedString(key)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// signText signs a header and claims that are given as texts.
func signText(tb testing.TB, key *rsa.PrivateKey, header, claims string) string {
	tb.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	text := b64([]byte(header)) + "." + b64([]byte(claims))
	signature, err := jwt.SigningMethodRS256.Sign(text, key)
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + b64(signature)
}

func (o *OIDC) callerOf(ctx context.Context, token string) (string, error) {
	c, err := o.caller(ctx, token)
	if err != nil {
		return "", err
	}
	return c.Subject, nil
}
