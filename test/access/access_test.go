package access

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

const policy = `rules:
- name: services with the scope
  subject: {scopes: ["jobs:read"]}
  projects: [` + atlassim.SeedGroupID + `]
  permissions: [jobs:read]
- name: operators
  subject: {claims: {groups: operators}}
  projects: all
  permissions: [jobs:read, downloads:read]
- name: a person
  subject: {subject: id1, claims: {aud: ` + webClient + `}}
  projects: [` + atlassim.SeedGroupID + `]
  permissions: [jobs:read]
`

var services = map[string]service{
	"reader":   {scopes: []string{"jobs:read"}, audience: audience, lives: time.Hour},
	"operator": {groups: []string{"staff", "operators"}, audience: audience, lives: time.Hour},
	"visitor":  {scopes: []string{"profile"}, groups: []string{"staff"}, audience: audience, lives: time.Hour},
	"expired":  {scopes: []string{"jobs:read"}, audience: audience, lives: -time.Second},
	"foreign": {
		scopes: []string{"jobs:read"}, groups: []string{"operators"}, audience: "another-service", lives: time.Hour,
	},
}

func TestGateway_authorizesByTokensOfARealProvider(t *testing.T) {
	p := newProvider(t, services)
	g := start(t, p, policy)
	query := g.download(t)
	person, other := p.signIn(t, "test-user@127.0.0.1", "verysecure"), p.signIn(t, "test-user2", "verysecure")
	var tokens []string
	for _, tt := range []struct {
		who, token string
		status     int
		job        bool
		url        bool
		says       string
	}{
		{"a service with the scope", p.tokenOf(t, "reader"), http.StatusOK, true, false, ""},
		{"an operator", p.tokenOf(t, "operator"), http.StatusOK, true, true, ""},
		{"a service without a rule", p.tokenOf(t, "visitor"), http.StatusOK, false, false, ""},
		{"a person who signed in", person, http.StatusOK, true, false, ""},
		{"another person", other, http.StatusOK, false, false, ""},
		{"no token", "", http.StatusUnauthorized, false, false, "wants to know who calls"},
		{"an expired token", p.tokenOf(t, "expired"), http.StatusUnauthorized, false, false, "the token has expired"},
		{"a token for another service", p.tokenOf(t, "foreign"), http.StatusUnauthorized, false, false, "not valid here"},
		{
			"a token with another signature", p.tokenOf(t, "reader")[:600] + strings.Repeat("A", 86), http.StatusUnauthorized,
			false, false, "not valid here",
		},
		{
			"a token without one", strings.Join(strings.Split(p.tokenOf(t, "operator"), ".")[:2], ".") + ".",
			http.StatusUnauthorized, false, false, "not valid here",
		},
	} {
		if tt.token != "" {
			tokens = append(tokens, tt.token)
		}
		a := g.ask(t, tt.token, query)
		if a.status != tt.status || strings.Contains(a.raw, `"state":"READY"`) != tt.job ||
			strings.Contains(a.raw, "https://") != tt.url || !strings.Contains(a.raw, tt.says) {
			t.Errorf("%s: %d %s", tt.who, a.status, a.raw)
		}
		switch codes := a.codes(); {
		case tt.status != http.StatusOK:
			if a.Errors[0].Extensions["code"] != "UNAUTHENTICATED" || !strings.HasPrefix(a.challenge, "Bearer realm=") ||
				a.Data != nil {
				t.Errorf("%s: %q %s", tt.who, a.challenge, a.raw)
			}
		case tt.job && !tt.url:
			if codes["[job deliveryUrl]"] != "FORBIDDEN" {
				t.Errorf("%s: %s", tt.who, a.raw)
			}
		case !tt.job:
			if codes["[job]"] != "NOT_FOUND" {
				t.Errorf("%s: %s", tt.who, a.raw)
			}
		}
	}
	// The output of the program may not have come through the pipe yet.
	g.log.waitFor(regexp.MustCompile("caller=oidc:operator"))
	g.log.waitFor(regexp.MustCompile("caller=oidc:id1"))
	log := g.log.String()
	for _, token := range tokens {
		for _, part := range strings.Split(token, ".") {
			if len(part) > 8 && strings.Contains(log, part) {
				t.Error("the log holds a part of a token")
			}
		}
	}
}

func TestGateway_findsANewKeyOfTheProvider(t *testing.T) {
	p := newProvider(t, services)
	g := start(t, p, policy)
	query := g.download(t)
	if a := g.ask(t, p.tokenOf(t, "reader"), query); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	old := p.tokenOf(t, "reader")
	p.store.rotate(t)
	token := p.tokenOf(t, "reader")
	// Keys are fetched every ten seconds at most.
	deadline := time.After(30 * time.Second)
	tries := time.NewTicker(200 * time.Millisecond)
	defer tries.Stop()
	for {
		a := g.ask(t, token, query)
		if a.status == http.StatusOK {
			break
		}
		if a.status != http.StatusUnauthorized {
			t.Fatal(a.raw)
		}
		select {
		case <-tries.C:
		case <-deadline:
			t.Fatal("the new key is not found")
		}
	}
	if a := g.ask(t, old, query); a.status != http.StatusOK {
		t.Errorf("the old key is still published: %s", a.raw)
	}
}

func TestGateway_answers503WhileTheProviderIsAway(t *testing.T) {
	p := newProvider(t, services)
	token := p.tokenOf(t, "reader")
	p.Close()
	g := start(t, p, policy)
	a := g.ask(t, token, g.download(t))
	if a.status != http.StatusServiceUnavailable || a.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" ||
		a.Errors[0].Extensions["retryAfterSeconds"] != 10.0 {
		t.Errorf("got %d %s", a.status, a.raw)
	}
	// The line of the log may not have come through the pipe yet.
	g.log.waitFor(regexp.MustCompile("the keys of the OpenID provider cannot be read"))
}
