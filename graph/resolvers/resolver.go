package resolvers

import (
	"context"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/restore"
)

// Resolver is the root of all resolvers.
type Resolver struct {
	// Audit records that the caller reads a download URL of a job by a field. It is called before
	// the URL is returned; with its error the URL is not.
	Audit func(ctx context.Context, job restore.Key, field string) error
	// Actions plans and makes actions; nil where the schema has no mutations.
	Actions *actions.Service
}
