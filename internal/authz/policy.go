package authz

import (
	"encoding/json"
	"maps"
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
	// RestoresCreate lets a caller start restores of the project's backups, into the target projects of the rule.
	RestoresCreate
	// RestoresCancel lets a caller cancel restores of the project's backups, into the target projects of the rule.
	RestoresCancel
	// DownloadsCreate lets a caller start downloads of the project's backups.
	DownloadsCreate
	// SnapshotsCreate lets a caller take snapshots of the project's clusters.
	SnapshotsCreate

	// restores are the permissions that have a target.
	restorePermissions = RestoresCreate | RestoresCancel
	allPermissions     = SnapshotsCreate<<1 - 1
)

// permissions has the names of the permissions, in the policy and as OAuth scopes in the schema.
var permissions = map[string]Permission{
	"jobs:read": JobsRead, "downloads:read": DownloadsRead, "people:read": PeopleRead,
	"restores:create": RestoresCreate, "restores:cancel": RestoresCancel, "downloads:create": DownloadsCreate,
	"snapshots:create": SnapshotsCreate,
}

// String returns the names of the permissions, as they stand in the policy.
func (p Permission) String() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		if p&permissions[name] != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Policy says which callers can read what. It does not change. The zero policy allows nothing.
type Policy struct {
	rules []*rule
	// showForbidden tells callers that a project which they cannot read exists.
	showForbidden bool
}

// AllowAll returns the policy without authorization: every caller can do everything.
func AllowAll() *Policy {
	return &Policy{rules: []*rule{{all: true, permissions: allPermissions, targets: targets{all: true}}}}
}

// rule gives a subject permissions in projects.
type rule struct {
	line        int
	subject     subject
	all         bool // all projects
	projects    map[string]struct{}
	permissions Permission
	targets     targets
}

// covers reports whether the rule is about the project.
func (r *rule) covers(groupID string) bool {
	_, named := r.projects[groupID]
	return named || r.all
}

// targets are the projects whose clusters restores may overwrite. The zero value is the project of the backup.
type targets struct {
	all      bool
	projects map[string]struct{} // nil: the project of the backup
}

// includes reports whether a restore of a backup of source may go into target.
func (t targets) includes(source, target string) bool {
	if t.projects == nil {
		return t.all || source == target
	}
	_, named := t.projects[target]
	return named
}

// covers reports whether everything that other includes, of the projects of one rule, is included.
func (t targets) covers(other targets) bool {
	switch {
	case t.all:
		return true
	case other.all || (t.projects == nil) != (other.projects == nil):
		return false
	}
	for id := range other.projects {
		if _, named := t.projects[id]; !named {
			return false
		}
	}
	return true
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
		if r.covers(groupID) {
			given |= r.permissions
		}
	}
	return given&wanted == wanted
}

// AllowsInto reports whether one rule of the grant has all the permissions in the project of a backup, and lets restores
// go into the project target.
func (g Grant) AllowsInto(source, target string, wanted Permission) bool {
	return slices.ContainsFunc(g.rules, func(r *rule) bool {
		return r.covers(source) && r.permissions&wanted == wanted && r.targets.includes(source, target)
	})
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
