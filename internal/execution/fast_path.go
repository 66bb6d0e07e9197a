package execution

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/fastpath"
	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/loader"
)

// NewFastPath returns a fast path that asks the resolvers of root fields for jobs.
func NewFastPath(jobs fastpath.JobResolver) *fastpath.FastPath {
	return fastpath.New(fastpath.Config{
		WriterOf: generated.WriterOf, Jobs: jobs, MaxListItems: cost.AssumedItems,
		Budget: func(ctx context.Context) *fastpath.Budget { return limitsOf(ctx).budget() },
	})
}

// keyedJobs returns the operation for the fast path: each root field asks for one job by its key, and reading one
// after the other costs no round trip more than all at once.
func keyedJobs(fields []rootField, hints loader.Plan) (fastpath.Operation, bool) {
	different := 0
	for _, n := range hints.Jobs {
		different += n
	}
	if len(fields) == 0 || hints.Prefetch == nil && different != 1 {
		return nil, false
	}
	operation := make(fastpath.Operation, len(fields))
	for i, field := range fields {
		if _, job := jobTiers[field.key.typename]; !job {
			return nil, false
		}
		operation[i] = fastpath.Job{
			Field: field.CollectedField, Type: field.key.typename,
			GroupID: model.ObjectID(field.key.values[0]), ClusterName: model.ClusterName(field.key.values[1]),
			ID: model.ObjectID(field.key.values[2]),
		}
	}
	return operation, true
}

// fieldWriter is an extension that has the fast path write the value of a field where it can. gqlgen takes a
// graphql.Marshaler from a field's middleware in the place of the value.
type fieldWriter struct{ fast *fastpath.FastPath }

var _ graphql.OperationContextMutator = fieldWriter{}

// ExtensionName is the name of the extension.
func (fieldWriter) ExtensionName() string { return "FieldWriter" }

// Validate accepts every schema.
func (fieldWriter) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext puts the writer behind all other middleware of each field.
func (f fieldWriter) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	outer := oc.ResolverMiddleware
	oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := outer(ctx, next)
		if err != nil {
			return nil, err
		}
		if written, ok := f.fast.TryField(ctx, value); ok {
			return written, nil
		}
		return value, nil
	}
	return nil
}
