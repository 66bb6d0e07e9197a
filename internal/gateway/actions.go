package gateway

import (
	"context"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/restore"
)

// Actions are how actions are made. All but Forget is required; see actions.Config.
type Actions struct {
	Choose func(ctx context.Context, groupID string) (*restore.Actions, func(), error)
	Ledger actions.Ledger
	Switch *actions.Switch
	Forget func(ctx context.Context, cluster restore.ClusterKey)
}

// newActions returns the service of mutations, which reads with the Reader of the config; nil where there are none.
func newActions(c Config) (*actions.Service, error) {
	if c.Actions == nil {
		return nil, nil //nolint:nilnil // documented
	}
	return actions.New(actions.Config{
		Reader: c.Reader, Policy: c.Access.Policy, Limits: c.Access.Limits, Choose: c.Actions.Choose,
		Ledger: c.Actions.Ledger, Switch: c.Actions.Switch, Audit: c.Access.Audit.RecordAction, Forget: c.Actions.Forget,
		Logger: c.Logger,
	})
}

// refusals are the rows of the error table for actions that were not made.
var refusals = map[actions.Refusal]struct {
	code      string
	retryable bool
}{
	actions.Stopped:             {codeActionsDisabled, false},
	actions.InvalidInput:        {codeBadUserInput, false},
	actions.ConfirmationInvalid: {codeBadUserInput, false},
	actions.ConfirmationForeign: {codeBadUserInput, false},
	actions.NameMismatch:        {codeBadUserInput, false},
	actions.KeyReused:           {codeBadUserInput, false},
	actions.NotPossible:         {codeConflict, false},
	actions.ConfirmationExpired: {codeConflict, false},
	actions.PlanChanged:         {codeConflict, false},
	actions.Unrecorded:          {codeUpstreamUnavailable, true},
}

// presentRefused fills in the GraphQL error of an action that was not made.
func presentRefused(out *gqlerror.Error, e *actions.RefusedError) {
	row := refusals[e.Refusal]
	out.Message = e.Message
	setCode(out, row.code, row.retryable)
	out.Extensions["refusal"] = string(e.Refusal)
	if len(e.Changes) > 0 {
		changes := make([]map[string]any, 0, len(e.Changes))
		for _, c := range e.Changes {
			changes = append(changes, map[string]any{"what": c.What, "before": c.Before, "now": c.Now})
		}
		out.Extensions["changes"] = changes
	}
}

// presentUnknown fills in the GraphQL error of an action whose outcome is not known.
func presentUnknown(out *gqlerror.Error, e *actions.OutcomeUnknownError) {
	out.Message = e.Error()
	setCode(out, codeOutcomeUnknown, false)
	out.Extensions["groupId"], out.Extensions["clusterName"] = e.Cluster.GroupID, e.Cluster.Name
	if len(e.Candidates) > 0 {
		out.Extensions["candidates"] = e.Candidates
	}
}
