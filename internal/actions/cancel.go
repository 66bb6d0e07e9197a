package actions

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// CancelOutcome says what came of a cancel.
type CancelOutcome string

// The outcomes.
const (
	// Cancelled: Atlas says that the job is cancelled.
	Cancelled CancelOutcome = "CANCELLED"
	// CancelRequested: Atlas has accepted the cancel, and the job goes on as yet.
	CancelRequested CancelOutcome = "REQUESTED"
	// AlreadyEnded: the job had ended, or has ended in another way.
	AlreadyEnded CancelOutcome = "ALREADY_ENDED"
	// CancelNotSupported: Atlas cannot cancel jobs of this kind.
	CancelNotSupported CancelOutcome = "NOT_SUPPORTED"
)

// CancelResult is what came of a cancel, and the job as it is now.
type CancelResult struct {
	Outcome CancelOutcome
	Message string
	Job     *restore.Job
}

// CancelRestore cancels a restore job of a Dedicated cluster, by one request and up to eight calls that read. What a
// restore has changed in its target until then stays changed.
func (s *Service) CancelRestore(ctx context.Context, key restore.Key) (*CancelResult, error) {
	o := order{Kind: Cancel, Source: key.Cluster(), JobID: key.JobID}
	caller, err := s.begin(ctx, o)
	if err != nil {
		return nil, err
	}
	ctx = restore.WithNoCache(ctx)
	job, err := s.config.Reader.Job(ctx, restore.AnyTier, key)
	if err != nil {
		return nil, err
	}
	// Which project the job restores into is known only now.
	o.Target = restore.ClusterKey{GroupID: valueOf(job.TargetGroupID), Name: valueOf(job.TargetClusterName)}
	if err := s.allow(ctx, caller, o); err != nil {
		return nil, err
	}
	if job.ServedBy != restore.Dedicated {
		return &CancelResult{
			CancelNotSupported, "Atlas can cancel restore jobs of Dedicated clusters alone, and none of collections", job,
		}, nil
	}
	if job.IsOver() || job.State == restore.Ready {
		return &CancelResult{AlreadyEnded, "the job has ended already: nothing was cancelled", job}, nil
	}
	if err := s.config.Switch.check(ctx); err != nil {
		return nil, s.refused(ctx, o, "", err)
	}
	acts, release, err := s.credentialFor(ctx, o)
	if err != nil {
		return nil, s.refused(ctx, o, "", err)
	}
	defer release()
	if err := s.config.Audit(ctx, o.line("starting", "", "", "")); err != nil {
		return nil, unrecorded(err)
	}
	return s.sendCancel(ctx, acts, o, job)
}

// sendCancel sends a cancel, and looks at the job then. It goes on when the caller leaves.
func (s *Service) sendCancel(
	ctx context.Context, acts *restore.Actions, o order, before *restore.Job,
) (*CancelResult, error) {
	s.running.Add(1)
	defer s.running.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	ctx = unbounded(ctx)
	failure := acts.Cancel(ctx, before.Key)
	s.forgetAll(ctx, o)
	var rejected *atlas.Error
	if failure != nil && (!errors.As(failure, &rejected) || !rejected.Uncertain) {
		s.record(ctx, o.line("outcome", "", string(outcomeRejected), failure.Error()))
		return nil, failure
	}
	job := before
	var err error
	for _, wait := range lookups[:3] {
		if !sleep(ctx, wait) {
			break
		}
		if job, err = s.config.Reader.Job(ctx, restore.AnyTier, before.Key); err == nil && job.State != before.State {
			break
		}
	}
	result := &CancelResult{Job: job}
	switch {
	case err != nil && failure != nil, failure != nil && job.State == before.State:
		s.record(ctx, o.line("outcome", "", string(outcomeUnknown), failure.Error()))
		return nil, &OutcomeUnknownError{Action: Cancel, Cluster: o.Source, Candidates: []string{o.JobID}, Err: failure}
	case err != nil || job.State == before.State:
		result.Job = before
		result.Outcome, result.Message = CancelRequested, "Atlas has accepted the cancel, and does not report the job as "+
			"cancelled yet: watch it"
	case job.State == restore.Cancelled:
		result.Outcome, result.Message = Cancelled, "the job is cancelled: what it has changed in its target stays changed"
	default:
		result.Outcome, result.Message = AlreadyEnded, "the job has ended in another way than by the cancel"
	}
	s.record(ctx, o.line("outcome", "", string(result.Outcome), ""))
	return result, nil
}
