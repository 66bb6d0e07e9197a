package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"

	"atlas-restore-gateway/internal/yamlfile"
)

// Live is the policy as it stands now: Reload puts another one in its place while
// requests are answered.
type Live struct {
	path string
	ways func() Ways

	current atomic.Pointer[Policy]

	mu   sync.Mutex
	seen [sha256.Size]byte // what was looked at last
	err  error             // what was wrong with it
}

// Fixed is a policy that does not change.
func Fixed(p *Policy) *Live {
	l := &Live{}
	l.current.Store(p)
	return l
}

// LoadPolicy reads the policy file. Ways is asked anew at each reload.
func LoadPolicy(path string, ways func() Ways) (*Live, error) {
	l := &Live{path: path, ways: ways}
	_, err := l.Reload(context.Background())
	return l, err
}

// Policy is the policy as it stands now.
func (l *Live) Policy() *Policy { return l.current.Load() }

// Name is what logs call it.
func (*Live) Name() string { return "policy" }

// Reload reads the file again, when it or the ways by which callers come have changed.
// With an error the old policy stays.
func (l *Live) Reload(context.Context) (changed bool, err error) {
	if l.path == "" {
		return false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	content, err := yamlfile.Read(l.path)
	if err != nil {
		return false, fmt.Errorf("the policy cannot be read: %w", err)
	}
	ways := l.ways()
	seen := sha256.Sum256(fmt.Appendf(nil, "%q\n%s", ways, content))
	if seen == l.seen {
		return false, l.err
	}
	p, err := ParsePolicy(l.path, content, ways)
	l.seen, l.err = seen, err
	if err != nil {
		return false, err
	}
	l.current.Store(p)
	return true, nil
}
