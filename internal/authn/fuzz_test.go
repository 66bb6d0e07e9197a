package authn

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/reload"
)

// FuzzToken checks that only the tokens of the test authenticate a caller, and that an error never repeats the token.
func FuzzToken(f *testing.F) {
	p := newTestProvider(f)
	k := testKeys()
	good := sign(f, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims("exp", 1<<40, "iat", 1, "sub", "fuzz"))
	o := newTestOIDC(f, p)
	known, hash := NewToken()
	tokens, err := parseTokens("t", "tokens", []byte("tokens: [{name: fuzz, sha256: "+hash+"}]"))
	if err != nil {
		f.Fatal(err)
	}
	set := &Tokens{reload.Static(tokens)}
	a := &Authenticator{Config{OIDC: o, Tokens: set, Routers: &Routers{Secrets: set}, None: true}}
	f.Add("Bearer "+good, "", "")
	f.Add("Bearer "+known, "", "")
	f.Add("", known, `{"sub":"fuzz"}`)
	f.Add("Bearer "+unsigned(`{"alg":"none","kid":"rsa"}`, `{"sub":"fuzz"}`, ""), "x", `{"sub":"a","sub":"b"}`)
	f.Fuzz(func(t *testing.T, authorization, secret, caller string) {
		r := &http.Request{Header: http.Header{}, Host: "evil.example", RemoteAddr: "192.0.2.1:1"}
		for name, value := range map[string]string{
			"Authorization": authorization, RouterSecretHeader: secret, CallerHeader: caller,
		} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		c, err := a.Authenticate(r.WithContext(t.Context()))
		if err == nil {
			token := strings.TrimLeft(authorization[min(len(authorization), len("Bearer ")):], " ")
			if token != good && token != known && secret != known {
				t.Fatalf("%v was let in", c)
			}
			return
		}
		var e *authz.Error
		if c != nil || !errors.As(err, &e) {
			t.Fatalf("got %v, %v", c, err)
		}
		for _, sent := range []string{authorization, secret, caller} {
			if len(sent) > 16 && strings.Contains(err.Error(), sent) {
				t.Fatalf("the error repeats what was sent: %v", err)
			}
		}
	})
}

// FuzzClaims checks that claims are accepted only when all JSON decoders decode them in the same way.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}`, `{"a":1,"a":2}`, `{"a":{"b":[{"c":1,"c":2}]}}`, `{"\u0061":1,"a":2}`, `{}x`, `[]`, `null`, `{"a":"}"}`,
		` {"a":[1,"a",{"a":null}]} `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		claims, err := decodeClaims(b)
		if err != nil {
			return
		}
		if !json.Valid(b) || claims == nil {
			t.Fatalf("%q is taken", b)
		}
		// As many names as keys: there are no duplicates.
		if names, keys := countNames(t, b), countKeys(claims); names != keys {
			t.Fatalf("%q has %d names and %d keys", b, names, keys)
		}
	})
}

// FuzzTokenFile checks that a file of tokens is accepted as a whole or not at all, and that an error is one line
// without a token.
func FuzzTokenFile(f *testing.F) {
	token, hash := NewToken()
	for _, seed := range []string{
		"tokens: [{name: a, sha256: " + hash + ", expires: 2035-01-31T00:00:00Z}]", "tokens: []",
		"tokens:\n- name: a\n  sha256: " + token,
		"tokens: [{" + token + ": a}]", "tokens: &a [*a]", "tokens: {name: " + token + "}", token + ": a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		entries, err := parseTokens("t", "tokens", content)
		if err != nil {
			if entries != nil || !strings.HasPrefix(err.Error(), "t:") || strings.ContainsAny(err.Error(), "\r\n") ||
				strings.Contains(err.Error(), token[len(tokenPrefix):]) {
				t.Fatalf("%v and %q", entries, err)
			}
			return
		}
		seen := map[[32]byte]bool{}
		for _, e := range entries {
			if !isName(e.name) || len(e.name) > maxName || seen[e.digest] {
				t.Fatalf("%q is taken", content)
			}
			seen[e.digest] = true
		}
	})
}

// countNames returns the number of colons that separate a name from a value.
func countNames(t *testing.T, b []byte) int {
	t.Helper()
	n, inText, escaped := 0, false, false
	for _, c := range b {
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case c == '"':
			inText = !inText
		case c == ':' && !inText:
			n++
		}
	}
	return n
}

func countKeys(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		n += len(v)
		for _, inner := range v {
			n += countKeys(inner)
		}
	case []any:
		for _, inner := range v {
			n += countKeys(inner)
		}
	}
	return n
}
