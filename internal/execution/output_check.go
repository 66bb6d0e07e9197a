package execution

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/resolvers"
)

// outputCheck is an extension that fails each field whose value is not what its type promises (resolvers.CheckValue) or
// is a list that is too long (checkList): gqlgen's marshalers write every value.
type outputCheck struct{}

var _ graphql.OperationContextMutator = outputCheck{}

// ExtensionName is the name of the extension.
func (outputCheck) ExtensionName() string { return "OutputCheck" }

// Validate accepts every schema.
func (outputCheck) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext puts the check behind the resolver of each field, in one function for all of them: an
// operation has many fields.
func (outputCheck) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	outer := oc.ResolverMiddleware
	oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := outer(ctx, next)
		if err == nil {
			err = resolvers.CheckValue(value)
		}
		if err == nil {
			err = checkList(ctx, oc, value)
		}
		if err != nil {
			return nil, err
		}
		return value, nil
	}
	return nil
}
