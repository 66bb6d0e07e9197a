package actions

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// Kind is a kind of action.
type Kind string

// The kinds.
const (
	Restore  Kind = "restore"
	Download Kind = "download"
	Cancel   Kind = "cancel"
	Snapshot Kind = "snapshot"
)

// permissionOf is what a caller needs for an action in the project of the backup.
var permissionOf = map[Kind]authz.Permission{
	Restore: authz.RestoresCreate, Cancel: authz.RestoresCancel, Download: authz.DownloadsCreate,
	Snapshot: authz.SnapshotsCreate,
}

// Config is what a Service is made of. All but Forget and Now is required.
type Config struct {
	// Reader reads what the caller in the context may see.
	Reader loader.Reader
	Policy *authz.PolicyFile
	// Limits bound the actions of one caller; nil is no limit.
	Limits *authz.RateLimiter
	// Choose returns what changes something in a project, and a function to call afterwards.
	Choose func(ctx context.Context, groupID string) (*restore.Actions, func(), error)
	Ledger Ledger
	Switch *Switch
	// Audit writes to the audit log. With its error nothing is started.
	Audit func(ctx context.Context, a audit.Action) error
	// Forget has what was read of a cluster read again, here and in other processes; nil where nothing is cached.
	Forget func(ctx context.Context, cluster restore.ClusterKey)
	Logger *slog.Logger
	// Now returns the time; nil is time.Now.
	Now func() time.Time
}

// Service plans and makes actions. It is safe for concurrent use.
type Service struct {
	config  Config
	running sync.WaitGroup // actions that were sent
}

// New returns a Service. Close must be called.
func New(c Config) (*Service, error) {
	if c.Reader == nil || c.Policy == nil || c.Choose == nil || c.Ledger == nil || c.Switch == nil || c.Audit == nil ||
		c.Logger == nil {
		return nil, errors.New("actions: something that is required is missing")
	}
	if c.Forget == nil {
		c.Forget = func(context.Context, restore.ClusterKey) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{config: c}, nil
}

// Close waits until the outcomes of the actions that were sent are recorded: a minute at most.
func (s *Service) Close() { s.running.Wait() }

// begin returns the caller of an action if it may make it, and counts the action.
func (s *Service) begin(ctx context.Context, o order) (*authz.Caller, error) {
	caller := authz.CallerFrom(ctx)
	if caller == nil {
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "the caller is not authenticated"}
	}
	if err := s.allow(ctx, caller, o); err != nil {
		return nil, err
	}
	return caller, s.config.Limits.Action(ctx, caller)
}

// allow returns an error where the caller may not make an action. One that may not even read a project learns nothing of
// it: the error is that of reading it.
func (s *Service) allow(ctx context.Context, caller *authz.Caller, o order) error {
	grant := s.config.Policy.Policy().For(caller)
	wanted := permissionOf[o.Kind]
	read := []string{o.Source.GroupID}
	if o.Kind == Restore {
		read = append(read, o.Target.GroupID) // of a cancel the job tells it
	}
	for _, groupID := range read {
		if !grant.Allows(groupID, authz.JobsRead) {
			if _, err := s.config.Reader.Project(ctx, groupID); err != nil {
				return err
			}
			return atlas.ProjectNotFound(groupID)
		}
	}
	var missing string
	switch {
	case !grant.Allows(o.Source.GroupID, authz.JobsRead|wanted):
		missing = " in the project " + o.Source.GroupID
	case o.Target.GroupID != "" && !grant.AllowsInto(o.Source.GroupID, o.Target.GroupID, wanted):
		missing = " of the project " + o.Source.GroupID + " into the project " + o.Target.GroupID
	default:
		return nil
	}
	s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "action denied", slog.String("caller", caller.Name()),
		slog.String("action", string(o.Kind)), slog.String("group_id", o.Source.GroupID))
	s.record(ctx, o.line("refused", "", "FORBIDDEN", "the caller lacks "+wanted.String()+missing))
	return &authz.Error{
		Kind: authz.Forbidden, Message: "you need the permission " + wanted.String() + missing + " for this",
	}
}

// credentialFor returns what changes something in the project of an order, and a function to call afterwards. The error
// says that there is no credential for it.
func (s *Service) credentialFor(ctx context.Context, o order) (*restore.Actions, func(), error) {
	acts, release, err := s.config.Choose(ctx, o.Source.GroupID)
	if err != nil {
		e := refuse(NotPossible, "the gateway has no credential for actions in the project %s", o.Source.GroupID)
		e.Err = err
		return nil, nil, e
	}
	return acts, release, nil
}

// record writes a line of the audit log on which the action does not depend.
func (s *Service) record(ctx context.Context, line audit.Action) {
	if err := s.config.Audit(context.WithoutCancel(ctx), line); err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelError, "the audit log has no line of an action", slog.String("step", line.Step),
			slog.String("action", line.Action), slog.String("error", err.Error()))
	}
}

// refused records why an action was not made, and returns the error.
func (s *Service) refused(ctx context.Context, o order, plan string, err error) error {
	line := o.line("refused", plan, "", err.Error())
	var refusal *RefusedError
	if errors.As(err, &refusal) {
		line.Outcome, line.Reason = string(refusal.Refusal), refusal.Message
	}
	s.record(ctx, line)
	return err
}
