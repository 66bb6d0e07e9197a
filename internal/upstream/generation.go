package upstream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/lru"
	"atlas-restore-gateway/internal/restore"
)

// Bounds of the projects whose entry was found by their organization. Projects seldom move.
const (
	maxFound = 10_000
	foundTTL = time.Hour
)

// entry is one credential of the file.
type entry struct {
	name          string
	projects      []string
	organizations []string
	baseURL       string
	credential    atlas.Credential

	lease *lease // nil until FileCredentials.connect
}

// generation holds the entries of the file as it was when it was loaded.
type generation struct {
	entries   []*entry
	byProject map[string]*entry

	mu    sync.Mutex
	found *lru.Map[string, foundEntry] // by project
}

type foundEntry struct {
	*entry

	until time.Time
}

func newGeneration(entries []*entry) *generation {
	g := &generation{entries: entries, byProject: make(map[string]*entry), found: lru.New[string, foundEntry](maxFound)}
	for _, e := range entries {
		for _, id := range e.projects {
			g.byProject[id] = e
		}
	}
	return g
}

// same returns the entry that has the credential of e, or nil.
func (g *generation) same(e *entry) *entry {
	if g == nil {
		return nil
	}
	for _, old := range g.entries {
		if old.name == e.name && old.baseURL == e.baseURL && old.credential == e.credential {
			return old
		}
	}
	return nil
}

func (g *generation) withOrganizations() []*entry {
	return slices.DeleteFunc(slices.Clone(g.entries), func(e *entry) bool { return len(e.organizations) == 0 })
}

func (g *generation) entryFor(ctx context.Context, groupID string) (*entry, error) {
	if e := g.byProject[groupID]; e != nil {
		return e, nil
	}
	if e := g.foundFor(groupID); e != nil {
		return e, nil
	}
	e, err := g.search(ctx, groupID)
	if err == nil {
		g.setFound(groupID, e)
	}
	return e, err
}

// search asks Atlas for the project, because only Atlas knows its organization: one call with each
// credential that has organizations, all at the same time.
func (g *generation) search(ctx context.Context, groupID string) (*entry, error) {
	asked := g.withOrganizations()
	if len(asked) == 0 {
		return nil, atlas.ProjectNotFound(groupID)
	}
	projects, errs := readEach(asked, func(s *restore.Service) (*atlas.Project, error) { return s.Project(ctx, groupID) })
	for i, e := range asked {
		switch {
		case errs[i] != nil:
		case e.isFor(projects[i]):
			return e, nil
		default: // the credential can read the project, and is not for its organization
			errs[i] = atlas.ProjectNotFound(groupID)
		}
	}
	// The error of a credential that got no answer comes before a "not found" of another one: the former
	// may have the project.
	return nil, restore.FirstFailure(errs...)
}

// readEach calls read with the service of each entry, at the same time. The error of an entry whose
// lease was retired is errClosed.
func readEach[T any](entries []*entry, read func(*restore.Service) (T, error)) ([]T, []error) {
	values, errs := make([]T, len(entries)), make([]error, len(entries))
	var wg sync.WaitGroup
	for i, e := range entries {
		wg.Go(func() {
			if !e.lease.take() {
				errs[i] = errClosed
				return
			}
			defer e.lease.release()
			values[i], errs[i] = read(e.lease.Service)
		})
	}
	wg.Wait()
	return values, errs
}

func (g *generation) foundFor(groupID string) *entry {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f, ok := g.found.Get(groupID); ok && time.Now().Before(f.until) {
		return f.entry
	}
	return nil
}

func (g *generation) setFound(groupID string, e *entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.found.Add(groupID, foundEntry{e, time.Now().Add(foundTTL)})
}

// projects returns the projects that the credentials are for, each once.
func (g *generation) projects(ctx context.Context) (*restore.Projects, error) {
	out := &restore.Projects{}
	listed := make(map[string]bool)
	failures, err := readAll(g.entries,
		func(s *restore.Service) (*restore.Projects, error) { return s.Projects(ctx) },
		func(e *entry, list *restore.Projects) []error {
			for _, p := range list.Projects {
				if e.isFor(p) && !listed[p.ID] {
					listed[p.ID] = true
					out.Projects = append(out.Projects, p)
					// A read of the project need not search for its entry.
					g.setFound(p.ID, e)
				}
			}
			return list.Failures
		})
	out.Failures = failures
	return out, err
}

// organizations returns the organizations that the credentials see, each once.
func (g *generation) organizations(ctx context.Context) (*restore.Organizations, error) {
	out := &restore.Organizations{}
	listed := make(map[string]bool)
	failures, err := readAll(g.entries,
		func(s *restore.Service) (*restore.Organizations, error) { return s.Organizations(ctx) },
		func(_ *entry, list *restore.Organizations) []error {
			for _, o := range list.Organizations {
				if !listed[o.ID] {
					listed[o.ID] = true
					out.Organizations = append(out.Organizations, o)
				}
			}
			return list.Failures
		})
	out.Failures = failures
	return out, err
}

// readAll reads a list with every credential, in the order of the entries, and returns the errors of what is missing:
// those of credentials that failed, and those that take returns. It is an error when every credential failed.
func readAll[L any](
	entries []*entry, read func(*restore.Service) (L, error), take func(*entry, L) []error,
) (failures []error, err error) {
	lists, errs := readEach(entries, read)
	failed := 0
	for i, e := range entries {
		switch {
		case errors.Is(errs[i], errClosed):
			return nil, errClosed
		case errs[i] != nil:
			failed++
			failures = append(failures, errs[i])
		default:
			failures = append(failures, take(e, lists[i])...)
		}
	}
	if failed == len(entries) {
		return nil, restore.FirstFailure(failures...)
	}
	return failures, nil
}

// isFor reports whether the entry names the project or its organization.
func (e *entry) isFor(p *atlas.Project) bool {
	return slices.Contains(e.projects, p.ID) || p.OrgID != nil && slices.Contains(e.organizations, *p.OrgID)
}
