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

// allWays is a gateway where callers can come in every way.
func allWays() AuthMethods {
	return AuthMethods{
		Methods: []Method{OIDC, Token, Router, None},
		Tokens:  []string{"dashboard", "backup"}, Routers: []string{"supergraph"},
		Issuer: "https://login.example",
	}
}

func policy(t *testing.T, content string) *Policy {
	t.Helper()
	p, err := ParsePolicy("policy.yaml", []byte(content), allWays())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// claimsOf reads claims as a token's are read.
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

func TestASubjectFitsWhomItNames(t *testing.T) {
	alice := &Caller{
		Method: OIDC, Issuer: "https://login.example", Subject: "alice", Scopes: []string{"jobs:read", "profile"},
		Claims: claimsOf(t, `{"groups":["shop","ops"],"tenant":"eu","level":3,"verified":true,"realm_access":{"roles":["reader"]},"a.b":"exact","deep":{"a":{"b":"x"}},"nothing":null}`),
	}
	dashboard := &Caller{Method: Token, Token: "dashboard"}
	bob := &Caller{Method: Router, Router: "supergraph", Subject: "bob", Claims: claimsOf(t, `{"groups":"ops"}`)}
	// The router brought her token along and said nothing of who she is.
	carol := &Caller{Method: OIDC, Router: "supergraph", Subject: "carol"}
	tests := map[string]struct {
		subject string
		fits    []*Caller
	}{
		"a token":                     {"token: dashboard", []*Caller{dashboard}},
		"another token":               {"token: backup", nil},
		"a router":                    {"router: supergraph", []*Caller{bob}},
		"a method":                    {"method: oidc", []*Caller{alice, carol}},
		"methods":                     {"method: [oidc, token]", []*Caller{alice, dashboard, carol}},
		"nobody asked":                {"method: none", []*Caller{Anonymous()}},
		"a subject":                   {"subject: alice", []*Caller{alice}},
		"a subject in capitals":       {"subject: Alice", nil},
		"a scope":                     {"scopes: [profile]", []*Caller{alice}},
		"all scopes":                  {`scopes: [profile, "jobs:read"]`, []*Caller{alice}},
		"a scope too many":            {"scopes: [profile, email]", nil},
		"part of a scope":             {"scopes: [prof]", nil},
		"a claim in a list":           {"claims: {groups: shop}", []*Caller{alice}},
		"a claim that is the value":   {"claims: {groups: ops}", []*Caller{alice, bob}},
		"one of several values":       {"claims: {groups: [nobody, shop]}", []*Caller{alice}},
		"all of several claims":       {"claims: {groups: ops, tenant: eu}", []*Caller{alice}},
		"a claim and a method":        {"claims: {groups: ops}\n    method: router", []*Caller{bob}},
		"a claim with other value":    {"claims: {groups: sho}", nil},
		"a claim in other case":       {"claims: {Groups: shop}", nil},
		"a number":                    {"claims: {level: 3}", []*Caller{alice}},
		"a boolean":                   {"claims: {verified: true}", []*Caller{alice}},
		"no such boolean":             {"claims: {verified: false}", nil},
		"null":                        {`claims: {nothing: "null"}`, nil},
		"an object":                   {`claims: {realm_access: roles}`, nil},
		"a path":                      {"claims: {realm_access.roles: reader}", []*Caller{alice}},
		"a long path":                 {"claims: {deep.a.b: x}", []*Caller{alice}},
		"a path to nowhere":           {"claims: {deep.b: x}", nil},
		"a path through a text":       {"claims: {tenant.eu: x}", nil},
		"a name with a dot":           {"claims: {a.b: exact}", []*Caller{alice}},
		"a claim that nobody has":     {"claims: {nobody: x}", nil},
		"the issuer":                  {`claims: {iss: "https://login.example"}`, nil}, // the claims above hold none
		"a subject through a router":  {"subject: bob\n    router: supergraph", []*Caller{bob}},
		"a subject, another method":   {"subject: bob\n    method: oidc", nil},
		"a subject of a named router": {"subject: alice\n    router: supergraph", nil},
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

func TestACallerMayWhatAnyRuleAllowsAndNothingElse(t *testing.T) {
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
		{&Caller{Method: Token, Token: "dashboard"}, shop, true, true},
		{&Caller{Method: Token, Token: "dashboard"}, support, true, true},
		{&Caller{Method: Token, Token: "dashboard"}, elsewhere, false, false},
		{&Caller{Method: Token, Token: "backup"}, elsewhere, true, false},
		{&Caller{Method: Token, Token: "backup"}, shop, true, true},
		{&Caller{Method: OIDC, Subject: "dashboard"}, shop, false, false},
		{&Caller{Method: Router, Token: "dashboard"}, shop, false, false},
		{Anonymous(), shop, false, false},
		{&Caller{}, shop, false, false},
		{&Caller{Method: Token, Token: "dashboard"}, "", false, false},
		{&Caller{Method: Token, Token: "dashboard"}, strings.ToUpper(shop), false, false},
	}
	for _, tt := range tests {
		g := p.For(tt.caller)
		if g.Allows(tt.project, JobsRead) != tt.jobs || g.Allows(tt.project, JobsRead|DownloadsRead) != tt.both {
			t.Errorf("%s in %q: jobs %t, both %t", tt.caller, tt.project, g.Allows(tt.project, JobsRead), g.Allows(tt.project, JobsRead|DownloadsRead))
		}
	}
}

func TestTheZeroPolicyAllowsNothingAndTheOpenOneEverything(t *testing.T) {
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
