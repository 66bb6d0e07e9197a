package actions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/restore"
)

// order is what is asked for. It is a part of confirmations and of the ledger.
type order struct {
	Kind        Kind               `json:"kind"`
	Source      restore.ClusterKey `json:"source"`
	SnapshotID  string             `json:"snapshot,omitempty"`
	PointInTime int64              `json:"pointInTime,omitempty"` // Unix time, in seconds
	Target      restore.ClusterKey `json:"target,omitzero"`       // of a restore
	JobID       string             `json:"job,omitempty"`         // of a cancel
	// Of a snapshot.
	Description   string `json:"description,omitempty"`
	RetentionDays int    `json:"retentionDays,omitempty"`
}

// digest identifies the order.
func (o order) digest() string {
	text, err := json.Marshal(o) //nolint:musttag // the keys of clusters; it lives a day
	if err != nil {
		panic(err) // it has only texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// pointInTime returns the point in time as a text; "" where there is none.
func (o order) pointInTime() string {
	if o.PointInTime == 0 {
		return ""
	}
	return time.Unix(o.PointInTime, 0).UTC().Format(time.RFC3339)
}

// line returns a line of the audit log about the order.
func (o order) line(step, plan, outcome, reason string) audit.Action {
	return audit.Action{
		Step: step, Action: string(o.Kind), GroupID: o.Source.GroupID, ClusterName: o.Source.Name, JobID: o.JobID,
		SnapshotID: o.SnapshotID, PointInTime: o.pointInTime(), TargetGroupID: o.Target.GroupID,
		TargetClusterName: o.Target.Name, Plan: plan, Outcome: outcome, Reason: reason,
	}
}

// isOf reports whether a job is one that the order would start.
func (o order) isOf(j *restore.Job) bool {
	if j == nil || j.Err != nil || j.ServedBy == restore.Collection || j.DeliveryType == nil {
		return false
	}
	switch {
	case o.Kind == Download:
		return *j.DeliveryType == restore.Download && equals(j.SnapshotID, o.SnapshotID)
	case !o.goesInto(j):
		return false
	case o.SnapshotID != "":
		return *j.DeliveryType == restore.Automated && equals(j.SnapshotID, o.SnapshotID)
	default:
		return *j.DeliveryType == restore.PointInTime && j.PointInTimeUTCSeconds != nil &&
			*j.PointInTimeUTCSeconds == o.PointInTime
	}
}

// goesInto reports whether a job restores into the target.
func (o order) goesInto(j *restore.Job) bool {
	return equals(j.TargetGroupID, o.Target.GroupID) && equals(j.TargetClusterName, o.Target.Name)
}

func equals(got *string, want string) bool { return got != nil && *got == want }
