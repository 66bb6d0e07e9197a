package authz

import (
	"fmt"

	"atlas-restore-gateway/internal/reload"
)

// PolicyFile is the policy as it stands now: Reload puts another one in its place while
// requests are answered.
type PolicyFile struct{ *reload.Files[*Policy] }

// StaticPolicy is a policy that does not change.
func StaticPolicy(p *Policy) *PolicyFile { return &PolicyFile{reload.Static(p)} }

// LoadPolicy reads the policy file. Ways is asked anew at each reload, and when another
// answer comes the file is held against it.
func LoadPolicy(path string, ways func() AuthMethods) (*PolicyFile, error) {
	f, err := reload.Load(reload.Spec[*Policy]{
		Name:       "policy",
		Paths:      []string{path},
		Dependency: func() string { return fmt.Sprintf("%q", ways()) },
		Parse:      func(contents [][]byte) (*Policy, error) { return ParsePolicy(path, contents[0], ways()) },
	})
	return &PolicyFile{f}, err
}

// Policy is the policy as it stands now.
func (l *PolicyFile) Policy() *Policy { return l.Current() }
