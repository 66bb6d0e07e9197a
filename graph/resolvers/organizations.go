package resolvers

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// organization maps an organization. It returns nil for nil.
func organization(o *atlas.Organization) *model.AtlasOrganization {
	if o == nil {
		return nil
	}
	return &model.AtlasOrganization{
		ID: o.ID, Name: o.Name, IsDeleted: o.IsDeleted, SkipDefaultAlertsSettings: o.SkipDefaultAlertsSettings,
		Links: links(o.Links),
	}
}

// allOrganizations reads a page of the organizations, and adds an error for each credential whose organizations could
// not be listed.
func allOrganizations(ctx context.Context, first *int, after *string) (*model.AtlasOrganizationConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	all, err := loader.From(ctx).Organizations(ctx)
	if err != nil {
		return nil, err
	}
	page, cursors, info, err := pageOf(organizationList, all.Organizations,
		func(o *atlas.Organization) string { return o.ID }, n, after)
	if err != nil {
		return nil, err
	}
	addErrors(ctx, all.Failures)
	nodes := nodesOf(page, organization)
	return &model.AtlasOrganizationConnection{
		Nodes: nodes, PageInfo: info, EstimatedTotalCount: new(int64(len(all.Organizations))),
		Edges: edgesOf(nodes, cursors, func(cursor string, node *model.AtlasOrganization) *model.AtlasOrganizationEdge {
			return &model.AtlasOrganizationEdge{Cursor: cursor, Node: node}
		}),
	}, nil
}

// organizationJobs reads a list of jobs of an organization, and adds an error for each part that failed.
func organizationJobs(ctx context.Context, o *model.AtlasOrganization, states []model.RestoreJobState,
	since *model.DateTime, first *int, after *string) (*model.RestoreJobConnection, error) {
	n, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	q := restore.OrganizationQuery{First: n, States: statesOf(states), StartedAfter: timeOf(since)}
	if after != nil {
		if q.After, err = parseOrganizationCursor(*after); err != nil {
			return nil, err
		}
	}
	jobs, err := loader.From(ctx).OrganizationJobs(ctx, o.ID, q)
	if err != nil {
		return nil, err
	}
	p := jobPageOf(ctx, jobs.Jobs, jobs.Failures, mapAll(jobs.Cursors, organizationCursorText), restoreJob)
	p.info.HasNextPage, p.info.HasPreviousPage = jobs.HasNext, after != nil
	if jobs.End != (restore.OrganizationCursor{}) {
		p.info.EndCursor = new(organizationCursorText(jobs.End))
	}
	out := connectionOf(p)
	addUnread(ctx, out, jobs.Unread)
	return out, nil
}

// addUnread adds what was not read to a connection, and an error for each part that failed.
func addUnread(ctx context.Context, to *model.RestoreJobConnection, parts []*restore.UnreadError) {
	for _, unread := range parts {
		one := unreadCluster(unread)
		to.Unread = append(to.Unread, one)
		if one.Reason == model.UnreadReasonFailed {
			graphql.AddError(ctx, unread)
		}
	}
}

func unreadCluster(e *restore.UnreadError) *model.UnreadCluster {
	out := &model.UnreadCluster{GroupID: model.ObjectID(e.GroupID), Reason: model.UnreadReasonFailed}
	if e.ClusterName != "" {
		out.ClusterName = new(model.ClusterName(e.ClusterName))
	}
	if e.API != restore.AnyTier {
		out.ServedBy = &backupAPIs[e.API]
	}
	var fromAtlas *atlas.Error
	switch {
	case errors.As(e.Err, &fromAtlas):
		if fromAtlas.ErrorCode != "" {
			out.ErrorCode = &fromAtlas.ErrorCode
		}
		if fromAtlas.Status != 0 {
			out.Status = &fromAtlas.Status
		}
	case e.ClusterName == "" && errors.Is(e.Err, restore.ErrCallsSpent):
		out.Reason = model.UnreadReasonBudget
	}
	return out
}

func organizationCursorText(c restore.OrganizationCursor) string {
	return model.Cursor{List: organizationJobList, ID: c.From + "." + c.To + "." + c.JobID}.String()
}

func parseOrganizationCursor(text string) (restore.OrganizationCursor, error) {
	c, err := model.ParseCursor(organizationJobList, text)
	if err != nil {
		return restore.OrganizationCursor{}, err
	}
	parts := strings.Split(c.ID, ".")
	if len(parts) != 3 {
		return restore.OrganizationCursor{}, model.CursorError()
	}
	return restore.OrganizationCursor{From: parts[0], To: parts[1], JobID: parts[2]}, nil
}
