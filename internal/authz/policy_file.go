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

// ParsePolicy parses the content of a policy file strictly. An error is one line, with the name and the line of the mistake.
func ParsePolicy(name string, content []byte, methods AuthMethods) (*Policy, error) {
	root, err := strictyaml.Parse(name, content)
	if err != nil {
		return nil, err
	}
	fields, err := root.Fields("a policy", "forbidden", "rules")
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	if v, ok := fields.Get("forbidden"); ok {
		switch text, err := v.Text("forbidden", maxNameText); {
		case err != nil:
			return nil, err
		case text != "hide" && text != "show":
			return nil, v.Errorf("forbidden must be hide (a forbidden project looks like a missing one) or show, not %q", text)
		default:
			p.showForbidden = text == "show"
		}
	}
	p.rules, err = strictyaml.Each(fields, "rules", func(v strictyaml.Value) (*rule, error) { return readRule(v, methods) })
	if err != nil {
		return nil, err
	}
	if len(p.rules) > maxRules {
		return nil, &strictyaml.Error{File: name, Line: p.rules[maxRules].line, Message: fmt.Sprintf("a policy has at most %d rules", maxRules)}
	}
	for i, r := range p.rules {
		if earlier := r.coveredBy(p.rules[:i]); earlier != nil {
			return nil, &strictyaml.Error{File: name, Line: r.line, Message: fmt.Sprintf("this rule adds nothing to the one in line %d, which has the same subject", earlier.line)}
		}
	}
	return p, nil
}

func readRule(v strictyaml.Value, methods AuthMethods) (*rule, error) {
	fields, err := v.Fields("a rule", "name", "subject", "projects", "permissions")
	if err != nil {
		return nil, err
	}
	r := &rule{line: v.Line()}
	if name, ok := fields.Get("name"); ok {
		if _, err := name.Text("name", maxNameText); err != nil {
			return nil, err
		}
	}
	node, err := fields.Need("subject")
	if err != nil {
		return nil, err
	}
	if r.subject, err = readSubject(node, methods); err != nil {
		return nil, err
	}
	if err := r.readProjects(fields, methods); err != nil {
		return nil, err
	}
	return r, r.readPermissions(fields)
}

func (r *rule) readProjects(fields strictyaml.Fields, methods AuthMethods) error {
	v, err := fields.Need("projects")
	if err != nil {
		return err
	}
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

func (r *rule) readPermissions(fields strictyaml.Fields) error {
	at, err := fields.Need("permissions")
	if err != nil {
		return err
	}
	_, err = strictyaml.Each(fields, "permissions", func(v strictyaml.Value) (Permission, error) {
		name, err := v.Text("a permission", maxNameText)
		if err != nil {
			return 0, err
		}
		p, known := permissions[name]
		switch {
		case !known:
			return 0, v.Errorf("unknown permission %q: there are %s", name, strings.Join(slices.Sorted(maps.Keys(permissions)), ", "))
		case r.permissions&p != 0:
			return 0, v.Errorf("the permission %s stands in this rule already", name)
		}
		r.permissions |= p
		return p, nil
	})
	if err == nil && r.permissions&JobsRead == 0 {
		err = at.Errorf("downloads:read alone can never be used, because a download is read from its job: add jobs:read")
	}
	return err
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

// coveredBy returns the earlier rule that has the same subject and allows all that this rule allows; nil if there is none.
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
