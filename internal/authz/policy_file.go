package authz

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/strictyaml"
)

// Bounds of a policy.
const (
	maxRules    = 1000
	maxPerList  = 10_000
	maxNameText = 256
)

// AuthMethods says how callers can authenticate. A rule about other callers can never match, and is an error.
type AuthMethods struct {
	Methods []Method
	// Tokens and Routers are the names of the tokens and of the routers.
	Tokens, Routers []string
	// Issuer is the issuer of the tokens of the method oidc.
	Issuer string
	// Projects are the projects that can be read at all; nil when they are not known.
	Projects []string
}

// ParsePolicy parses the content of a policy file strictly. An error is one line, with the name and the line of the
// mistake.
func ParsePolicy(name string, content []byte, methods AuthMethods) (*Policy, error) {
	p := &Policy{}
	fields := strictyaml.ParseFields(name, content, "a policy", "forbidden", "rules")
	fields.ReadOptional("forbidden", func(v strictyaml.Value) error {
		text, err := v.Text("forbidden", maxNameText)
		p.showForbidden = text == "show"
		if err == nil && text != "hide" && text != "show" {
			err = v.Errorf("forbidden must be hide (a forbidden project looks like a missing one) or show, not %q", text)
		}
		return err
	})
	fields.Each("rules", func(v strictyaml.Value) error {
		r, err := readRule(v, methods)
		p.rules = append(p.rules, r)
		return err
	})
	if err := fields.Err(); err != nil {
		return nil, err
	}
	if len(p.rules) > maxRules {
		return nil, &strictyaml.Error{
			File: name, Line: p.rules[maxRules].line, Message: fmt.Sprintf("a policy has at most %d rules", maxRules),
		}
	}
	for i, r := range p.rules {
		if earlier := r.coveredBy(p.rules[:i]); earlier != nil {
			return nil, &strictyaml.Error{
				File: name, Line: r.line,
				Message: fmt.Sprintf("this rule adds nothing to the one in line %d, which has the same subject", earlier.line),
			}
		}
	}
	return p, nil
}

func readRule(v strictyaml.Value, methods AuthMethods) (*rule, error) {
	r := &rule{line: v.Line()}
	fields := v.Fields("a rule", "name", "subject", "projects", "permissions")
	fields.OptionalText("name", maxNameText) // for people alone
	fields.Read("subject", func(v strictyaml.Value) (err error) {
		r.subject, err = readSubject(v, methods)
		return err
	})
	fields.Read("projects", func(v strictyaml.Value) error { return r.readProjects(v, methods) })
	fields.Each("permissions", r.readPermission)
	if err := fields.Err(); err != nil {
		return nil, err
	}
	if r.permissions&JobsRead == 0 {
		return nil, fields.Need("permissions").Errorf(
			"downloads:read alone can never be used, because a download is read from its job: add jobs:read")
	}
	return r, nil
}

func (r *rule) readProjects(v strictyaml.Value, methods AuthMethods) error {
	if v.IsText() {
		text, err := v.Text("projects", maxNameText)
		if err == nil && text != "all" {
			err = v.Errorf("projects must be all, or a list of ids")
		}
		r.all = true
		return err
	}
	items, err := v.Items("projects")
	if err != nil {
		return err
	}
	if len(items) > maxPerList {
		return v.Errorf("a rule has at most %d projects", maxPerList)
	}
	r.projects = make(map[string]struct{}, len(items))
	for _, item := range items {
		id, err := item.Text("a project", maxNameText)
		if err != nil {
			return err
		}
		if !isProjectID(id) {
			return item.Errorf("a project is 24 digits of 0-9a-f, not %q: this rule can never match", id)
		}
		if _, twice := r.projects[id]; twice {
			return item.Errorf("the project %s stands in this rule already", id)
		}
		if methods.Projects != nil && !slices.Contains(methods.Projects, id) {
			return item.Errorf("no Atlas credential reads the project %s: this can never match", id)
		}
		r.projects[id] = struct{}{}
	}
	return nil
}

func (r *rule) readPermission(v strictyaml.Value) error {
	name, err := v.Text("a permission", maxNameText)
	p, known := permissions[name]
	switch {
	case err != nil:
		return err
	case !known:
		names := strings.Join(slices.Sorted(maps.Keys(permissions)), ", ")
		return v.Errorf("unknown permission %q: there are %s", name, names)
	case r.permissions&p != 0:
		return v.Errorf("the permission %s stands in this rule already", name)
	}
	r.permissions |= p
	return nil
}

func isProjectID(s string) bool {
	if len(s) != 24 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// coveredBy returns the earlier rule that has the same subject and allows all that this rule allows; nil if there is
// none.
func (r *rule) coveredBy(earlier []*rule) *rule {
	for _, e := range earlier {
		if e.subject.identity != r.subject.identity || e.permissions&r.permissions != r.permissions || r.all && !e.all {
			continue
		}
		covered := true
		for id := range r.projects {
			if _, named := e.projects[id]; !named && !e.all {
				covered = false
				break
			}
		}
		if covered {
			return e
		}
	}
	return nil
}
