package authz

import (
	"fmt"

	"atlas-restore-gateway/internal/reload"
)

// PolicyFile is the policy of a file, which Reload can replace while requests are served.
type PolicyFile struct{ *reload.Files[*Policy] }

// StaticPolicy returns a policy that does not change.
func StaticPolicy(p *Policy) *PolicyFile { return &PolicyFile{reload.Static(p)} }

// LoadPolicy reads the policy file. Each reload calls methods, and checks the policy again when its result has changed.
func LoadPolicy(path string, methods func() AuthMethods) (*PolicyFile, error) {
	f, err := reload.Load(reload.Spec[*Policy]{
		Name:       "policy",
		Paths:      []string{path},
		Dependency: func() string { return fmt.Sprintf("%q", methods()) },
		Parse:      func(contents [][]byte) (*Policy, error) { return ParsePolicy(path, contents[0], methods()) },
	})
	return &PolicyFile{f}, err
}

// Policy returns the current policy.
func (f *PolicyFile) Policy() *Policy { return f.Current() }
