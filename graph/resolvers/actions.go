package resolvers

import (
	"context"
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/restore"
)

// planRestore plans a restore. The input has exactly one of its fields, which gqlgen does not check of variables within a
// literal.
func planRestore(ctx context.Context, s *actions.Service, in model.RestoreInput) (*model.RestorePlan, error) {
	var plan *actions.Plan
	var err error
	switch {
	case (in.Snapshot == nil) == (in.PointInTime == nil):
		return nil, &model.InputError{
			Scalar: "The input", Want: "an object with exactly one of the fields snapshot and pointInTime",
			Got: "got both, or none", Argument: "input",
		}
	case in.Snapshot != nil:
		of := in.Snapshot
		plan, err = s.PlanRestore(ctx, actions.RestoreInput{
			Source: clusterKey(of.GroupID, of.ClusterName), SnapshotID: string(of.SnapshotID),
			Target: clusterKey(of.TargetGroupID, of.TargetClusterName),
		})
	default:
		p := in.PointInTime
		plan, err = s.PlanRestore(ctx, actions.RestoreInput{
			Source: clusterKey(p.GroupID, p.ClusterName), PointInTime: p.PointInTime.Time,
			Target: clusterKey(p.TargetGroupID, p.TargetClusterName),
		})
	}
	return restorePlan(plan), err
}

// restorePlan maps the plan of a restore. It returns nil for nil.
func restorePlan(p *actions.Plan) *model.RestorePlan {
	if p == nil {
		return nil
	}
	out := &model.RestorePlan{
		ServedBy: backupAPIs[p.Tier], SourceCluster: cluster(p.Source), Snapshot: snapshot(p.Snapshot),
		PointInTime: setTime(p.PointInTime), DataFrom: setTime(p.DataFrom), DataAgeSeconds: ageOf(p.DataFrom),
		TargetProject: project(p.TargetProject), TargetCluster: cluster(p.Target), Overwrites: p.Overwrites,
		RunningRestores:  make([]model.RestoreJob, 0, len(p.Running)),
		CompliancePolicy: model.CompliancePolicyKnowledge(p.Compliance),
		Warnings:         remarks(p.Warnings), Refusals: remarks(p.Refusals),
		Confirmation: setText(p.Confirmation), ConfirmationExpiresAt: setTime(p.Expires),
	}
	for _, j := range p.Running {
		out.RunningRestores = append(out.RunningRestores, restoreJob(j))
	}
	return out
}

// downloadPlan maps the plan of a download. It returns nil for nil.
func downloadPlan(p *actions.Plan) *model.DownloadPlan {
	if p == nil {
		return nil
	}
	return &model.DownloadPlan{
		ServedBy: backupAPIs[p.Tier], SourceCluster: cluster(p.Source), Snapshot: snapshot(p.Snapshot),
		DataFrom: setTime(p.DataFrom), DataAgeSeconds: ageOf(p.DataFrom),
		CompliancePolicy: model.CompliancePolicyKnowledge(p.Compliance),
		Warnings:         remarks(p.Warnings), Refusals: remarks(p.Refusals),
		Confirmation: setText(p.Confirmation), ConfirmationExpiresAt: setTime(p.Expires),
	}
}

// cancelRestoreResult maps the result of a cancel. It returns nil for nil.
func cancelRestoreResult(r *actions.CancelResult) *model.CancelRestoreResult {
	if r == nil {
		return nil
	}
	return &model.CancelRestoreResult{Outcome: model.CancelOutcome(r.Outcome), Message: r.Message, Job: restoreJob(r.Job)}
}

func snapshotInput(in model.CreateSnapshotInput, key string) actions.SnapshotInput {
	description := ""
	if in.Description != nil {
		description = *in.Description
	}
	return actions.SnapshotInput{
		Cluster: restore.ClusterKey{GroupID: string(in.GroupID), Name: string(in.ClusterName)}, Description: description,
		RetentionDays: in.RetentionInDays, IdempotencyKey: key,
	}
}

func remarks(in []actions.Remark) []*model.ActionRemark {
	out := make([]*model.ActionRemark, 0, len(in))
	for _, r := range in {
		out = append(out, &model.ActionRemark{Code: r.Code, Message: r.Message})
	}
	return out
}

// setTime returns nil for the zero time, and setText for an empty text.
func setTime(t time.Time) *model.DateTime {
	if t.IsZero() {
		return nil
	}
	return &model.DateTime{Time: t}
}

func setText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ageOf returns how many seconds ago a time was; nil for the zero time.
func ageOf(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(int64(time.Since(t) / time.Second))
}
