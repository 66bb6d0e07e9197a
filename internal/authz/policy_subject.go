package authz

import (
	"fmt"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/strictyaml"
)

// allMethods has the methods in the order in which errors name them.
var allMethods = []Method{OIDC, Token, Router, Passthrough, None}

// readSubject reads the subject of a rule. A subject that no caller can match is an error.
func readSubject(v strictyaml.Value, methods AuthMethods) (subject, error) {
	var s subject
	// The methods of callers that can match what was read so far.
	possible := methods.Methods
	narrow := func(v strictyaml.Value, what string, to ...Method) error {
		possible = slices.DeleteFunc(slices.Clone(possible), func(m Method) bool { return !slices.Contains(to, m) })
		if len(possible) == 0 {
			return v.Errorf("no caller can have %s (--auth is %s): this rule can never match", what,
				joined(methods.Methods))
		}
		return nil
	}
	fields := v.Fields("a subject", "method", "token", "router", "subject", "scopes", "claims")
	fields.ReadOptional("method", func(v strictyaml.Value) (err error) {
		if s.methods, err = readMethods(v); err != nil {
			return err
		}
		for _, m := range s.methods {
			if !slices.Contains(methods.Methods, m) {
				return v.Errorf("no caller uses the method %s (--auth is %s): this can never match", m, joined(methods.Methods))
			}
		}
		return narrow(v, "this method", s.methods...)
	})
	for _, part := range []struct {
		key   string
		set   *string
		names []string // nil: any
		to    []Method
	}{
		{key: "token", set: &s.token, names: methods.Tokens, to: []Method{Token}},
		{key: "router", set: &s.router, names: methods.Routers, to: []Method{Router}},
		{key: "subject", set: &s.subject, to: []Method{OIDC, Router}},
	} {
		fields.ReadOptional(part.key, func(v strictyaml.Value) (err error) {
			if *part.set, err = v.Text(part.key, maxNameText); err != nil {
				return err
			}
			if err := narrow(v, "a "+part.key+" as well as the rest of this subject", part.to...); err != nil {
				return err
			}
			if part.key != "subject" && !slices.Contains(part.names, *part.set) {
				return v.Errorf("there is no %s named %q: this rule can never match", part.key, *part.set)
			}
			return nil
		})
	}
	fields.ReadOptional("scopes", func(v strictyaml.Value) error {
		fields.Each("scopes", s.readScope)
		if err := fields.Err(); err != nil {
			return err
		}
		return narrow(v, "scopes as well as the rest of this subject", OIDC, Router)
	})
	fields.ReadOptional("claims", func(v strictyaml.Value) (err error) {
		if err := narrow(v, "claims as well as the rest of this subject", OIDC, Router); err != nil {
			return err
		}
		only := map[string]string{"sub": s.subject}
		if !slices.Contains(possible, Router) { // routers can have other issuers
			only["iss"] = methods.Issuer
		}
		s.claims, err = readClaims(v, only)
		return err
	})
	s.identity = fmt.Sprintf("%q %q %q %q %q %q", sorted(s.methods), s.token, s.router, s.subject, sorted(s.scopes),
		s.claims)
	return s, fields.Err()
}

func readMethods(v strictyaml.Value) ([]Method, error) {
	items, err := v.OneOrMore("method")
	if err != nil {
		return nil, err
	}
	var methods []Method
	for _, item := range items {
		text, err := item.Text("method", maxNameText)
		switch m := Method(text); {
		case err != nil:
			return nil, err
		case !slices.Contains(allMethods, m):
			return nil, item.Errorf("unknown method %q: there are %s", text, joined(allMethods))
		case slices.Contains(methods, m):
			return nil, item.Errorf("the method %s stands here already", m)
		default:
			methods = append(methods, m)
		}
	}
	return methods, nil
}

func (s *subject) readScope(v strictyaml.Value) error {
	scope, err := v.Text("a scope", maxNameText)
	switch {
	case err != nil:
		return err
	case !isScope(scope):
		return v.Errorf("the scope %q can never be in a token: scopes are separated by spaces and hold none", scope)
	case slices.Contains(s.scopes, scope):
		return v.Errorf("the scope %s stands here already", scope)
	}
	s.scopes = append(s.scopes, scope)
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

// readClaims reads the claims of a subject. Only has the claims that have the same value in every token.
func readClaims(v strictyaml.Value, only map[string]string) ([]claim, error) {
	entries, err := v.Entries("claims")
	if err != nil {
		return nil, err
	}
	all := make([]claim, 0, len(entries))
	for _, e := range entries {
		items, err := e.Value.OneOrMore("the values of a claim")
		if err != nil {
			return nil, err
		}
		c := claim{name: e.Key}
		for _, item := range items {
			text, err := item.Text("the value of a claim", maxNameText)
			switch {
			case err != nil:
				return nil, err
			case slices.Contains(c.values, text):
				return nil, item.Errorf("the value %q stands here already", text)
			case only[e.Key] != "" && text != only[e.Key]:
				return nil, item.Errorf("the claim %s of these callers is %q: this can never match", e.Key, only[e.Key])
			}
			c.values = append(c.values, text)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b claim) int { return strings.Compare(a.name, b.name) })
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
