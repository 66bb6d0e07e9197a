package authz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestCaller_showsNoSecretInAnyFormat(t *testing.T) {
	const secret = "atlas-token-of-the-test"
	c := &Caller{Method: Passthrough, Subject: "ab12", Atlas: secret, Claims: map[string]any{"claim": secret}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", slog.Any("caller", c), slog.Any("token", c.Atlas))
	marshalled, err := json.Marshal(c.Atlas)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c),
		fmt.Sprintf("%v %s %#v %q", c.Atlas, c.Atlas, c.Atlas, c.Atlas),
		fmt.Sprint([]any{c}), fmt.Sprintf("%+v", struct{ C *Caller }{c}), log.String(), string(marshalled),
	} {
		if strings.Contains(shown, secret) {
			t.Errorf("it shows the secret: %s", shown)
		}
	}
}

func TestCaller_nameIsBoundedAndOneLine(t *testing.T) {
	for name, c := range map[string]*Caller{
		"token:dashboard":          {Method: Token, Token: "dashboard"},
		"oidc:alice":               {Method: OIDC, Subject: "alice"},
		"router:supergraph":        {Method: Router, Router: "supergraph"},
		"router:supergraph/al?ice": {Method: Router, Router: "supergraph", Subject: "al\nice"},
		"anonymous":                Anonymous(),
		"passthrough:ab12":         {Method: Passthrough, Subject: "ab12"},
		"oidc:??[31m":              {Method: OIDC, Subject: "\xff\x1b[31m"},
		"oidc:" + strings.Repeat("é", 128) + "…": {Method: OIDC, Subject: strings.Repeat("é", 500)},
	} {
		if got := c.Name(); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

func TestCaller_keysOfDifferentCallersDiffer(t *testing.T) {
	callers := []*Caller{
		Anonymous(), {Method: OIDC, Subject: "a"}, {Method: OIDC, Issuer: "a"}, {Method: Router, Router: "a"},
		{Method: Router, Subject: "a"},
		{Method: Router, Router: "a", Subject: "a"}, {Method: Token, Token: "a"}, {Method: Passthrough, Subject: "a"},
	}
	seen := map[string]bool{}
	for _, c := range callers {
		if seen[c.Key()] {
			t.Errorf("%s has the key of another", c)
		}
		seen[c.Key()] = true
	}
	// A token names the same caller with and without a router.
	direct, through := &Caller{Method: OIDC, Subject: "a"}, &Caller{Method: OIDC, Subject: "a", Router: "r"}
	if direct.Key() != through.Key() {
		t.Error("a token through a router is somebody else")
	}
}
