package execution

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// kindsWith are the kinds of types for which a field of __Type has a value, by the name of the field (GraphQL
// specification, section 4.2.2). For other kinds the field is null; gqlgen returns an empty list or false.
var kindsWith = map[string][]string{
	"fields":        {"OBJECT", "INTERFACE"},
	"interfaces":    {"OBJECT", "INTERFACE"},
	"possibleTypes": {"INTERFACE", "UNION"},
	"enumValues":    {"ENUM"},
	"inputFields":   {"INPUT_OBJECT"},
	"isOneOf":       {"INPUT_OBJECT"},
}

// nullIntrospection is an extension that returns null for the fields of __Type that a kind of type does not have. It
// surrounds the fields of operations that read the schema.
type nullIntrospection struct{}

var _ graphql.OperationContextMutator = nullIntrospection{}

// ExtensionName is the name of the extension.
func (nullIntrospection) ExtensionName() string { return "NullIntrospection" }

// Validate accepts every schema.
func (nullIntrospection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext adds the extension to operations that read the schema.
func (nullIntrospection) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	if slices.ContainsFunc(oc.Operation.SelectionSet, mayIntrospect) {
		outer := oc.ResolverMiddleware
		oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
			if hasNoValue(graphql.GetFieldContext(ctx)) {
				return nil, nil
			}
			return outer(ctx, next)
		}
	}
	return nil
}

func mayIntrospect(s ast.Selection) bool {
	field, ok := s.(*ast.Field)
	return !ok || slices.Contains([]string{"__schema", "__type"}, field.Name)
}

// hasNoValue reports whether the field is one of __Type that the kind of the type does not have.
func hasNoValue(field *graphql.FieldContext) bool {
	if field == nil || field.Object != "__Type" || field.Parent == nil {
		return false
	}
	kinds, some := kindsWith[field.Field.Name]
	if !some {
		return false
	}
	of, known := field.Parent.Result.(*introspection.Type)
	return known && !slices.Contains(kinds, of.Kind())
}
