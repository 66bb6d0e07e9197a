package authz

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/strictyaml"
)

// allMethods has the methods in the order in which errors name them.
var allMethods = []Method{OIDC, Token, Router, Passthrough, None}

// subjectFile is the subject of a rule in the file.
type subjectFile struct {
	Method  strictyaml.Texts                           `yaml:"method"`
	Token   strictyaml.Text                            `yaml:"token"`
	Router  strictyaml.Text                            `yaml:"router"`
	Subject strictyaml.Text                            `yaml:"subject"`
	Scopes  strictyaml.List[string]                    `yaml:"scopes"`
	Claims  strictyaml.At[map[string]strictyaml.Texts] `yaml:"claims"`
}

func (subjectFile) Noun() string { return "a subject" }

// readSubject reads the subject of a rule. A subject that no caller can match is an error.
func readSubject(f subjectFile, methods AuthMethods) (subject, error) {
	s := subject{token: f.Token.Value, router: f.Router.Value, subject: f.Subject.Value}
	var err error
	if s.methods, err = readMethods(f.Method, methods); err != nil {
		return s, err
	}
	// The methods of callers that can match the parts so far.
	possible := methods.Methods
	for _, part := range []struct {
		at    strictyaml.Text // its line alone
		what  string
		to    []Method
		check func() error
	}{
		{at: strictyaml.Text{Position: f.Method.Position}, what: "this method", to: s.methods},
		{at: f.Token, what: "a token as well as the rest of this subject", to: []Method{Token}, check: func() error {
			return checkName(f.Token, "token", methods.Tokens)
		}},
		{at: f.Router, what: "a router as well as the rest of this subject", to: []Method{Router}, check: func() error {
			return checkName(f.Router, "router", methods.Routers)
		}},
		{at: f.Subject, what: "a subject as well as the rest of this subject", to: []Method{OIDC, Router}},
		{
			at: strictyaml.Text{Position: f.Scopes.Position}, what: "scopes as well as the rest of this subject",
			to: []Method{OIDC, Router},
		},
		{
			at: strictyaml.Text{Position: f.Claims.Position}, what: "claims as well as the rest of this subject",
			to: []Method{OIDC, Router},
		},
	} {
		if part.at.Line == 0 {
			continue
		}
		possible = slices.DeleteFunc(slices.Clone(possible), func(m Method) bool { return !slices.Contains(part.to, m) })
		if len(possible) == 0 {
			return s, part.at.Errorf("no caller can have %s (--auth is %s): this rule can never match", part.what,
				joined(methods.Methods))
		}
		if part.check != nil {
			if err := part.check(); err != nil {
				return s, err
			}
		}
	}
	for _, scope := range f.Scopes.Value {
		if err := s.readScope(scope); err != nil {
			return s, err
		}
	}
	only := map[string]string{"sub": s.subject}
	if !slices.Contains(possible, Router) { // routers can have other issuers
		only["iss"] = methods.Issuer
	}
	if s.claims, err = readClaims(f.Claims.Value, only); err != nil {
		return s, err
	}
	s.identity = fmt.Sprintf("%q %q %q %q %q %q", sorted(s.methods), s.token, s.router, s.subject, sorted(s.scopes),
		s.claims)
	return s, nil
}

func checkName(name strictyaml.Text, what string, names []string) error {
	if !slices.Contains(names, name.Value) {
		return name.Errorf("there is no %s named %q: this rule can never match", what, name.Value)
	}
	return nil
}

func readMethods(list strictyaml.Texts, possible AuthMethods) ([]Method, error) {
	var methods []Method
	for _, item := range list.Value {
		m := Method(item.Value)
		switch {
		case !slices.Contains(allMethods, m):
			return nil, item.Errorf("unknown method %q: there are %s", m, joined(allMethods))
		case slices.Contains(methods, m):
			return nil, item.Errorf("the method %s stands here already", m)
		case !slices.Contains(possible.Methods, m):
			return nil, item.Errorf("no caller uses the method %s (--auth is %s): this can never match", m,
				joined(possible.Methods))
		}
		methods = append(methods, m)
	}
	return methods, nil
}

func (s *subject) readScope(scope strictyaml.Text) error {
	switch {
	case !isScope(scope.Value):
		return scope.Errorf("the scope %q can never be in a token: scopes are separated by spaces and hold none",
			scope.Value)
	case slices.Contains(s.scopes, scope.Value):
		return scope.Errorf("the scope %s stands here already", scope.Value)
	}
	s.scopes = append(s.scopes, scope.Value)
	return nil
}

// isScope reports whether the text is a scope-token of RFC 6749, section 3.3.
func isScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// readClaims reads the claims of a subject, sorted by name. Only has the claims that have the same value in every token.
func readClaims(claims map[string]strictyaml.Texts, only map[string]string) ([]claim, error) {
	all := make([]claim, 0, len(claims))
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		c := claim{name: name}
		for _, item := range claims[name].Value {
			switch text := item.Value; {
			case slices.Contains(c.values, text):
				return nil, item.Errorf("the value %q stands here already", text)
			case only[name] != "" && text != only[name]:
				return nil, item.Errorf("the claim %s of these callers is %q: this can never match", name, only[name])
			default:
				c.values = append(c.values, text)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

func joined(methods []Method) string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

func sorted[S ~string](in []S) []S {
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}
