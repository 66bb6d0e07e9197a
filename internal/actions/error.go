package actions

import (
	"fmt"

	"atlas-restore-gateway/internal/restore"
)

// Refusal is why an action was not made.
type Refusal string

// The refusals.
const (
	// Stopped: all actions are stopped.
	Stopped Refusal = "STOPPED"
	// InvalidInput: an argument is not what it should be.
	InvalidInput Refusal = "INVALID_INPUT"
	// NotPossible: a plan says why it cannot be started, and this is it.
	NotPossible Refusal = "NOT_POSSIBLE"
	// ConfirmationInvalid: it is none of this gateway, or was changed.
	ConfirmationInvalid Refusal = "CONFIRMATION_INVALID"
	// ConfirmationExpired: it is older than ConfirmationTTL, was used, or what remembers it was lost.
	ConfirmationExpired Refusal = "CONFIRMATION_EXPIRED"
	// ConfirmationForeign: it was given to another caller.
	ConfirmationForeign Refusal = "CONFIRMATION_FOREIGN"
	// NameMismatch: the name that was repeated is not that of the cluster.
	NameMismatch Refusal = "NAME_MISMATCH"
	// PlanChanged: what the plan has read is not so any more.
	PlanChanged Refusal = "PLAN_CHANGED"
	// KeyReused: the idempotency key belongs to another action.
	KeyReused Refusal = "IDEMPOTENCY_KEY_REUSED"
	// Unrecorded: the ledger or the audit log cannot be written.
	Unrecorded Refusal = "UNRECORDED"
)

// RefusedError is an action that was not made: nothing was sent to Atlas.
type RefusedError struct {
	Refusal Refusal
	// Message is for the caller, and says what to do.
	Message string
	// Changes are those of PlanChanged.
	Changes []Change
	// Err is the cause, for the log alone.
	Err error
}

func (e *RefusedError) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *RefusedError) Unwrap() error { return e.Err }

func refuse(why Refusal, format string, args ...any) *RefusedError {
	return &RefusedError{Refusal: why, Message: fmt.Sprintf(format, args...)}
}

// Change is something that is not as the plan has read it.
type Change struct{ What, Before, Now string }

// OutcomeUnknownError is an action that Atlas may have executed, or not.
type OutcomeUnknownError struct {
	Action Kind
	// Cluster is the one whose jobs, or snapshots, show what has happened.
	Cluster restore.ClusterKey
	// Candidates are the ids of jobs or snapshots that may be the result.
	Candidates []string
	// Err is the failure of the request.
	Err error
}

func (e *OutcomeUnknownError) Error() string {
	list := "restore jobs"
	if e.Action == Snapshot {
		list = "snapshots"
	}
	return fmt.Sprintf("nothing tells whether Atlas has executed the %s: look at the newest %s of the cluster %s in the "+
		"project %s. To have the gateway look again, send the same request with the same idempotencyKey: it is not "+
		"started again", e.Action, list, e.Cluster.Name, e.Cluster.GroupID)
}

func (e *OutcomeUnknownError) Unwrap() error { return e.Err }
