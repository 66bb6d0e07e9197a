package loader

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Project reads one project.
func (l *Loaders) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return lazily(l, &l.project, func() *unbatched[string, *atlas.Project] {
		return newUnbatched(l, l.reader.Project)
	}).load(ctx, groupID)
}

// ProjectsByID is Project for several projects: from minListed on, all are listed.
func (l *Loaders) ProjectsByID(ctx context.Context, groupIDs []string) ([]*atlas.Project, []error) {
	return lazily(l, &l.projectsByID, func() keyLoader[string, *atlas.Project] {
		return newGrouped(l, l.plan.Projects, groupBy[string, struct{}, *atlas.Project]{
			parent: func(string) struct{} { return struct{}{} }, minKeys: minListed, one: l.reader.Project,
			many: l.listedProjects,
		})
	}).loadAll(ctx, groupIDs)
}

func (l *Loaders) listedProjects(ctx context.Context,
	_ struct{}, _ []string) (map[string]result[*atlas.Project], error) {
	all, err := l.reader.Projects(ctx)
	if err != nil {
		return nil, err
	}
	// A project that is missing is read by itself: its list may be one that could not be read.
	found := make(map[string]result[*atlas.Project], len(all.Projects))
	for _, p := range all.Projects {
		found[p.ID] = result[*atlas.Project]{value: p}
	}
	return found, nil
}

// Projects reads all projects that the caller may see.
func (l *Loaders) Projects(ctx context.Context) (*restore.Projects, error) {
	return lazily(l, &l.projects, func() *unbatched[struct{}, *restore.Projects] {
		return newUnbatched(l, func(ctx context.Context, _ struct{}) (*restore.Projects, error) {
			return l.reader.Projects(ctx)
		})
	}).load(ctx, struct{}{})
}
