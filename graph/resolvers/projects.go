package resolvers

import (
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// project maps a project. It returns nil for nil.
func project(p *atlas.Project) *model.AtlasProject {
	if p == nil {
		return nil
	}
	return &model.AtlasProject{
		ID:           p.ID,
		Name:         p.Name,
		OrgID:        (*model.ObjectID)(p.OrgID),
		ClusterCount: p.ClusterCount,
		Created:      dateTime(p.Created),
		Links:        links(p.Links),
		Tags:         tags(p.Tags),
	}
}

func tags(in []atlas.Tag) []*model.AtlasTag {
	return mapAll(in, func(t atlas.Tag) *model.AtlasTag { return &model.AtlasTag{Key: t.Key, Value: t.Value} })
}

// allProjects reads a page of the projects, and adds an error for each credential whose projects could
// not be listed.
func allProjects(ctx context.Context, first *int, after *string) (*model.AtlasProjectConnection, error) {
	return projectPage(ctx, first, after, loader.From(ctx).Projects)
}

// organizationProjects is allProjects for those of an organization.
func organizationProjects(ctx context.Context,
	o *model.AtlasOrganization, first *int, after *string) (*model.AtlasProjectConnection, error) {
	return projectPage(ctx, first, after, func(ctx context.Context) (*restore.Projects, error) {
		return loader.From(ctx).ProjectsOf(ctx, o.ID)
	})
}

func projectPage(ctx context.Context, first *int, after *string,
	read func(context.Context) (*restore.Projects, error)) (*model.AtlasProjectConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	all, err := read(ctx)
	if err != nil {
		return nil, err
	}
	page, cursors, info, err := pageOf(projectList, all.Projects, func(p *atlas.Project) string { return p.ID }, n, after)
	if err != nil {
		return nil, err
	}
	addErrors(ctx, all.Failures)
	nodes := nodesOf(page, project)
	return &model.AtlasProjectConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: new(int64(len(all.Projects))),
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasProject) *model.AtlasProjectEdge {
			return &model.AtlasProjectEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}
