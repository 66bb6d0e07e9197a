package guard

import (
	"context"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// ClustersNamed reads several clusters of one project. In a project that must look like one that does
// not exist it finds none, so that a link to it is null.
func (r *Reader) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*restore.Cluster, error) {
	_, err := r.enter(ctx, groupID)
	if looksMissing(err) {
		return map[string]*restore.Cluster{}, nil
	} else if err != nil {
		return nil, err
	}
	return r.next.ClustersNamed(ctx, groupID, names)
}

// Projects reads the projects that the caller may read.
func (r *Reader) Projects(ctx context.Context) (*restore.Projects, error) {
	_, grant, err := r.caller(ctx)
	if err != nil {
		return nil, err
	}
	if grant.Nothing() {
		return &restore.Projects{}, nil
	}
	if err := r.limits.Call(ctx); err != nil {
		return nil, err
	}
	all, err := r.next.Projects(ctx)
	if err != nil {
		return nil, err
	}
	out := &restore.Projects{}
	for _, p := range all.Projects {
		if grant.Allows(p.ID, authz.JobsRead) {
			out.Projects = append(out.Projects, p)
		}
	}
	// A caller that got all its projects is not told that those of other callers could not be listed.
	if named, everything := grant.Named(authz.JobsRead); everything || len(out.Projects) < len(named) {
		out.Failures = all.Failures
	}
	return out, nil
}
