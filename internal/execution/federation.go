package execution

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/plugin/federation/fedruntime"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/model"
)

// The fields that the Apollo Federation subgraph specification adds to Query
// (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec).
const (
	entitiesField = "_entities"
	serviceField  = "_service"
)

// federation is an extension around the two fields of gqlgen's federation plugin. The plugin alone fails all references
// to a type when one of them is malformed, and answers _service only while introspection is on. Composition needs the
// SDL, which is published anyway.
type federation struct{ sdl string }

var _ graphql.OperationContextMutator = federation{}

// newFederation serves the SDL that the schema was made of, of mutations where it has them, or, where plain is true, without the directives of
// authorization.
func newFederation(schema *ast.Schema, plain bool) federation {
	sdl := schema.Query.Position.Src.Input
	if schema.Mutation != nil {
		sdl += "\n" + schema.Mutation.Position.Src.Input
	}
	if plain {
		sdl = authorizationDirectives.ReplaceAllLiteralString(sdl, "")
	}
	return federation{sdl: sdl}
}

// authorizationDirectives matches the directives, where they are applied and where they are imported. The schema writes
// them in one way; a test compares the result with the published file.
var authorizationDirectives = regexp.MustCompile(
	` @authenticated\b| @requiresScopes\(scopes: \[\["[a-z:]+"\]\]\)|"@authenticated", |"@requiresScopes", `)

// ExtensionName is the name of the extension.
func (federation) ExtensionName() string { return "Federation" }

// Validate accepts every schema.
func (federation) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext adds the extension to the operations that can ask for one of the two fields.
func (f federation) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	if slices.ContainsFunc(oc.Operation.SelectionSet, mayFederate) {
		outer := oc.ResolverMiddleware
		oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
			return outer(ctx, func(ctx context.Context) (any, error) { return f.resolve(ctx, next) })
		}
	}
	return nil
}

func mayFederate(s ast.Selection) bool {
	field, ok := s.(*ast.Field)
	return !ok || field.Name == entitiesField || field.Name == serviceField
}

func (f federation) resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	switch {
	case field.Object != "Query":
		return next(ctx)
	case field.Field.Name == serviceField:
		return fedruntime.Service{SDL: f.sdl}, nil
	case field.Field.Name == entitiesField:
		return resolveEntities(ctx, field, next)
	default:
		return next(ctx)
	}
}

// resolveEntities passes the well-formed references on to the plugin. Each of the others is null, with an error at its
// index.
func resolveEntities(ctx context.Context, field *graphql.FieldContext, next graphql.Resolver) (any, error) {
	all, _ := field.Args["representations"].([]map[string]any)
	if len(all) > MaxReferences {
		return nil, &model.InputError{
			Scalar: "The list", Want: "of at most " + strconv.Itoa(MaxReferences) + " references",
			Got: "got " + strconv.Itoa(len(all)), Argument: "representations",
		}
	}
	wellFormed := make([]map[string]any, 0, len(all))
	indexes := make(sentIndexes, 0, len(all))
	for i, representation := range all {
		if _, err := parseRepresentation(i, representation); err != nil {
			graphql.AddError(graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i)), err)
			continue
		}
		wellFormed, indexes = append(wellFormed, representation), append(indexes, i)
	}
	if len(wellFormed) == len(all) {
		return next(ctx)
	}
	field.Args["representations"] = wellFormed
	found, err := next(context.WithValue(ctx, sentIndexesKey{}, indexes))
	if err != nil {
		return nil, err
	}
	entities := make([]fedruntime.Entity, len(all))
	for i, entity := range found.([]fedruntime.Entity) { //nolint:forcetypeassert // what _entities returns
		entities[indexes[i]] = entity
	}
	return entities, nil
}

// sentIndexes are the indexes that the well-formed references had in the list that the router sent.
type sentIndexes []int

type sentIndexesKey struct{}

// SentPath returns the path of an error of a reference in the list that the router sent. The plugin's path is one in
// the list of well-formed references.
func SentPath(ctx context.Context, path ast.Path) ast.Path {
	indexes, some := ctx.Value(sentIndexesKey{}).(sentIndexes)
	if !some || len(path) != 2 || graphql.GetPathContext(ctx) == nil {
		return path
	}
	i, ok := path[1].(ast.PathIndex)
	if !ok {
		return path
	}
	return ast.Path{path[0], ast.PathIndex(indexes[i])}
}
