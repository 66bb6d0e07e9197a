package authz

import (
	"encoding/json"
	"strings"
	"testing"
)

const (
	shop    = "63f3484e1f3a9b27c6000001"
	support = "659d52df1f3a9b27c6000002"
)

// everyMethod returns the methods of a gateway that accepts all of them.
func everyMethod() AuthMethods {
	return AuthMethods{
		Methods: []Method{OIDC, Token, Router, None},
		Tokens:  []string{"dashboard", "backup"}, Routers: []string{"supergraph"},
		Issuer: "https://login.example",
	}
}

func policy(t *testing.T, content string) *Policy {
	t.Helper()
	p, err := ParsePolicy("policy.yaml", []byte(content), everyMethod())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// claimsOf decodes claims as those of a token.
func claimsOf(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var claims map[string]any
	if err := d.Decode(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestPolicy_matchesTheCallersOfASubject(t *testing.T) {
	alice := &Caller{
		Method: OIDC, Issuer: "https://login.example", Subject: "alice", Scopes: []string{"jobs:read", "profile"},
		Claims: claimsOf(t, `{"groups":["shop","ops"],"tenant":"eu","level":3,"verified":true,`+
			`"realm_access":{"roles":["reader"]},"a.b":"exact","deep":{"a":{"b":"x"}},"nothing":null}`),
	}
	dashboard := &Caller{Method: Token, Token: "dashboard"}
	bob := &Caller{Method: Router, Router: "supergraph", Subject: "bob", Claims: claimsOf(t, `{"groups":"ops"}`)}
	// The router forwarded the token and named no caller.
	carol := &Caller{Method: OIDC, Router: "supergraph", Subject: "carol"}
	tests := map[string]struct {
		subject string
		fits    []*Caller
	}{
		"a token":                     {subject: "token: dashboard", fits: []*Caller{dashboard}},
		"another token":               {subject: "token: backup"},
		"a router":                    {subject: "router: supergraph", fits: []*Caller{bob}},
		"a method":                    {subject: "method: oidc", fits: []*Caller{alice, carol}},
		"methods":                     {subject: "method: [oidc, token]", fits: []*Caller{alice, dashboard, carol}},
		"nobody asked":                {subject: "method: none", fits: []*Caller{Anonymous()}},
		"a subject":                   {subject: "subject: alice", fits: []*Caller{alice}},
		"a subject in capitals":       {subject: "subject: Alice"},
		"a scope":                     {subject: "scopes: [profile]", fits: []*Caller{alice}},
		"all scopes":                  {subject: `scopes: [profile, "jobs:read"]`, fits: []*Caller{alice}},
		"a scope too many":            {subject: "scopes: [profile, email]"},
		"part of a scope":             {subject: "scopes: [prof]"},
		"a claim in a list":           {subject: "claims: {groups: shop}", fits: []*Caller{alice}},
		"a claim that is the value":   {subject: "claims: {groups: ops}", fits: []*Caller{alice, bob}},
		"one of several values":       {subject: "claims: {groups: [nobody, shop]}", fits: []*Caller{alice}},
		"all of several claims":       {subject: "claims: {groups: ops, tenant: eu}", fits: []*Caller{alice}},
		"a claim and a method":        {subject: "claims: {groups: ops}\n    method: router", fits: []*Caller{bob}},
		"a claim with other value":    {subject: "claims: {groups: sho}"},
		"a claim in other case":       {subject: "claims: {Groups: shop}"},
		"a number":                    {subject: "claims: {level: 3}", fits: []*Caller{alice}},
		"a boolean":                   {subject: "claims: {verified: true}", fits: []*Caller{alice}},
		"no such boolean":             {subject: "claims: {verified: false}"},
		"null":                        {subject: `claims: {nothing: "null"}`},
		"an object":                   {subject: `claims: {realm_access: roles}`},
		"a path":                      {subject: "claims: {realm_access.roles: reader}", fits: []*Caller{alice}},
		"a long path":                 {subject: "claims: {deep.a.b: x}", fits: []*Caller{alice}},
		"a path to nowhere":           {subject: "claims: {deep.b: x}"},
		"a path through a text":       {subject: "claims: {tenant.eu: x}"},
		"a name with a dot":           {subject: "claims: {a.b: exact}", fits: []*Caller{alice}},
		"a claim that nobody has":     {subject: "claims: {nobody: x}"},
		"the issuer":                  {subject: `claims: {iss: "https://login.example"}`}, // the claims above hold none
		"a subject through a router":  {subject: "subject: bob\n    router: supergraph", fits: []*Caller{bob}},
		"a subject, another method":   {subject: "subject: bob\n    method: oidc"},
		"a subject of a named router": {subject: "subject: alice\n    router: supergraph"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := policy(t, "rules:\n- subject:\n    "+tt.subject+"\n  projects: all\n  permissions: [jobs:read]\n")
			for _, c := range []*Caller{alice, dashboard, bob, carol, Anonymous()} {
				want := false
				for _, fits := range tt.fits {
					want = want || fits.Key() == c.Key()
				}
				if got := p.For(c).Allows(shop, JobsRead); got != want {
					t.Errorf("%s: allowed is %t", c, got)
				}
			}
		})
	}
}

func TestPolicy_allowsTheUnionOfTheRulesThatMatch(t *testing.T) {
	p := policy(t, `
rules:
- subject: {token: dashboard}
  projects: [`+shop+`]
  permissions: [jobs:read]
- subject: {method: token}
  projects: [`+shop+`, `+support+`]
  permissions: [jobs:read, downloads:read]
- subject: {token: backup}
  projects: all
  permissions: [jobs:read]
`)
	const elsewhere = "000000000000000000000000"
	tests := []struct {
		caller  *Caller
		project string
		jobs    bool
		both    bool
	}{
		{caller: &Caller{Method: Token, Token: "dashboard"}, project: shop, jobs: true, both: true},
		{caller: &Caller{Method: Token, Token: "dashboard"}, project: support, jobs: true, both: true},
		{caller: &Caller{Method: Token, Token: "dashboard"}, project: elsewhere},
		{caller: &Caller{Method: Token, Token: "backup"}, project: elsewhere, jobs: true},
		{caller: &Caller{Method: Token, Token: "backup"}, project: shop, jobs: true, both: true},
		{caller: &Caller{Method: OIDC, Subject: "dashboard"}, project: shop},
		{caller: &Caller{Method: Router, Token: "dashboard"}, project: shop},
		{caller: Anonymous(), project: shop},
		{caller: &Caller{}, project: shop},
		{caller: &Caller{Method: Token, Token: "dashboard"}},
		{caller: &Caller{Method: Token, Token: "dashboard"}, project: strings.ToUpper(shop)},
	}
	for _, tt := range tests {
		g := p.For(tt.caller)
		if g.Allows(tt.project, JobsRead) != tt.jobs || g.Allows(tt.project, JobsRead|DownloadsRead) != tt.both {
			t.Errorf("%s in %q: jobs %t, both %t", tt.caller, tt.project, g.Allows(tt.project, JobsRead),
				g.Allows(tt.project, JobsRead|DownloadsRead))
		}
	}
}

func TestPolicy_zeroAllowsNothingAndAllowAllEverything(t *testing.T) {
	for _, c := range []*Caller{Anonymous(), {Method: OIDC, Subject: "a"}, {}} {
		if (&Policy{}).For(c).Allows(shop, JobsRead) || !(&Policy{}).For(c).Nothing() {
			t.Errorf("the zero policy allows %s something", c)
		}
		if !AllowAll().For(c).Allows(shop, JobsRead|DownloadsRead) {
			t.Errorf("the open policy forbids %s something", c)
		}
	}
	if (Grant{}).Allows(shop, JobsRead) {
		t.Error("no grant allows something")
	}
}
