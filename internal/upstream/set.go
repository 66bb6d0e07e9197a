package upstream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// What is remembered of which organization a project is in. Projects move seldom.
const (
	maxRemembered = 10_000
	rememberFor   = time.Hour
)

// member is one credential of a set.
type member struct {
	held

	lease *lease
}

// set are the credentials of one state of the file.
type set struct {
	members   []*member
	byProject map[string]*member

	mu    sync.Mutex
	found *simplelru.LRU[string, remembered] // projects of organizations
}

type remembered struct {
	member *member
	until  time.Time
}

func newSet() *set {
	found, err := simplelru.NewLRU[string, remembered](maxRemembered, nil)
	if err != nil {
		panic(err) // only of a size below one
	}
	return &set{byProject: make(map[string]*member), found: found}
}

func (s *set) add(m *member) {
	s.members = append(s.members, m)
	for _, id := range m.projects {
		s.byProject[id] = m
	}
}

// same is the member that goes on under this credential, if there is one.
func (s *set) same(c held) *member {
	if s == nil {
		return nil
	}
	for _, m := range s.members {
		if m.name == c.name && m.baseURL == c.baseURL && m.credential == c.credential {
			return m
		}
	}
	return nil
}

// choose finds the credential for a project: the one that names it, or else the one that
// has its organization.
func (h *FileCredentials) choose(ctx context.Context, groupID string) (*lease, error) {
	return current(h, func(s *set) (*lease, error) {
		m, err := s.memberFor(ctx, groupID)
		if err != nil {
			return nil, err
		}
		if !m.lease.take() {
			return nil, errClosed
		}
		return m.lease, nil
	})
}

// current asks the set as it stands now, and again when another one has taken its place
// meanwhile.
func current[T any](h *FileCredentials, ask func(*set) (T, error)) (T, error) {
	for {
		s := h.current.Load()
		value, err := ask(s)
		if !errors.Is(err, errClosed) || h.current.Load() == s {
			return value, err
		}
	}
}

var errClosed = errors.New("credentials: closed")

func (s *set) memberFor(ctx context.Context, groupID string) (*member, error) {
	if m := s.byProject[groupID]; m != nil {
		return m, nil
	}
	if m := s.remembered(groupID); m != nil {
		return m, nil
	}
	m, err := s.search(ctx, groupID)
	if err == nil {
		s.remember(groupID, m)
	}
	return m, err
}

// asked is how many credentials are asked for their projects, and how many whether they have a
// project that none names.
func (s *set) asked() (listed, searched int) {
	for _, m := range s.members {
		if len(m.organizations) > 0 {
			searched++
		}
	}
	return len(s.members), searched
}

// search asks each credential that has organizations for the project, side by side: only
// Atlas knows which organization that is in. One call each.
func (s *set) search(ctx context.Context, groupID string) (*member, error) {
	var asked []*member
	for _, m := range s.members {
		if len(m.organizations) > 0 {
			asked = append(asked, m)
		}
	}
	found, errs := make([]*member, len(asked)), make([]error, len(asked))
	var wg sync.WaitGroup
	for i, m := range asked {
		wg.Go(func() {
			if !m.lease.take() {
				errs[i] = errClosed
				return
			}
			defer m.lease.release()
			p, err := m.lease.Service.Project(ctx, groupID)
			switch errs[i] = err; {
			case err != nil:
			case p.OrgID != nil && slices.Contains(m.organizations, *p.OrgID):
				found[i] = m
			default:
				errs[i] = atlas.ProjectNotFound(groupID) // of an organization that the credential is not for
			}
		})
	}
	wg.Wait()
	for _, m := range found {
		if m != nil {
			return m, nil
		}
	}
	if len(asked) == 0 {
		return nil, atlas.ProjectNotFound(groupID)
	}
	// A credential that may have it and could not ask comes before one that says that it is
	// not there.
	return nil, restore.FirstFailure(errs...)
}

func (s *set) remembered(groupID string) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.found.Get(groupID); ok && time.Now().Before(r.until) {
		return r.member
	}
	return nil
}

func (s *set) remember(groupID string, m *member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found.Add(groupID, remembered{m, time.Now().Add(rememberFor)})
}

// projects lists the projects of all credentials, side by side, and of each only what it
// is for.
func (h *FileCredentials) projects(ctx context.Context) (*restore.Projects, error) {
	return current(h, func(s *set) (*restore.Projects, error) { return s.projects(ctx) })
}

func (s *set) projects(ctx context.Context) (*restore.Projects, error) {
	lists, errs := make([]*restore.Projects, len(s.members)), make([]error, len(s.members))
	var wg sync.WaitGroup
	for i, m := range s.members {
		wg.Go(func() {
			if !m.lease.take() {
				errs[i] = errClosed
				return
			}
			defer m.lease.release()
			lists[i], errs[i] = m.lease.Service.Projects(ctx)
		})
	}
	wg.Wait()
	out := &restore.Projects{}
	listed, failed := make(map[string]bool), 0
	for i, m := range s.members {
		if errors.Is(errs[i], errClosed) {
			return nil, errClosed
		}
		if errs[i] != nil {
			failed++
			out.Failures = append(out.Failures, errs[i])
			continue
		}
		out.Failures = append(out.Failures, lists[i].Failures...)
		for _, p := range lists[i].Projects {
			if m.isFor(p) && !listed[p.ID] {
				listed[p.ID] = true
				out.Projects = append(out.Projects, p)
				// Who goes on to read one of them need not search for its credential.
				s.remember(p.ID, m)
			}
		}
	}
	if failed == len(s.members) {
		return nil, restore.FirstFailure(out.Failures...)
	}
	return out, nil
}

func (m *member) isFor(p *atlas.Project) bool {
	return slices.Contains(m.projects, p.ID) || p.OrgID != nil && slices.Contains(m.organizations, *p.OrgID)
}
