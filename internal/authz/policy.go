package authz

import (
	"encoding/json"
	"slices"
	"strings"
)

// Permission is what a rule can allow. Several of them are one value, joined by |.
type Permission uint8

// The permissions.
const (
	// JobsRead lets a caller read a project: its restore jobs, its clusters, their
	// snapshots and the project itself.
	JobsRead Permission = 1 << iota
	// DownloadsRead lets a caller read the download URLs of restore jobs. Whoever has such
	// a URL has the backup.
	DownloadsRead
)

// permissions are their names, in the policy and as OAuth scopes in the schema.
var permissions = map[string]Permission{"jobs:read": JobsRead, "downloads:read": DownloadsRead}

// Policy says who may see what. It cannot change; a new file makes a new one.
type Policy struct {
	rules []*rule
	// showForbidden is whether a caller is told that a project exists that they may
	// not see.
	showForbidden bool
}

// AllowAll is the policy where nobody asks: everybody may see everything.
func AllowAll() *Policy {
	return &Policy{rules: []*rule{{all: true, permissions: JobsRead | DownloadsRead}}}
}

// rule lets a subject do something in projects.
type rule struct {
	line        int
	subject     subject
	all         bool // all projects
	projects    map[string]struct{}
	permissions Permission
}

// subject is who a rule is about. Each part that is set must fit; nothing set fits all.
type subject struct {
	methods  []Method
	token    string
	router   string
	subject  string
	scopes   []string // all of them
	claims   []claim  // all of them
	identity string   // the same for subjects that say the same
}

// claim wants one of the values from a claim of the caller.
type claim struct {
	name   string
	values []string
}

func (s *subject) fits(c *Caller) bool {
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
		if !claim.fits(c.Claims) {
			return false
		}
	}
	return true
}

// fits is whether the claim, or an element of it, is one of the values. A name that no
// claim has is a path into objects, its parts joined by dots.
func (w *claim) fits(claims map[string]any) bool {
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
		return (&claim{rest, w.values}).fits(inner)
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

// claimText is a claim as the policy writes it: a text, a number or a boolean.
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

// Grant is what a policy lets one caller do.
type Grant struct {
	rules []*rule
	// ShowForbidden is whether to say that something is forbidden, where else it looks
	// like missing.
	ShowForbidden bool
}

// For is what the policy lets the caller do: what any rule about them allows, and
// nothing else.
func (p *Policy) For(c *Caller) Grant {
	g := Grant{ShowForbidden: p.showForbidden}
	for _, r := range p.rules {
		if r.subject.fits(c) {
			g.rules = append(g.rules, r)
		}
	}
	return g
}

// Allows is whether all the permissions are given in the project.
func (g Grant) Allows(groupID string, wanted Permission) bool {
	var given Permission
	for _, r := range g.rules {
		if _, named := r.projects[groupID]; named || r.all {
			given |= r.permissions
		}
	}
	return given&wanted == wanted
}

// Named are the projects that the rules name in which all the permissions are given;
// all is whether they are given in every project.
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

// Nothing is whether no rule is about the caller.
func (g Grant) Nothing() bool { return len(g.rules) == 0 }
