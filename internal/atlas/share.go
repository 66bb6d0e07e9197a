package atlas

import (
	"net/http"
	"sync"
)

// maxPerProject is how many calls of one project are under way at once. So many leave
// connections to others when a project's calls hang, and are far more than Atlas's rate
// limit has use for.
const maxPerProject = 32

// shares sees to it that no project takes all connections. Who finds the share of its
// project taken waits, as long as its context lets it.
type shares struct {
	mu       sync.Mutex
	projects map[string]*share
}

type share struct {
	slots chan struct{}
	users int // who have a slot or wait for one; the share is forgotten with the last
}

func newShares() *shares { return &shares{projects: make(map[string]*share)} }

func (s *shares) enter(project string) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.projects[project]
	if one == nil {
		one = &share{slots: make(chan struct{}, maxPerProject)}
		s.projects[project] = one
	}
	one.users++
	return one
}

func (s *shares) leave(project string, one *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(s.projects, project)
	}
}

// shared lets a call of a project go on while fewer than maxPerProject do, all of its
// attempts and the waits between them included.
func (s *shares) shared(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoOf(r.Context())
		if info == nil {
			return next.RoundTrip(r)
		}
		one := s.enter(info.project)
		defer s.leave(info.project, one)
		select {
		case one.slots <- struct{}{}:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		defer func() { <-one.slots }()
		return next.RoundTrip(r)
	})
}
