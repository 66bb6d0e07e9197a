package authz

import (
	"fmt"

	"atlas-restore-gateway/internal/reload"
)

// Live is the policy as it stands now: Reload puts another one in its place while
// requests are answered.
type Live struct{ *reload.Files[*Policy] }

// Fixed is a policy that does not change.
func Fixed(p *Policy) *Live { return &Live{reload.Fixed(p)} }

// LoadPolicy reads the policy file. Ways is asked anew at each reload, and when another
// answer comes the file is held against it.
func LoadPolicy(path string, ways func() Ways) (*Live, error) {
	f, err := reload.Load(reload.Spec[*Policy]{
		Name:   "policy",
		Paths:  []string{path},
		Beside: func() string { return fmt.Sprintf("%q", ways()) },
		Parse:  func(contents [][]byte) (*Policy, error) { return ParsePolicy(path, contents[0], ways()) },
	})
	return &Live{f}, err
}

// Policy is the policy as it stands now.
func (l *Live) Policy() *Policy { return l.Now() }
