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

// Reader reads what the caller in the context may see, and nothing else. Without a
// caller it reads nothing.
type Reader struct {
	loader.PerProject // what needs no more than that the project may be read
	next              loader.Reader
	policy            *authz.PolicyFile
	limits            *authz.RateLimiter
	logger            *slog.Logger
}

var _ loader.Reader = (*Reader)(nil)

// New guards a reader by the policy, and bounds what one caller costs; limits may be nil.
func New(next loader.Reader, policy *authz.PolicyFile, limits *authz.RateLimiter, logger *slog.Logger) *Reader {
	r := &Reader{next: next, policy: policy, limits: limits, logger: logger}
	r.Choose = func(ctx context.Context, groupID string) (loader.Reader, func(), error) {
		_, err := r.enter(ctx, groupID)
		return next, func() {}, err
	}
	return r
}

// caller is who asks, and what they may.
func (r *Reader) caller(ctx context.Context) (*authz.Caller, authz.Grant, error) {
	c := authz.CallerFrom(ctx)
	if c == nil {
		return nil, authz.Grant{}, &authz.Error{Kind: authz.Unauthenticated, Message: "nobody has found out who calls"}
	}
	return c, r.policy.Policy().For(c), nil
}

// enter is asked before anything of a project is read. Every error is final: nothing
// may be called after it.
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
		// The same that Atlas says of a project that is not there, and as it would say it
		// without being asked: whether there is one makes no difference to what is done.
		return grant, atlas.ProjectNotFound(groupID)
	}
	return grant, r.limits.Call(ctx)
}

// looksMissing is whether the error of enter is that of a project that must look like a
// missing one.
func looksMissing(err error) bool {
	var e *atlas.Error
	return errors.As(err, &e)
}

// withhold takes the download URLs out of a job unless the grant is for them.
func withhold(grant authz.Grant, job *restore.Job) *restore.Job {
	if job == nil || grant.Allows(job.GroupID, authz.JobsRead|authz.DownloadsRead) {
		return job
	}
	return job.WithoutDownloads()
}

// withholdAll does so for a list, which is copied: others may be reading it.
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
