package authz

import (
	"fmt"
	"strings"
	"testing"
)

// ruleWith is a file with one rule, whose subject begins in line 2, whose projects stand in
// line 3 and its permissions in line 4.
func ruleWith(subject, projects, permissions string) string {
	return fmt.Sprintf("rules:\n- subject: %s\n  projects: %s\n  permissions: %s\n", subject, projects, permissions)
}

func TestABrokenPolicyIsRefusedWithTheLineOfTheMistake(t *testing.T) {
	const all, read = "all", "[jobs:read]"
	one := "[" + shop + "]"
	tests := map[string]struct {
		content string
		want    string // after "policy.yaml:"
		ways    func(*AuthMethods)
	}{
		"an unknown key":               {"rules:\n- subject: {token: backup}\n  project: all\n", `3: unknown key "project"`, nil},
		"an unknown key at the top":    {"rule: []\n", `1: unknown key "rule"`, nil},
		"no rules":                     {"rules: []\n", "1: rules must not be empty", nil},
		"rules that are none":          {"rules: all\n", "1: rules must be a list", nil},
		"another way to forbid":        {"forbidden: sometimes\nrules:\n- a\n", "1: forbidden must be hide", nil},
		"no subject":                   {"rules:\n- projects: all\n  permissions: [jobs:read]\n", `2: a rule needs the key "subject"`, nil},
		"no projects":                  {"rules:\n- subject: {token: backup}\n  permissions: [jobs:read]\n", `2: a rule needs the key "projects"`, nil},
		"no permissions":               {"rules:\n- subject: {token: backup}\n  projects: all\n", `2: a rule needs the key "permissions"`, nil},
		"a subject that is a name":     {ruleWith("backup", all, read), "2: a subject must have keys", nil},
		"an empty subject":             {ruleWith("{}", all, read), "2: a subject must not be empty", nil},
		"an unknown sort of subject":   {ruleWith("{user: a}", all, read), `2: unknown key "user"`, nil},
		"an unknown method":            {ruleWith("{method: saml}", all, read), `2: unknown method "saml"`, nil},
		"a method twice":               {ruleWith("{method: [oidc, oidc]}", all, read), "2: the method oidc stands here already", nil},
		"projects in words":            {ruleWith("{token: backup}", "every", read), "3: projects must be all", nil},
		"no project":                   {ruleWith("{token: backup}", "[]", read), "3: projects must not be empty", nil},
		"a project that is none":       {ruleWith("{token: backup}", "[storefront]", read), "3: a project is 24 digits", nil},
		"a project in capitals":        {ruleWith("{token: backup}", "["+strings.ToUpper(shop)+"]", read), "3: a project is 24 digits", nil},
		"a project twice":              {ruleWith("{token: backup}", "["+shop+", "+shop+"]", read), "3: the project " + shop + " stands", nil},
		"an unknown permission":        {ruleWith("{token: backup}", all, "[jobs:write]"), `4: unknown permission "jobs:write": there are downloads:read, jobs:read`, nil},
		"a permission twice":           {ruleWith("{token: backup}", all, "[jobs:read, jobs:read]"), "4: the permission jobs:read stands", nil},
		"no permission":                {ruleWith("{token: backup}", all, "[]"), "4: permissions must not be empty", nil},
		"a scope of two":               {ruleWith("{scopes: ['a b']}", all, read), `2: the scope "a b" can never`, nil},
		"a scope twice":                {ruleWith("{scopes: [a, a]}", all, read), "2: the scope a stands here already", nil},
		"a claim without a value":      {ruleWith("{claims: {groups: }}", all, read), "2: the value of a claim must be a text", nil},
		"a claim of no values":         {ruleWith("{claims: {groups: []}}", all, read), "2: the values of a claim must not be empty", nil},
		"a value twice":                {ruleWith("{claims: {groups: [a, a]}}", all, read), `2: the value "a" stands here already`, nil},
		"a name of two lines":          {"rules:\n- name: \"a\\nb\"\n  subject: {token: backup}\n", "2: name must not contain", nil},
		"a policy without a rule list": {"forbidden: show\n", `1: a policy needs the key "rules"`, nil},

		// What can never match.
		"an unknown token":               {ruleWith("{token: nosuch}", all, read), `2: there is no token named "nosuch": this rule can never match`, nil},
		"an unknown router":              {ruleWith("{router: nosuch}", all, read), `2: there is no router named "nosuch"`, nil},
		"a method that is off":           {ruleWith("{method: passthrough}", all, read), "2: nobody calls by the method passthrough (--auth is oidc, token, router, none)", nil},
		"one of the methods is off":      {ruleWith("{method: [oidc, passthrough]}", all, read), "2: nobody calls by the method passthrough", nil},
		"a token where none are taken":   {ruleWith("{token: backup}", all, read), "2: nobody who can call has a token", func(w *AuthMethods) { w.Methods = []Method{OIDC} }},
		"claims where nobody has any":    {ruleWith("{claims: {a: b}}", all, read), "2: nobody who can call has claims", func(w *AuthMethods) { w.Methods = []Method{Token, None} }},
		"scopes where nobody has any":    {ruleWith("{scopes: [a]}", all, read), "2: nobody who can call has scopes", func(w *AuthMethods) { w.Methods = []Method{Token} }},
		"a token and claims":             {ruleWith("{token: backup, claims: {a: b}}", all, read), "2: nobody who can call has claims as well", nil},
		"a token and a router":           {ruleWith("{token: backup, router: supergraph}", all, read), "2: nobody who can call has a router as well", nil},
		"a token of another method":      {ruleWith("{token: backup, method: oidc}", all, read), "2: nobody who can call has a token as well", nil},
		"nobody with a subject":          {ruleWith("{method: none, subject: a}", all, read), "2: nobody who can call has a subject as well", nil},
		"another issuer":                 {ruleWith("{claims: {iss: 'https://evil.example'}, method: oidc}", all, read), `2: the claim iss of these callers is "https://login.example": this can never match`, nil},
		"two subjects":                   {ruleWith("{subject: alice, claims: {sub: bob}}", all, read), `2: the claim sub of these callers is "alice": this can never match`, nil},
		"a download without its job":     {ruleWith("{token: backup}", all, "[downloads:read]"), "4: downloads:read alone can never be used", nil},
		"a project that nobody reads":    {ruleWith("{token: backup}", one, read), "3: no Atlas credential reads the project " + shop, func(w *AuthMethods) { w.Projects = []string{support} }},
		"a rule twice":                   {ruleWith("{token: backup}", one, read) + ruleWith("{token: backup}", one, read)[7:], "5: this rule adds nothing to the one in line 2", nil},
		"a rule that another one covers": {ruleWith("{scopes: [a, b]}", all, "[jobs:read, downloads:read]") + ruleWith("{scopes: [b, a]}", one, read)[7:], "5: this rule adds nothing", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ways := allWays()
			if tt.ways != nil {
				tt.ways(&ways)
			}
			p, err := ParsePolicy("policy.yaml", []byte(tt.content), ways)
			if err == nil || p != nil || !strings.HasPrefix(err.Error(), "policy.yaml:"+tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRulesThatSayDifferentThingsAreTaken(t *testing.T) {
	one := "[" + shop + "]"
	for name, second := range map[string]string{
		"another subject":   ruleWith("{token: dashboard}", one, "[jobs:read]"),
		"more permissions":  ruleWith("{token: backup}", one, "[jobs:read, downloads:read]"),
		"more projects":     ruleWith("{token: backup}", "all", "[jobs:read]"),
		"another project":   ruleWith("{token: backup}", "["+support+"]", "[jobs:read]"),
		"the router's iss":  ruleWith("{claims: {iss: 'https://other.example'}}", one, "[jobs:read]"),
		"the issuer itself": ruleWith("{claims: {iss: 'https://login.example'}, method: oidc}", one, "[jobs:read]"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParsePolicy("policy.yaml", []byte(ruleWith("{token: backup}", one, "[jobs:read]")+second[7:]), allWays()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAPolicyHasABound(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range maxRules + 1 {
		fmt.Fprintf(&b, "- {subject: {subject: s%d}, projects: all, permissions: [jobs:read]}\n", i)
	}
	_, err := ParsePolicy("policy.yaml", []byte(b.String()), allWays())
	if err == nil || !strings.Contains(err.Error(), "policy.yaml:1002: a policy has at most 1000 rules") {
		t.Errorf("got %v", err)
	}
}

// FuzzParsePolicy holds that no file, however mangled, panics or lets in somebody whom
// it does not name, and that a refusal is one line that names the file.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(ruleWith("{token: backup}", "all", "[jobs:read]")))
	f.Add([]byte(ruleWith("{claims: {groups: [a, b], realm_access.roles: c}, scopes: [d], method: [oidc, router]}", "["+shop+"]", "[jobs:read, downloads:read]")))
	f.Add([]byte("forbidden: show\nrules:\n- name: a\n  subject: {subject: b}\n  projects: all\n  permissions: [jobs:read]\n"))
	f.Add([]byte("rules: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := ParsePolicy("policy.yaml", content, allWays())
		if (p == nil) == (err == nil) {
			t.Fatalf("both or neither: %v, %v", p, err)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "policy.yaml:") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("the error is %q", err)
			}
			return
		}
		for _, stranger := range []*Caller{
			{Method: Passthrough, Subject: "\x00stranger"}, {Method: Token, Token: "\x00stranger"},
			{Method: Method("\x00stranger")},
		} {
			// A rule may be about a whole method; a stranger's is none that a policy can name.
			for _, r := range p.rules {
				if len(r.subject.methods) > 0 {
					return
				}
			}
			if p.For(stranger).Allows(shop, JobsRead) {
				t.Fatalf("%q lets in %#v", content, stranger)
			}
		}
	})
}
