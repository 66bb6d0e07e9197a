package guard

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// Reader reads what the caller in the context may see. Without a caller it reads nothing, and the
// error is an *authz.Error. Where the caller may not read a project the error is that of a project that
// does not exist or, when the policy says so, an *authz.Error.
type Reader struct {
	loader.PerProject

	next   loader.Reader
	policy *authz.PolicyFile
	limits *authz.RateLimiter
	logger *slog.Logger
}

var _ loader.Reader = (*Reader)(nil)

// New makes a Reader in front of next. The policy says what callers may see, and limits, which may be
// nil, how many reads a caller has.
func New(next loader.Reader, policy *authz.PolicyFile, limits *authz.RateLimiter, logger *slog.Logger) *Reader {
	r := &Reader{next: next, policy: policy, limits: limits, logger: logger}
	r.Choose = r.choose
	return r
}

// choose checks that the caller may read the project, and counts the read. The reader that it
// returns withholds download URLs, and who people are, unless the caller may read those, too.
func (r *Reader) choose(ctx context.Context, groupID string) (next loader.Reader, release func(), err error) {
	c, grant, err := r.caller(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !grant.Allows(groupID, authz.JobsRead) {
		r.logger.LogAttrs(ctx, slog.LevelInfo, "access denied", slog.String("caller", c.Name()),
			slog.String("group_id", groupID))
		if grant.ShowForbidden {
			return nil, nil, &authz.Error{Kind: authz.Forbidden, Message: "you may not read the project " + groupID}
		}
		// The error of Atlas for a project that does not exist, without a call to Atlas: neither the
		// answer nor its duration tells whether the project exists.
		return nil, nil, atlas.ProjectNotFound(groupID)
	}
	if err := r.limits.Call(ctx); err != nil {
		return nil, nil, err
	}
	next = r.next
	if !grant.Allows(groupID, authz.JobsRead|authz.DownloadsRead) {
		next = withoutDownloads{next}
	}
	if !grant.Allows(groupID, authz.JobsRead|authz.PeopleRead) {
		next = withoutPeople{next}
	}
	return next, func() {}, nil
}

// caller returns the caller, and what the policy grants it.
func (r *Reader) caller(ctx context.Context) (*authz.Caller, authz.Grant, error) {
	c := authz.CallerFrom(ctx)
	if c == nil {
		return nil, authz.Grant{}, &authz.Error{Kind: authz.Unauthenticated, Message: "the caller is not authenticated"}
	}
	return c, r.policy.Policy().For(c), nil
}

// looksMissing reports whether the error of choose is that of a project that must look like one that
// does not exist.
func looksMissing(err error) bool {
	var e *atlas.Error
	return errors.As(err, &e)
}

// ProjectJobs reads a list of jobs of a whole project. In a project that must look like one that does
// not exist each named cluster is unread.
func (r *Reader) ProjectJobs(ctx context.Context, q restore.ProjectQuery) (*restore.ProjectJobs, error) {
	next, _, err := r.choose(ctx, q.GroupID)
	if looksMissing(err) && len(q.ClusterNames) > 0 {
		out := &restore.ProjectJobs{Jobs: restore.Jobs{End: q.After}}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(q.ClusterNames))) {
			out.Unread = append(out.Unread, &restore.UnreadError{
				GroupID: q.GroupID, ClusterName: name, Err: atlas.ProjectNotFound(q.GroupID),
			})
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return next.ProjectJobs(ctx, q)
}

// ClustersNamed reads several clusters of one project. In a project that must look like one that does
// not exist it finds none, so that a link to it is null.
func (r *Reader) ClustersNamed(ctx context.Context,
	groupID string, names []string) (map[string]*restore.Cluster, error) {
	next, _, err := r.choose(ctx, groupID)
	if looksMissing(err) {
		return map[string]*restore.Cluster{}, nil
	}
	if err != nil {
		return nil, err
	}
	return next.ClustersNamed(ctx, groupID, names)
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

// Organizations reads the organizations of the projects that the caller may read. A caller that may read every project
// gets all of them.
func (r *Reader) Organizations(ctx context.Context) (*restore.Organizations, error) {
	_, grant, err := r.caller(ctx)
	if err != nil {
		return nil, err
	}
	if grant.Nothing() {
		return &restore.Organizations{}, nil
	}
	if _, everything := grant.Named(authz.JobsRead); everything {
		if err := r.limits.Call(ctx); err != nil {
			return nil, err
		}
		return r.next.Organizations(ctx)
	}
	projects, err := r.Projects(ctx)
	if err != nil {
		return nil, err
	}
	readable := make(map[string]bool)
	for _, p := range projects.Projects {
		if p.OrgID != nil {
			readable[*p.OrgID] = true
		}
	}
	all, err := r.next.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	out := &restore.Organizations{Failures: projects.Failures}
	for _, o := range all.Organizations {
		if readable[o.ID] {
			out.Organizations = append(out.Organizations, o)
			delete(readable, o.ID)
		}
	}
	if len(readable) > 0 {
		out.Failures = append(out.Failures, all.Failures...)
	}
	return out, nil
}
