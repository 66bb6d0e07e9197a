package authz

import (
	"fmt"
	"strings"
	"testing"
)

// ruleWith returns a policy with one rule: its subject is in line 2, its projects in line 3, its permissions in line 4.
func ruleWith(subject, projects, permissions string) string {
	return fmt.Sprintf("rules:\n- subject: %s\n  projects: %s\n  permissions: %s\n", subject, projects, permissions)
}

func TestParsePolicy_rejectsABrokenPolicyWithTheLineOfTheMistake(t *testing.T) {
	const all, read = "all", "[jobs:read]"
	one := "[" + shop + "]"
	tests := map[string]struct {
		content string
		want    string // after "policy.yaml:"
		methods func(*AuthMethods)
	}{
		"an unknown key": {
			content: "rules:\n- subject: {token: backup}\n  project: all\n", want: `3:3: unknown key "project"`,
		},
		"an unknown key at the top": {content: "rule: []\n", want: `1:1: unknown key "rule"`},
		"no rules":                  {content: "rules: []\n", want: "1:8: rules must not be empty"},
		"rules that are none":       {content: "rules: all\n", want: "1:8: rules must be a list"},
		"another way to forbid":     {content: "forbidden: sometimes\n" + ruleWith("{token: backup}", all, read), want: "1:12: forbidden must be hide"},
		"no subject": {
			content: "rules:\n- projects: all\n  permissions: [jobs:read]\n", want: `2:3: a rule needs the key "subject"`,
		},
		"no projects": {
			content: "rules:\n- subject: {token: backup}\n  permissions: [jobs:read]\n",
			want:    `2:3: a rule needs the key "projects"`,
		},
		"no permissions": {
			content: "rules:\n- subject: {token: backup}\n  projects: all\n", want: `2:3: a rule needs the key "permissions"`,
		},
		"a subject that is a name":   {content: ruleWith("backup", all, read), want: "2:12: a subject must have keys"},
		"an empty subject":           {content: ruleWith("{}", all, read), want: "2:12: a subject must not be empty"},
		"an unknown sort of subject": {content: ruleWith("{user: a}", all, read), want: `2:13: unknown key "user"`},
		"an unknown method":          {content: ruleWith("{method: saml}", all, read), want: `2:21: unknown method "saml"`},
		"a method twice": {
			content: ruleWith("{method: [oidc, oidc]}", all, read), want: "2:28: the method oidc stands here already",
		},
		"projects in words": {
			content: ruleWith("{token: backup}", "every", read), want: "3:13: projects must be all",
		},
		"no project": {
			content: ruleWith("{token: backup}", "[]", read), want: "3:13: projects must not be empty",
		},
		"a project that is none": {
			content: ruleWith("{token: backup}", "[storefront]", read), want: "3:14: a project is 24 digits",
		},
		"a project in capitals": {
			content: ruleWith("{token: backup}", "["+strings.ToUpper(shop)+"]", read), want: "3:14: a project is 24 digits",
		},
		"a project twice": {
			content: ruleWith("{token: backup}", "["+shop+", "+shop+"]", read), want: "3:40: the project " + shop + " stands",
		},
		"an unknown permission": {
			content: ruleWith("{token: backup}", all, "[jobs:write]"),
			want:    `4:17: unknown permission "jobs:write": there are downloads:create, downloads:read, jobs:read, people:read, restores:cancel, restores:create, snapshots:create`,
		},
		"a permission twice": {
			content: ruleWith("{token: backup}", all, "[jobs:read, jobs:read]"), want: "4:28: the permission jobs:read stands",
		},
		"no permission": {
			content: ruleWith("{token: backup}", all, "[]"), want: "4:16: permissions must not be empty",
		},
		"a scope of two": {
			content: ruleWith("{scopes: ['a b']}", all, read), want: `2:22: the scope "a b" can never`,
		},
		"a scope twice": {
			content: ruleWith("{scopes: [a, a]}", all, read), want: "2:25: the scope a stands here already",
		},
		"a claim without a value": {
			content: ruleWith("{claims: {groups: }}", all, read), want: "2:30: groups must have a value",
		},
		"a claim of no values": {
			content: ruleWith("{claims: {groups: []}}", all, read), want: "2:30: groups must not be empty",
		},
		"a value twice": {
			content: ruleWith("{claims: {groups: [a, a]}}", all, read), want: `2:34: the value "a" stands here already`,
		},
		"a name of two lines": {
			content: strings.Replace(ruleWith("{token: backup}", all, read), "- ", "- name: \"a\\nb\"\n  ", 1),
			want:    "2:9: name must not contain",
		},
		"a policy without a rule list": {content: "forbidden: show\n", want: `1:1: a policy needs the key "rules"`},

		// Rules that can never match.
		"an unknown token": {
			content: ruleWith("{token: nosuch}", all, read),
			want:    `2:20: there is no token named "nosuch": this rule can never match`,
		},
		"an unknown router": {
			content: ruleWith("{router: nosuch}", all, read), want: `2:21: there is no router named "nosuch"`,
		},
		"a method that is off": {
			content: ruleWith("{method: passthrough}", all, read),
			want:    "2:21: no caller uses the method passthrough (--auth is oidc, token, router, none)",
		},
		"one of the methods is off": {
			content: ruleWith("{method: [oidc, passthrough]}", all, read), want: "2:28: no caller uses the method passthrough",
		},
		"a token where none are taken": {
			content: ruleWith("{token: backup}", all, read), want: "2:20: no caller can have a token",
			methods: func(w *AuthMethods) { w.Methods = []Method{OIDC} },
		},
		"claims where no caller can have any": {
			content: ruleWith("{claims: {a: b}}", all, read), want: "2:21: no caller can have claims",
			methods: func(w *AuthMethods) { w.Methods = []Method{Token, None} },
		},
		"scopes where no caller can have any": {
			content: ruleWith("{scopes: [a]}", all, read), want: "2:21: no caller can have scopes",
			methods: func(w *AuthMethods) { w.Methods = []Method{Token} },
		},
		"a token and claims": {
			content: ruleWith("{token: backup, claims: {a: b}}", all, read), want: "2:36: no caller can have claims as well",
		},
		"a token and a router": {
			content: ruleWith("{token: backup, router: supergraph}", all, read),
			want:    "2:36: no caller can have a router as well",
		},
		"a token of another method": {
			content: ruleWith("{token: backup, method: oidc}", all, read), want: "2:20: no caller can have a token as well",
		},
		"no authentication and a subject": {
			content: ruleWith("{method: none, subject: a}", all, read), want: "2:36: no caller can have a subject as well",
		},
		"another issuer": {
			content: ruleWith("{claims: {iss: 'https://evil.example'}, method: oidc}", all, read),
			want:    `2:27: the claim iss of these callers is "https://login.example": this can never match`,
		},
		"two subjects": {
			content: ruleWith("{subject: alice, claims: {sub: bob}}", all, read),
			want:    `2:43: the claim sub of these callers is "alice": this can never match`,
		},
		"a download without its job": {
			content: ruleWith("{token: backup}", all, "[downloads:read]"), want: "4:16: a permission without jobs:read can never be used",
		},
		"a project that nobody reads": {
			content: ruleWith("{token: backup}", one, read), want: "3:14: no Atlas credential reads the project " + shop,
			methods: func(w *AuthMethods) { w.Projects = []string{support} },
		},
		"a rule twice": {
			content: ruleWith("{token: backup}", one, read) + ruleWith("{token: backup}", one, read)[7:],
			want:    "5:3: this rule adds nothing to the one in line 2",
		},
		"a rule that another one covers": {
			content: ruleWith("{scopes: [a, b]}", all, "[jobs:read, downloads:read]") +
				ruleWith("{scopes: [b, a]}", one, read)[7:], want: "5:3: this rule adds nothing",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			methods := everyMethod()
			if tt.methods != nil {
				tt.methods(&methods)
			}
			p, err := ParsePolicy("policy.yaml", []byte(tt.content), methods)
			if err == nil || p != nil || !strings.HasPrefix(err.Error(), "policy.yaml:"+tt.want) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestParsePolicy_acceptsRulesThatDiffer(t *testing.T) {
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
			if _, err := ParsePolicy("policy.yaml", []byte(ruleWith("{token: backup}", one, "[jobs:read]")+second[7:]),
				everyMethod()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParsePolicy_boundsTheNumberOfRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range maxRules + 1 {
		fmt.Fprintf(&b, "- {subject: {subject: s%d}, projects: all, permissions: [jobs:read]}\n", i)
	}
	_, err := ParsePolicy("policy.yaml", []byte(b.String()), everyMethod())
	if err == nil || !strings.Contains(err.Error(), "policy.yaml:1002:3: a policy has at most 1000 rules") {
		t.Errorf("got %v", err)
	}
}

// FuzzParsePolicy checks that no file causes a panic or gives permissions to a caller that it does not name, and that
// an error is one line with the name of the file.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(ruleWith("{token: backup}", "all", "[jobs:read]")))
	f.Add([]byte(ruleWith("{claims: {groups: [a, b], realm_access.roles: c}, scopes: [d], method: [oidc, router]}",
		"["+shop+"]", "[jobs:read, downloads:read]")))
	f.Add([]byte("forbidden: show\nrules:\n- name: a\n  subject: {subject: b}\n  projects: all\n  permissions: " +
		"[jobs:read]\n"))
	f.Add([]byte("rules: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := ParsePolicy("policy.yaml", content, everyMethod())
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
			// A rule can match all callers of a method.
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
