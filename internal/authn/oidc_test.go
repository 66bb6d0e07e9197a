package authn

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/authz"
)

func TestOIDC_authenticatesByATokenOfTheProvider(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p)
	k := testKeys()
	for name, token := range map[string]string{
		"RS256":              sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims()),
		"PS384":              sign(t, jwt.SigningMethodPS384, k.rsa, "rsa", p.claims()),
		"RS256 and no other": sign(t, jwt.SigningMethodRS256, k.rsa, "rs256", p.claims()),
		"ES256":              sign(t, jwt.SigningMethodES256, k.ec, "ec", p.claims()),
		"EdDSA":              sign(t, jwt.SigningMethodEdDSA, k.ed, "ed", p.claims()),
		"a certified key":    sign(t, jwt.SigningMethodRS256, k.rsa, "certified", p.claims()),
		"an access token":    sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims(), "typ", "at+jwt"),
		"its media type":     sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims(), "typ", "application/AT+jwt"),
		"no typ":             sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims(), "typ", nil),
		"several audiences": sign(t, jwt.SigningMethodRS256, k.rsa, "rsa",
			p.claims("aud", []string{"other", testAudience})),
		"just expired": sign(t, jwt.SigningMethodRS256, k.rsa, "rsa",
			p.claims("exp", time.Now().Add(-DefaultClockSkew/2).Unix())),
		"just not yet valid": sign(t, jwt.SigningMethodRS256, k.rsa, "rsa",
			p.claims("nbf", time.Now().Add(DefaultClockSkew/2).Unix())),
		"a key in the header": sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims(), "jku", "https://evil.example/keys",
			"jwk", jwkOf("rsa", k.other.Public())),
	} {
		if c, err := o.caller(t.Context(), token); err != nil || c.Subject != "alice" || c.Method != authz.OIDC ||
			c.Issuer != p.URL {
			t.Errorf("%s: %v, %v", name, c, err)
		} else if diff := cmp.Diff([]string{"jobs:read", "profile"}, c.Scopes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// unsigned joins the parts of a token without a signature.
func unsigned(parts ...string) string {
	for i, part := range parts {
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(part))
	}
	return strings.Join(parts, ".")
}

func TestOIDC_rejectsAttacksByToken(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p)
	k := testKeys()
	good := sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims())
	goodClaims, err := json.Marshal(p.claims())
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.rsa.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	parts := strings.Split(good, ".")
	soon, late := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	rs := func(claims jwt.MapClaims, header ...any) string {
		return sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", claims, header...)
	}
	const header = `{"alg":"RS256","kid":"rsa"}`
	tests := map[string]string{
		"alg none":                unsigned(`{"alg":"none","kid":"rsa"}`, string(goodClaims), ""),
		"alg none, in other case": unsigned(`{"alg":"nOnE","kid":"rsa"}`, string(goodClaims), ""),
		"alg none by the library": sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "rsa",
			p.claims()),
		"no alg":                          unsigned(`{"kid":"rsa"}`, string(goodClaims), "x"),
		"alg that is a list":              unsigned(`{"alg":["RS256"],"kid":"rsa"}`, string(goodClaims), "x"),
		"no signature":                    parts[0] + "." + parts[1] + ".",
		"two parts":                       parts[0] + "." + parts[1],
		"four parts":                      good + ".",
		"an encrypted token":              "a.b.c.d.e",
		"HS256 with the public key (PEM)": sign(t, jwt.SigningMethodHS256, public, "rsa", p.claims()),
		"HS256 with the public key (DER)": sign(t, jwt.SigningMethodHS256, der, "rsa", p.claims()),
		"HS256 with the modulus":          sign(t, jwt.SigningMethodHS256, k.rsa.N.Bytes(), "rsa", p.claims()),
		"HS256 with the provider's own": sign(t, jwt.SigningMethodHS256, []byte("a key that is shared, of 32 bytes"),
			"shared", p.claims()),
		"another algorithm than the key's": sign(t, jwt.SigningMethodPS256, k.rsa, "rs256", p.claims()),
		"a key of another sort":            sign(t, jwt.SigningMethodES256, k.ec, "rsa", p.claims()),
		"somebody else's key":              sign(t, jwt.SigningMethodRS256, k.other, "rsa", p.claims()),
		"a key of the token's own": sign(t, jwt.SigningMethodRS256, k.other, "mine", p.claims(), "jwk",
			jwkOf("mine", k.other.Public())),
		"a key for encryption":             sign(t, jwt.SigningMethodRS256, k.rsa, "enc", p.claims()),
		"a key to wrap others with":        sign(t, jwt.SigningMethodRS256, k.rsa, "wrap", p.claims()),
		"a key that is too short":          sign(t, jwt.SigningMethodRS256, k.weak, "weak", p.claims()),
		"no key id":                        rs(p.claims(), "kid", nil),
		"an empty key id":                  rs(p.claims(), "kid", ""),
		"a key id that is no text":         rs(p.claims(), "kid", 1),
		"a key id with a path":             rs(p.claims(), "kid", "../../etc/passwd"),
		"a header that must be understood": rs(p.claims(), "crit", []string{"exp"}),
		"a payload that is not encoded":    rs(p.claims(), "b64", false, "crit", []string{"b64"}),
		"a logout token":                   rs(p.claims(), "typ", "logout+jwt"),
		"a logout token without its typ": rs(p.claims("events", map[string]any{
			"http://schemas.openid.net/event/backchannel-logout": map[string]any{},
		})),
		"a proof of another key": rs(p.claims(), "typ", "dpop+jwt"),
		"a typ that is no text":  rs(p.claims(), "typ", []string{"JWT"}),
		"a token bound to a key": rs(p.claims("cnf", map[string]any{"jkt": "x"})),

		"another audience":              rs(p.claims("aud", "other")),
		"part of the audience":          rs(p.claims("aud", testAudience[:5])),
		"an audience in other case":     rs(p.claims("aud", strings.ToUpper(testAudience))),
		"no audience":                   rs(p.claims("aud", nil)),
		"an audience of nothing":        rs(p.claims("aud", []string{})),
		"an audience that is an object": rs(p.claims("aud", map[string]any{testAudience: true})),
		"the audience in other letters": rs(p.claims("aud", nil, "AUD", testAudience)),
		"another issuer":                rs(p.claims("iss", "https://evil.example")),
		"an issuer with a slash":        rs(p.claims("iss", p.URL+"/")),
		"no issuer":                     rs(p.claims("iss", nil)),
		"expired":                       rs(p.claims("exp", late.Unix())),
		"expired at the end of time":    rs(p.claims("exp", -1)),
		"never expires":                 rs(p.claims("exp", nil)),
		"an expiry that is a text":      rs(p.claims("exp", "tomorrow")),
		"an expiry beyond numbers": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), `"exp":`, `"exp":1e9999,"x":`, 1)),
		"an expiry in other letters": rs(p.claims("exp", late.Unix(), "EXP", soon.Unix())),
		"not yet valid":              rs(p.claims("nbf", soon.Unix())),
		"made in the future":         rs(p.claims("iat", soon.Unix())),
		"nobody":                     rs(p.claims("sub", nil)),
		"nobody, as a text":          rs(p.claims("sub", "")),
		"a subject that is a number": rs(p.claims("sub", 1)),
		"a subject of many lines":    rs(p.claims("sub", "alice\nadmin")),
		"a subject without an end":   rs(p.claims("sub", strings.Repeat("a", 257))),
		"scopes that are a number":   rs(p.claims("scope", 1)),
		"scopes that are numbers":    rs(p.claims("scp", []int{1})),

		"duplicate claims": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), "{", `{"sub":"admin",`, 1)),
		"duplicate claims, the other": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), "}", `,"sub":"admin"}`, 1)),
		"duplicate audiences": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), "{", `{"aud":"other",`, 1)),
		"duplicates by escape": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), "{", `{"\u0073ub":"admin",`, 1)),
		"duplicates at depth": signText(t, k.rsa, header,
			strings.Replace(string(goodClaims), "{", `{"a":{"b":1,"b":2},`, 1)),
		"duplicate algorithms":    signText(t, k.rsa, `{"alg":"none","alg":"RS256","kid":"rsa"}`, string(goodClaims)),
		"more than one value":     signText(t, k.rsa, header, string(goodClaims)+`{"sub":"admin"}`),
		"claims that are a list":  signText(t, k.rsa, header, "["+string(goodClaims)+"]"),
		"claims that are null":    signText(t, k.rsa, header, "null"),
		"claims that are no JSON": signText(t, k.rsa, header, "{"),
		"padding":                 parts[0] + "=." + parts[1] + "." + parts[2],
		"another encoding": base64.StdEncoding.EncodeToString([]byte(header+"   ")) + "." + parts[1] + "." +
			parts[2],
		"another signature encoding": strings.TrimRight(good, "=") + "=",
		"a signature's loose bits":   good[:len(good)-1] + string(loose(good[len(good)-1])),
		"nothing":                    "",
		"dots":                       "..",
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := o.caller(t.Context(), token)
			var e *authz.Error
			if c != nil || !errors.As(err, &e) || e.Kind != authz.Unauthenticated ||
				!strings.Contains(e.Challenge, "invalid_token") {
				t.Fatalf("got %v, %v", c, err)
			}
			want := "the token is not valid here"
			switch {
			case name == "expired", name == "an expiry beyond numbers", name == "expired at the end of time",
				name == "an expiry in other letters":
				want = "the token has expired"
			case strings.Contains(name, "nobody"), strings.Contains(name, "subject"), strings.Contains(name, "scopes"):
				want = "the token does not say who calls"
			}
			if e.Message != want {
				t.Errorf("the caller is told %q", e.Message)
			}
			for _, part := range strings.Split(token, ".") {
				if len(part) > 8 && strings.Contains(err.Error(), part) {
					t.Errorf("the error repeats the token: %v", err)
				}
			}
		})
	}
	if subject, err := o.callerOf(t.Context(), good); err != nil || subject != "alice" {
		t.Errorf("after all that: %q, %v", subject, err)
	}
}

// loose returns a letter of base64url that differs from c in the lowest bit. In the last letter of a signature the bit
// has no meaning.
func loose(c byte) byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return letters[strings.IndexByte(letters, c)^1]
}

func TestOIDC_returnsUnavailableToACallerThatLeavesDuringTheFetch(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p)
	token := sign(t, jwt.SigningMethodRS256, testKeys().rsa, "rsa", p.claims())
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := o.caller(ctx, token)
	var e *authz.Error
	if !errors.As(err, &e) || e.Kind != authz.Unavailable || e.Challenge != "" {
		t.Errorf("got %v", err)
	}
	if subject, err := o.callerOf(t.Context(), token); err != nil || subject != "alice" {
		t.Errorf("who stays is %q, %v", subject, err)
	}
}

func TestOIDC_acceptsTheConfiguredAlgorithmsAlone(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p, func(c *OIDCConfig) { c.Algorithms = []string{"ES256"} })
	k := testKeys()
	if _, err := o.caller(t.Context(), sign(t, jwt.SigningMethodES256, k.ec, "ec", p.claims())); err != nil {
		t.Error(err)
	}
	if _, err := o.caller(t.Context(), sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims())); err == nil {
		t.Error("RS256 is taken")
	}
}

func TestNewOIDC_rejectsUnsafeSettings(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*OIDCConfig)
		want   string
	}{
		"no issuer":  {change: func(c *OIDCConfig) { c.Issuer = "" }, want: "the issuer must be a URL"},
		"plain http": {change: func(c *OIDCConfig) { c.Issuer = "http://login.example" }, want: "must use https"},
		"a host like ours": {
			change: func(c *OIDCConfig) { c.Issuer = "http://localhost.evil.example" }, want: "must use https",
		},
		"a password": {
			change: func(c *OIDCConfig) { c.Issuer = "https://user:hunter2@login.example" }, want: "must have neither",
		},
		"a query": {
			change: func(c *OIDCConfig) { c.Issuer = "https://login.example?a=b" }, want: "must have neither",
		},
		"no audience":       {change: func(c *OIDCConfig) { c.Audiences = nil }, want: "an audience is needed"},
		"an empty audience": {change: func(c *OIDCConfig) { c.Audiences = []string{"a", ""} }, want: "an audience is needed"},
		"HS256": {
			change: func(c *OIDCConfig) { c.Algorithms = []string{"RS256", "HS256"} }, want: `"HS256" is no algorithm`,
		},
		"none":          {change: func(c *OIDCConfig) { c.Algorithms = []string{"none"} }, want: `"none" is no algorithm`},
		"too much skew": {change: func(c *OIDCConfig) { c.ClockSkew = time.Hour }, want: "the clock skew must be"},
	} {
		c := OIDCConfig{Issuer: "https://login.example", Audiences: []string{"a"}}
		tt.change(&c)
		if _, err := NewOIDC(c); err == nil || !strings.Contains(err.Error(), tt.want) ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestOIDC_rejectsAnAlgorithmWithAnotherCurve signs with an algorithm that RFC 7518, section 3.4,
// couples to another curve than that of the key.
func TestOIDC_rejectsAnAlgorithmWithAnotherCurve(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p)
	k := testKeys()
	claims, err := json.Marshal(p.claims())
	if err != nil {
		t.Fatal(err)
	}
	text := unsigned(`{"alg":"ES384","kid":"ec"}`, string(claims))
	digest := sha512.Sum384([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.ec, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 96)
	r.FillBytes(signature[:48])
	s.FillBytes(signature[48:])
	if c, err := o.caller(t.Context(), text+"."+base64.RawURLEncoding.EncodeToString(signature)); err == nil {
		t.Errorf("%v is let in", c)
	}
}
