package loader

import (
	"context"
	"slices"

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

// ExportBuckets reads buckets of one project to which snapshots can be exported.
func (l *Loaders) ExportBuckets(ctx context.Context,
	q restore.SliceQuery) (*restore.Slice[*atlas.ExportBucket], error) {
	return lazily(l, &l.buckets, func() *unbatched[restore.SliceQuery, *restore.Slice[*atlas.ExportBucket]] {
		return newUnbatched(l, l.reader.ExportBuckets)
	}).load(ctx, q)
}

// BackupCompliancePolicy reads the backup compliance policy of one project.
func (l *Loaders) BackupCompliancePolicy(ctx context.Context, groupID string) (*restore.CompliancePolicy, error) {
	return lazily(l, &l.policies, func() *unbatched[string, *restore.CompliancePolicy] {
		return newUnbatched(l, l.reader.BackupCompliancePolicy)
	}).load(ctx, groupID)
}

// RestoreEvents reads events of one project about restores.
func (l *Loaders) RestoreEvents(ctx context.Context, q restore.EventQuery) (*restore.Events, error) {
	return inSlotOf(ctx, l, func(ctx context.Context) (*restore.Events, error) { return l.reader.RestoreEvents(ctx, q) })
}

// Organizations reads all organizations that the caller may see.
func (l *Loaders) Organizations(ctx context.Context) (*restore.Organizations, error) {
	return lazily(l, &l.organizations, func() *unbatched[struct{}, *restore.Organizations] {
		return newUnbatched(l, func(ctx context.Context, _ struct{}) (*restore.Organizations, error) {
			return l.reader.Organizations(ctx)
		})
	}).load(ctx, struct{}{})
}

// Organization returns one of the organizations that the caller may see. Of any other the error is that of Atlas for an
// organization that does not exist or, where not all could be listed, why.
func (l *Loaders) Organization(ctx context.Context, id string) (*atlas.Organization, error) {
	all, err := l.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range all.Organizations {
		if o.ID == id {
			return o, nil
		}
	}
	if err := restore.FirstFailure(all.Failures...); err != nil {
		return nil, err
	}
	return nil, atlas.OrganizationNotFound(id)
}

// OrganizationsByID is Organization for several organizations.
func (l *Loaders) OrganizationsByID(ctx context.Context, ids []string) ([]*atlas.Organization, []error) {
	found, errs := make([]*atlas.Organization, len(ids)), make([]error, len(ids))
	for i, id := range ids {
		found[i], errs[i] = l.Organization(ctx, id)
	}
	return found, errs
}

// ProjectsOf returns the projects of an organization that the caller may see, and the errors of those that could not be
// listed.
func (l *Loaders) ProjectsOf(ctx context.Context, orgID string) (*restore.Projects, error) {
	all, err := l.Projects(ctx)
	if err != nil {
		return nil, err
	}
	out := &restore.Projects{Failures: all.Failures}
	for _, p := range all.Projects {
		if p.OrgID != nil && *p.OrgID == orgID {
			out.Projects = append(out.Projects, p)
		}
	}
	return out, nil
}

// OrganizationJobs reads a list of jobs of the projects of an organization. Projects that cannot be listed are in
// Failures.
func (l *Loaders) OrganizationJobs(ctx context.Context,
	orgID string, q restore.OrganizationQuery) (*restore.OrganizationJobs, error) {
	projects, err := l.ProjectsOf(ctx, orgID)
	if err != nil {
		return nil, err
	}
	for _, p := range projects.Projects {
		q.GroupIDs = append(q.GroupIDs, p.ID)
	}
	jobs, err := inSlotOf(ctx, l, func(ctx context.Context) (*restore.OrganizationJobs, error) {
		return restore.ReadOrganization(ctx, q, l.reader.ProjectJobs)
	})
	if err != nil {
		return nil, err
	}
	out := *jobs
	out.Failures = append(slices.Clip(out.Failures), projects.Failures...)
	l.expectLinks(out.Jobs)
	return &out, nil
}
