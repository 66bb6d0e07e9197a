package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// Project reads one project (a group, in Atlas's paths) by one call.
func (s *Service) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return s.cache.projects.Get(ctx, callKey{groupID: groupID}, func(ctx context.Context) (*atlas.Project, error) {
		return projects.get(ctx, s, ClusterKey{}, groupID)
	})
}

// Projects are projects, and the errors of those that cannot be decoded.
type Projects struct {
	Projects []*atlas.Project
	Failures []error
}

// Projects reads all projects that the credential can see, in Atlas's order, by one call for each 500.
func (s *Service) Projects(ctx context.Context) (*Projects, error) {
	all, failures, err := wholeList(ctx, s.listProjects, func(p *atlas.Project) string { return p.ID })
	if err != nil {
		return nil, err
	}
	return &Projects{Projects: all, Failures: failures}, nil
}

func (s *Service) listProjects(ctx context.Context, o atlas.ListOptions) (*page[*atlas.Project], error) {
	return projects.cachedList(ctx, s, s.cache.projectPages, callKey{page: o})
}
