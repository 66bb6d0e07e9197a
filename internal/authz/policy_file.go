package authz

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/strictyaml"
)

// Bounds of a policy.
const (
	maxRules   = 1000
	maxPerList = 10_000
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

// policyFile is the content of a policy file.
type policyFile struct {
	Forbidden strictyaml.Text           `yaml:"forbidden"`
	Rules     strictyaml.List[ruleFile] `yaml:"rules" required:"true"`
}

func (policyFile) Noun() string { return "a policy" }

type ruleFile struct {
	Name        strictyaml.Text            `yaml:"name"` // for people alone
	Subject     strictyaml.At[subjectFile] `yaml:"subject" required:"true"`
	Projects    strictyaml.Texts           `yaml:"projects" required:"true"`
	Permissions strictyaml.List[string]    `yaml:"permissions" required:"true"`
	Targets     strictyaml.Texts           `yaml:"targets"`
}

func (ruleFile) Noun() string { return "a rule" }

// ParsePolicy parses the content of a policy file strictly. An error is one line, with the place of each
// mistake.
func ParsePolicy(name string, content []byte, methods AuthMethods) (*Policy, error) {
	return strictyaml.Load(name, content, func(f policyFile) (*Policy, error) { return readPolicy(f, methods) })
}

func readPolicy(f policyFile, methods AuthMethods) (*Policy, error) {
	p := &Policy{showForbidden: f.Forbidden.Value == "show"}
	var errs []error
	if text := f.Forbidden.Value; text != "" && text != "hide" && text != "show" {
		errs = append(errs, f.Forbidden.Errorf(
			"forbidden must be hide (a forbidden project looks like a missing one) or show, not %q", text))
	}
	if len(f.Rules.Value) > maxRules {
		return nil, f.Rules.Value[maxRules].Errorf("a policy has at most %d rules", maxRules)
	}
	for _, entry := range f.Rules.Value {
		r, err := readRule(entry, methods)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if earlier := r.coveredBy(p.rules); earlier != nil {
			errs = append(errs, entry.Errorf("this rule adds nothing to the one in line %d, which has the same subject",
				earlier.line))
		}
		p.rules = append(p.rules, r)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

func readRule(f strictyaml.At[ruleFile], methods AuthMethods) (*rule, error) {
	r := &rule{line: f.Line}
	var errs [2]error
	r.subject, errs[0] = readSubject(f.Value.Subject.Value, methods)
	r.all, r.projects, errs[1] = readProjects("projects", f.Value.Projects, methods)
	err := errors.Join(errs[:]...)
	for _, permission := range f.Value.Permissions.Value {
		err = errors.Join(err, r.readPermission(permission))
	}
	if err != nil {
		return nil, err
	}
	if r.permissions&JobsRead == 0 {
		return nil, f.Value.Permissions.Errorf(
			"a permission without jobs:read can never be used, because all else is read of what that allows: add jobs:read")
	}
	if len(f.Value.Targets.Value) == 0 {
		return r, nil
	}
	if r.permissions&restorePermissions == 0 {
		return nil, f.Value.Targets.Errorf("targets are those of restores: this rule needs restores:create or restores:cancel")
	}
	r.targets.all, r.targets.projects, err = readProjects("targets", f.Value.Targets, methods)
	return r, err
}

// readProjects reads a member that is all, or a list of projects.
func readProjects(member string, list strictyaml.Texts, methods AuthMethods) (
	all bool, projects map[string]struct{}, err error,
) {
	if list.IsText {
		if list.Value[0].Value != "all" {
			return false, nil, list.Errorf("%s must be all, or a list of ids", member)
		}
		return true, nil, nil
	}
	if len(list.Value) > maxPerList {
		return false, nil, list.Errorf("a rule has at most %d %s", maxPerList, member)
	}
	projects = make(map[string]struct{}, len(list.Value))
	var errs []error
	for _, item := range list.Value {
		id := item.Value
		_, twice := projects[id]
		switch {
		case !isProjectID(id):
			errs = append(errs, item.Errorf("a project is 24 digits of 0-9a-f, not %q: this rule can never match", id))
		case twice:
			errs = append(errs, item.Errorf("the project %s stands in this rule already", id))
		case methods.Projects != nil && !slices.Contains(methods.Projects, id):
			errs = append(errs, item.Errorf("no Atlas credential reads the project %s: this can never match", id))
		}
		projects[id] = struct{}{}
	}
	return false, projects, errors.Join(errs...)
}

func (r *rule) readPermission(name strictyaml.Text) error {
	p, known := permissions[name.Value]
	switch {
	case !known:
		names := strings.Join(slices.Sorted(maps.Keys(permissions)), ", ")
		return name.Errorf("unknown permission %q: there are %s", name.Value, names)
	case r.permissions&p != 0:
		return name.Errorf("the permission %s stands in this rule already", name.Value)
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
		if e.subject.identity != r.subject.identity || e.permissions&r.permissions != r.permissions || r.all && !e.all ||
			r.permissions&restorePermissions != 0 && !e.targets.covers(r.targets) {
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
