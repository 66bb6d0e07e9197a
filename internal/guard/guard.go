package guard

import (
	"context"
	"errors"
	"log/slog"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// Reader reads what the caller in the context may see. Without a caller it reads nothing, and the
// error is an *authz.Error.
type Reader struct {
	loader.PerProject // the methods that check no more than that the project may be read

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
	r.Choose = func(ctx context.Context, groupID string) (loader.Reader, func(), error) {
		_, err := r.enter(ctx, groupID)
		return next, func() {}, err
	}
	return r
}

// caller returns the caller, and what the policy grants it.
func (r *Reader) caller(ctx context.Context) (*authz.Caller, authz.Grant, error) {
	c := authz.CallerFrom(ctx)
	if c == nil {
		return nil, authz.Grant{}, &authz.Error{Kind: authz.Unauthenticated, Message: "the caller is not authenticated"}
	}
	return c, r.policy.Policy().For(c), nil
}

// enter checks that the caller may read the project, and counts the read. It is called before each
// one; with its error nothing may be read.
func (r *Reader) enter(ctx context.Context, groupID string) (authz.Grant, error) {
	c, grant, err := r.caller(ctx)
	if err != nil {
		return grant, err
	}
	if !grant.Allows(groupID, authz.JobsRead) {
		r.logger.LogAttrs(ctx, slog.LevelInfo, "access denied", slog.String("caller", c.Name()), slog.String("group_id", groupID))
		if grant.ShowForbidden {
			return grant, &authz.Error{Kind: authz.Forbidden, Message: "you may not read the project " + groupID}
		}
		// The error of Atlas for a project that does not exist, without a call to Atlas: neither the
		// answer nor its duration tells whether the project exists.
		return grant, atlas.ProjectNotFound(groupID)
	}
	return grant, r.limits.Call(ctx)
}

// looksMissing reports whether the error of enter is that of a project that must look like one that
// does not exist.
func looksMissing(err error) bool {
	var e *atlas.Error
	return errors.As(err, &e)
}

// withhold returns the job without its download URLs, unless the caller may read them.
func withhold(grant authz.Grant, job *restore.Job) *restore.Job {
	if job == nil || grant.Allows(job.GroupID, authz.JobsRead|authz.DownloadsRead) {
		return job
	}
	return job.WithoutDownloads()
}

// withholdAll is withhold for a list. It returns a copy: other callers may be reading the list.
func withholdAll(grant authz.Grant, jobs *restore.Jobs) *restore.Jobs {
	if jobs == nil {
		return nil
	}
	out := *jobs
	out.Jobs = make([]*restore.Job, len(jobs.Jobs))
	for i, job := range jobs.Jobs {
		out.Jobs[i] = withhold(grant, job)
	}
	return &out
}
