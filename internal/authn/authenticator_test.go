package authn

import (
	"bufio"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/authz"
)

// wire returns a request as the server reads it from the network, with unchanged header lines.
func wire(t *testing.T, lines ...string) *http.Request {
	t.Helper()
	text := "POST /graphql HTTP/1.1\r\nHost: localhost:8080\r\n" + strings.Join(append(lines, "", ""), "\r\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "10.1.2.3:4567"
	return r.WithContext(t.Context())
}

func TestAuthenticator_authenticatesByEachMethod(t *testing.T) {
	p := newTestProvider(t)
	k := testKeys()
	alice := "Authorization: Bearer " + sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims())
	old := "Authorization: Bearer " + sign(t, jwt.SigningMethodRS256, k.rsa, "rsa", p.claims("exp", 1))
	tokens := newTestTokens(t, "tokens", "dashboard")
	routers := &Routers{
		Secrets: newTestTokens(t, "routers", "supergraph"),
		From:    []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")},
	}
	oidc := newTestOIDC(t, p)
	everything := Config{Tokens: tokens, OIDC: oidc, Routers: routers, None: true}
	strict := Config{Tokens: tokens, OIDC: oidc, Routers: routers}
	routerOnly := Config{Routers: routers}

	dashboard := "Authorization: Bearer " + secretOf("dashboard")
	proof := RouterSecretHeader + ": " + secretOf("supergraph")
	bob := CallerHeader + `: {"sub":"bob","iss":"https://login.example","scope":"jobs:read","groups":["ops"]}`
	tests := map[string]struct {
		config Config
		lines  []string
		remote string
		want   string // the name of the caller; "" where the request is rejected
		says   string // the message of the error
	}{
		"a static token":         {config: strict, lines: []string{dashboard}, want: "token:dashboard"},
		"a provider's token":     {config: strict, lines: []string{alice}, want: "oidc:alice"},
		"nothing":                {config: strict, says: "wants to know who calls"},
		"nothing, and none asks": {config: everything, want: "anonymous"},
		"scheme in other case": {
			config: strict, lines: []string{strings.Replace(dashboard, "Bearer", "bEARER", 1)}, want: "token:dashboard",
		},
		"several spaces": {
			config: strict, lines: []string{strings.Replace(dashboard, "Bearer ", "Bearer   ", 1)}, want: "token:dashboard",
		},
		"header in other case": {
			config: strict, lines: []string{strings.Replace(dashboard, "Authorization", "aUTHORIZATION", 1)},
			want: "token:dashboard",
		},

		"a folded line": {
			config: strict, lines: []string{"Authorization: Bearer", " " + secretOf("dashboard")}, want: "token:dashboard",
		},
		"a folded line of another": {
			config: strict, lines: []string{"X-Other: a", " " + dashboard}, says: "wants to know who calls",
		},
		"a caller folded into a token": {
			config: strict, lines: []string{dashboard, " " + CallerHeader + `: {"sub":"admin"}`},
			says: "characters that no token has",
		},

		"an expired token": {config: everything, lines: []string{old}, says: "the token has expired"},
		"an unknown token": {
			config: everything, lines: []string{"Authorization: Bearer " + secretOf("nobody")}, says: "not valid here",
		},
		"two tokens":           {config: everything, lines: []string{dashboard, alice}, says: "more than once"},
		"the same token twice": {config: everything, lines: []string{dashboard, dashboard}, says: "more than once"},
		"two tokens in one line": {
			config: everything, lines: []string{dashboard + ", Bearer " + secretOf("dashboard")},
			says: "characters that no token has",
		},
		"another scheme": {
			config: everything, lines: []string{"Authorization: Basic YTpi"}, says: "must be: Bearer",
		},
		"no scheme": {
			config: everything, lines: []string{"Authorization: " + secretOf("dashboard")}, says: "must be: Bearer",
		},
		"an empty header": {config: everything, lines: []string{"Authorization:"}, says: "must be: Bearer"},
		"a scheme alone": {
			config: everything, lines: []string{"Authorization: Bearer"}, says: "characters that no token has",
		},
		"a space and a tab": {
			config: everything, lines: []string{"Authorization: Bearer \t" + secretOf("dashboard")},
			says: "characters that no token has",
		},
		"a space in the token": {
			config: everything, lines: []string{"Authorization: Bearer  a " + secretOf("dashboard")},
			says: "characters that no token has",
		},
		"a tab": {
			config: everything, lines: []string{"Authorization: Bearer\t" + secretOf("dashboard")}, says: "must be: Bearer",
		},
		"a token in quotes": {
			config: everything, lines: []string{`Authorization: Bearer "` + secretOf("dashboard") + `"`},
			says: "characters that no token has",
		},
		// a Cyrillic е
		"letters that look alike": {
			config: everything, lines: []string{"Authorization: Bеarer " + secretOf("dashboard")}, says: "must be: Bearer",
		},
		"a token with a zero width": {
			config: everything, lines: []string{dashboard + "\u200b"}, says: "characters that no token has",
		},
		"a huge token": {
			config: everything, lines: []string{"Authorization: Bearer " + strings.Repeat("a", maxTokenBytes+1)},
			says: "too long",
		},
		"a huge token with dots": {
			config: everything, lines: []string{"Authorization: Bearer " + strings.Repeat("a.", maxTokenBytes/2)},
			says: "not valid here",
		},
		"a header with underscores": {
			config: strict, lines: []string{strings.Replace(dashboard, "Authorization", "Authoriz_ation", 1)},
			says: "wants to know who calls",
		},
		"a token in another header": {
			config: strict, lines: []string{"X-Authorization: Bearer " + secretOf("dashboard")}, says: "wants to know who calls",
		},
		"a proxy's credential": {
			config: strict, lines: []string{"Proxy-Authorization: Bearer " + secretOf("dashboard")},
			says: "wants to know who calls",
		},
		"a router's secret as token": {
			config: everything, lines: []string{"Authorization: Bearer " + secretOf("supergraph")}, says: "not valid here",
		},
		"a token as router's secret": {
			config: everything, lines: []string{RouterSecretHeader + ": " + secretOf("dashboard")},
			says: "only the supergraph's router",
		},

		"a router alone":               {config: strict, lines: []string{proof}, want: "router:supergraph"},
		"a router that says who calls": {config: strict, lines: []string{proof, bob}, want: "router:supergraph/bob"},
		"a router with a user's token": {config: strict, lines: []string{proof, alice}, want: "oidc:alice"},
		"a router that says it twice":  {config: strict, lines: []string{proof, bob, alice}, says: "one of them must go"},
		"a router where tokens mean less": {
			config: routerOnly, lines: []string{proof, bob, alice}, want: "router:supergraph/bob",
		},
		"a router with a bad token": {config: strict, lines: []string{proof, old}, says: "the token has expired"},
		"a router over IPv6": {
			config: strict, lines: []string{proof, bob}, remote: "[fd00::1]:80", want: "router:supergraph/bob",
		},
		"a router on the same link": {
			config: Config{
				Routers: &Routers{Secrets: routers.Secrets, From: []netip.Prefix{netip.MustParsePrefix("fe80::/10")}},
			}, lines: []string{proof, bob}, remote: "[fe80::1%eth0]:80", want: "router:supergraph/bob",
		},
		"a router, IPv4 in IPv6": {
			config: strict, lines: []string{proof, bob}, remote: "[::ffff:10.1.2.3]:80", want: "router:supergraph/bob",
		},

		"who calls, without a proof": {config: everything, lines: []string{bob}, says: "only the supergraph's router"},
		"the same beside a token": {
			config: everything, lines: []string{dashboard, bob}, says: "only the supergraph's router",
		},
		"the same to a router's port": {config: routerOnly, lines: []string{bob}, says: "only the supergraph's router"},
		"a wrong proof": {
			config: everything, lines: []string{RouterSecretHeader + ": " + secretOf("supergrapH"), bob},
			says: "only the supergraph's router",
		},
		"a proof of nothing": {
			config: everything, lines: []string{RouterSecretHeader + ":", bob}, says: "only the supergraph's router",
		},
		"a replay from the outside": {
			config: everything, lines: []string{proof, bob}, remote: "192.0.2.1:443", says: "only the supergraph's router",
		},
		"a replay with a forged way": {
			config: everything, lines: []string{
				proof, bob, "X-Forwarded-For: 10.1.2.3", "X-Real-Ip: 10.1.2.3", "Forwarded: for=10.1.2.3",
			}, remote: "192.0.2.1:443", says: "only the supergraph's router",
		},
		"a proof twice": {
			config: everything, lines: []string{proof, proof, bob}, says: "only the supergraph's router",
		},
		"a right and a wrong proof": {
			config: everything, lines: []string{proof, RouterSecretHeader + ": x", bob}, says: "only the supergraph's router",
		},
		"a proof with underscores": {
			config: strict, lines: []string{"X_Gateway_Router_Secret: " + secretOf("supergraph")},
			says: "wants to know who calls",
		},
		"two callers": {config: everything, lines: []string{proof, bob, bob}, says: "says more than once"},
		"a caller that is a name": {
			config: everything, lines: []string{proof, CallerHeader + ": bob"}, says: "JSON object of claims",
		},
		"a caller of nothing": {
			config: everything, lines: []string{proof, CallerHeader + ":"}, says: "JSON object of claims",
		},
		"a caller without sub": {
			config: everything, lines: []string{proof, CallerHeader + `: {"name":"bob"}`}, says: "JSON object of claims",
		},
		"a caller with two subs": {
			config: everything, lines: []string{proof, CallerHeader + `: {"sub":"bob","sub":"admin"}`},
			says: "JSON object of claims",
		},
		"a caller and more": {
			config: everything, lines: []string{proof, bob + "{}"}, says: "JSON object of claims",
		},
		"a caller in another encoding": {
			config: everything, lines: []string{proof, CallerHeader + ": {\"sub\":\"b\xf6b\"}"}, says: "not UTF-8",
		},
		"a caller without an end": {
			config: everything, lines: []string{
				proof, CallerHeader + `: {"sub":"bob","x":"` + strings.Repeat("x", maxCallerBytes) + `"}`,
			}, says: "too long",
		},
		"who calls where no router is": {config: Config{None: true}, lines: []string{bob}, want: "anonymous"},
		"a token where none is taken":  {config: Config{None: true}, lines: []string{alice}, want: "anonymous"},
		"a secret where none is taken": {
			config: Config{Routers: &Routers{TLSNames: []string{"a"}}}, lines: []string{proof},
			says: "only the supergraph's router",
		},
		"nothing to a router's port": {config: routerOnly, says: "answers the supergraph's router"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, err := New(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			r := wire(t, tt.lines...)
			if tt.remote != "" {
				r.RemoteAddr = tt.remote
			}
			c, err := a.Authenticate(r)
			if tt.want != "" {
				if err != nil || c.Name() != tt.want {
					t.Fatalf("got %v, %v", c, err)
				}
				// The router decides what is cached of the response, and whether X-Forwarded-For is used.
				if isRouter := slices.Contains(tt.lines, proof); isRouter != (c.Router == "supergraph") ||
					!isRouter && c.Router != "" {
					t.Errorf("it came by the router %q", c.Router)
				}
				return
			}
			var e *authz.Error
			if c != nil || !errors.As(err, &e) || e.Kind != authz.Unauthenticated ||
				!strings.HasPrefix(e.Challenge, `Bearer realm="`) || !strings.Contains(e.Message, tt.says) {
				t.Fatalf("got %v, %v", c, err)
			}
			for _, secret := range []string{
				secretOf("dashboard"), secretOf("supergraph"), secretOf("nobody"), strings.Repeat("a", 100),
			} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %q: %v", secret, err)
				}
			}
		})
	}
}

func TestAuthenticator_readsClaimsOfARouterAsThoseOfAToken(t *testing.T) {
	a, err := New(Config{Routers: &Routers{Secrets: newTestTokens(t, "routers", "supergraph")}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Authenticate(wire(t, RouterSecretHeader+": "+secretOf("supergraph"),
		CallerHeader+`: {"sub":"bob","iss":"i","scope":"a b","groups":["ops"]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &authz.Caller{
		Method: authz.Router, Router: "supergraph", Subject: "bob", Issuer: "i", Scopes: []string{"a", "b"},
		Claims: map[string]any{"sub": "bob", "iss": "i", "scope": "a b", "groups": []any{"ops"}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestAuthenticator_passthroughIdentifiesCallersByTheHashOfTheirToken(t *testing.T) {
	a, err := New(Config{Passthrough: true})
	if err != nil {
		t.Fatal(err)
	}
	one, err := a.Authenticate(wire(t, "Authorization: Bearer one-token"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.Authenticate(wire(t, "Authorization: Bearer two-token"))
	if err != nil {
		t.Fatal(err)
	}
	if one.Method != authz.Passthrough || one.Key() == two.Key() || string(one.Atlas) != "one-token" ||
		strings.Contains(one.Name(), "one-token") {
		t.Errorf("got %v and %v", one, two)
	}
	for _, lines := range [][]string{nil, {"Authorization: Basic YTpi"}, {"Authorization: Bearer a b"}} {
		if c, err := a.Authenticate(wire(t, lines...)); err == nil {
			t.Errorf("%v is %v", lines, c)
		}
	}
}

func TestAuthenticator_rejectsOtherHostsThanLoopbackWithoutAuthentication(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:8080": true, "localhost.": true, "127.0.0.1:8080": true,
		"127.9.9.9": true, "[::1]:8080": true, "[::1]": true,
		"": false, "evil.example": false, "evil.example:8080": false, "localhost.evil.example": false,
		"127.0.0.1.evil.example": false, "10.0.0.1:8080": false, "0.0.0.0:8080": false,
	} {
		for _, anyHost := range []bool{false, true} {
			a, err := New(Config{None: true, AnyHost: anyHost})
			if err != nil {
				t.Fatal(err)
			}
			r := request(t)
			r.Host = host
			_, err = a.Authenticate(r)
			var e *authz.Error
			if (err == nil) != (want || anyHost) || err != nil && (!errors.As(err, &e) || e.Kind != authz.Forbidden) {
				t.Errorf("%q: %v", host, err)
			}
		}
	}
}

func TestNew_rejectsMethodsThatContradictEachOther(t *testing.T) {
	tokens := newTestTokens(t, "tokens", "a")
	for name, c := range map[string]Config{
		"nobody": {}, "passthrough and tokens": {Passthrough: true, Tokens: tokens},
		"passthrough and none":       {Passthrough: true, None: true},
		"passthrough and routers":    {Passthrough: true, Routers: &Routers{Secrets: tokens}},
		"passthrough and a provider": {Passthrough: true, OIDC: &OIDC{}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAuthenticator_namesItsMethods(t *testing.T) {
	p := newTestProvider(t)
	a, err := New(Config{
		OIDC: newTestOIDC(t, p), Tokens: newTestTokens(t, "tokens", "b", "a"),
		Routers: &Routers{Secrets: newTestTokens(t, "routers", "s"), TLSNames: []string{"r"}}, None: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := authz.AuthMethods{
		Methods: []authz.Method{authz.OIDC, authz.Token, authz.Router, authz.None},
		Tokens:  []string{"a", "b"}, Routers: []string{"r", "s"}, Issuer: p.URL,
	}
	if diff := cmp.Diff(want, a.Methods()); diff != "" {
		t.Error(diff)
	}
}
