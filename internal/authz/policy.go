package authz

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Permission is what a rule can allow. Several of them are one value, joined by |.
type Permission uint8

// The permissions.
const (
	// JobsRead lets a caller read a project: its restore jobs, its clusters, their
	// snapshots and the project itself.
	JobsRead Permission = 1 << iota
	// DownloadsRead lets a caller read the download URLs of restore jobs. With such a URL anyone can download the backup.
	DownloadsRead
	// PeopleRead lets a caller read the names and addresses of people: who requested a restore, who is responsible for the
	// backup compliance policy.
	PeopleRead
)

// permissions has the names of the permissions, in the policy and as OAuth scopes in the schema.
var permissions = map[string]Permission{
	"jobs:read": JobsRead, "downloads:read": DownloadsRead, "people:read": PeopleRead,
}

// Policy says which callers can read what. It does not change. The zero policy allows nothing.
type Policy struct {
	rules []*rule
	// showForbidden tells callers that a project which they cannot read exists.
	showForbidden bool
}

// AllowAll returns the policy without authorization: every caller can read everything.
func AllowAll() *Policy {
	return &Policy{rules: []*rule{{all: true, permissions: JobsRead | DownloadsRead | PeopleRead}}}
}

// rule gives a subject permissions in projects.
type rule struct {
	line        int
	subject     subject
	all         bool // all projects
	projects    map[string]struct{}
	permissions Permission
}

// subject selects the callers of a rule. Each field that is set must match; without any, every caller matches.
type subject struct {
	methods  []Method
	token    string
	router   string
	subject  string
	scopes   []string // all of them
	claims   []claim  // all of them
	identity string   // equal for equal subjects
}

// claim selects callers that have one of the values in a claim.
type claim struct {
	name   string
	values []string
}

func (s *subject) matches(c *Caller) bool {
	switch {
	case len(s.methods) > 0 && !slices.Contains(s.methods, c.Method):
		return false
	case s.token != "" && (c.Method != Token || s.token != c.Token):
		return false
	case s.router != "" && (c.Method != Router || s.router != c.Router):
		return false
	case s.subject != "" && s.subject != c.Subject:
		return false
	}
	for _, scope := range s.scopes {
		if !slices.Contains(c.Scopes, scope) {
			return false
		}
	}
	for _, claim := range s.claims {
		if !claim.matches(c.Claims) {
			return false
		}
	}
	return true
}

// matches reports whether the claim, or an element of it, is one of the values. A name without a claim is a path into
// objects, with dots between its parts.
func (w *claim) matches(claims map[string]any) bool {
	value, ok := claims[w.name]
	if !ok {
		before, rest, nested := strings.Cut(w.name, ".")
		if !nested {
			return false
		}
		inner, isObject := claims[before].(map[string]any)
		if !isObject {
			return false
		}
		return (&claim{rest, w.values}).matches(inner)
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, element := range list {
		if text, ok := claimText(element); ok && slices.Contains(w.values, text) {
			return true
		}
	}
	return false
}

// claimText returns a claim as a policy writes it: a text, a number or a boolean.
func claimText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	default:
		return "", false
	}
}

// Grant has the permissions that a policy gives a caller. The zero grant allows nothing.
type Grant struct {
	rules []*rule
	// ShowForbidden tells the caller that a project is forbidden. Otherwise the project looks like a missing one.
	ShowForbidden bool
}

// For returns the permissions of the caller: the union of the rules that match it.
func (p *Policy) For(c *Caller) Grant {
	g := Grant{ShowForbidden: p.showForbidden}
	for _, r := range p.rules {
		if r.subject.matches(c) {
			g.rules = append(g.rules, r)
		}
	}
	return g
}

// Key returns a text that two grants of one policy share when they allow the same: that of the same rules.
func (g Grant) Key() string {
	var b strings.Builder
	for _, r := range g.rules {
		b.WriteString(strconv.Itoa(r.line))
		b.WriteByte(' ')
	}
	return b.String()
}

// Allows reports whether the grant has all the permissions in the project.
func (g Grant) Allows(groupID string, wanted Permission) bool {
	var given Permission
	for _, r := range g.rules {
		if _, named := r.projects[groupID]; named || r.all {
			given |= r.permissions
		}
	}
	return given&wanted == wanted
}

// Named returns the projects that the rules name and in which the grant has all the permissions. It reports all where
// the grant has them in every project.
func (g Grant) Named(wanted Permission) (ids []string, all bool) {
	seen := make(map[string]bool)
	for _, r := range g.rules {
		if r.all && r.permissions&wanted == wanted {
			return nil, true
		}
		for id := range r.projects {
			if !seen[id] && g.Allows(id, wanted) {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, false
}

// Nothing reports whether no rule matches the caller.
func (g Grant) Nothing() bool { return len(g.rules) == 0 }
