package authz

import (
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

// ParsePolicy parses the content of a policy file strictly. An error is one line, with the name and the line of the
// mistake.
func ParsePolicy(name string, content []byte, methods AuthMethods) (*Policy, error) {
	return strictyaml.Load(name, content, func(f policyFile) (*Policy, error) { return readPolicy(f, methods) })
}

func readPolicy(f policyFile, methods AuthMethods) (*Policy, error) {
	p := &Policy{showForbidden: f.Forbidden.Value == "show"}
	if text := f.Forbidden.Value; text != "" && text != "hide" && text != "show" {
		return nil, f.Forbidden.Errorf(
			"forbidden must be hide (a forbidden project looks like a missing one) or show, not %q", text)
	}
	if len(f.Rules.Value) > maxRules {
		return nil, f.Rules.Value[maxRules].Errorf("a policy has at most %d rules", maxRules)
	}
	for _, entry := range f.Rules.Value {
		r, err := readRule(entry, methods)
		if err != nil {
			return nil, err
		}
		p.rules = append(p.rules, r)
	}
	for i, r := range p.rules {
		if earlier := r.coveredBy(p.rules[:i]); earlier != nil {
			return nil, f.Rules.Value[i].Errorf("this rule adds nothing to the one in line %d, which has the same subject",
				earlier.line)
		}
	}
	return p, nil
}

func readRule(f strictyaml.At[ruleFile], methods AuthMethods) (*rule, error) {
	r := &rule{line: f.Line}
	var err error
	if r.subject, err = readSubject(f.Value.Subject.Value, methods); err != nil {
		return nil, err
	}
	if r.all, r.projects, err = readProjects("projects", f.Value.Projects, methods); err != nil {
		return nil, err
	}
	for _, permission := range f.Value.Permissions.Value {
		if err := r.readPermission(permission); err != nil {
			return nil, err
		}
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
	for _, item := range list.Value {
		id := item.Value
		if !isProjectID(id) {
			return false, nil, item.Errorf("a project is 24 digits of 0-9a-f, not %q: this rule can never match", id)
		}
		if _, twice := projects[id]; twice {
			return false, nil, item.Errorf("the project %s stands in this rule already", id)
		}
		if methods.Projects != nil && !slices.Contains(methods.Projects, id) {
			return false, nil, item.Errorf("no Atlas credential reads the project %s: this can never match", id)
		}
		projects[id] = struct{}{}
	}
	return false, projects, nil
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
