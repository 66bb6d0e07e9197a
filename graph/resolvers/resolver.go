// Package resolvers answers the fields of graph/schema.graphqls. A resolver has one to
// three lines: it asks a loader and maps what comes back to the graph's model.
package resolvers

import (
	"context"

	"atlas-restore-gateway/internal/restore"
)

// Resolver is the root of all resolvers.
type Resolver struct {
	// Audit writes down that somebody reads a download URL of a job, and by which field.
	// It is asked before the URL is given away, and with an error it is not.
	Audit func(ctx context.Context, job restore.Key, field string) error
}
