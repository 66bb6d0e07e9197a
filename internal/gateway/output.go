package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/resolvers"
)

// outputCheck makes an error of the field of each value that is not what its type promises
// (resolvers.CheckValue), or is a list that is too long (atlasLists): a marshaler could only
// write it.
type outputCheck struct{}

var _ graphql.OperationContextMutator = outputCheck{}

// ExtensionName is the name of the extension.
func (outputCheck) ExtensionName() string { return "OutputCheck" }

// Validate accepts every schema.
func (outputCheck) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext puts the check behind the resolver of each field. There are many
// fields, so none is given a function of its own.
func (outputCheck) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	outer := oc.ResolverMiddleware
	oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		value, err := outer(ctx, next)
		if err == nil {
			err = resolvers.CheckValue(value)
		}
		if err == nil {
			err = atlasListsOf(ctx).check(ctx, oc, value)
		}
		if err != nil {
			return nil, err
		}
		return value, nil
	}
	return nil
}
