package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// addErrors adds an error for each part that is missing from a connection.
func addErrors(ctx context.Context, errs []error) {
	for _, err := range errs {
		graphql.AddError(ctx, err)
	}
}

// addNodeErrors adds an error for each element of a page that could not be decoded, at each path at
// which the operation selects its node. The context is that of the connection's field.
func addNodeErrors[T any](ctx context.Context, page []T, errOf func(T) error) {
	if !slices.ContainsFunc(page, func(element T) bool { return errOf(element) != nil }) {
		return
	}
	for _, field := range selected(ctx, graphql.GetFieldContext(ctx).Field, "edges", "nodes") {
		var nodes []graphql.CollectedField
		if field.Name == "edges" {
			nodes = selected(ctx, field, "node")
		}
		for i, element := range page {
			err := errOf(element)
			if err == nil {
				continue
			}
			path := append(graphql.GetPath(ctx), ast.PathName(field.Alias), ast.PathIndex(i))
			if field.Name == "nodes" {
				graphql.AddError(ctx, gqlerror.WrapPath(path, err))
			}
			for _, node := range nodes {
				graphql.AddError(ctx, gqlerror.WrapPath(append(slices.Clip(path), ast.PathName(node.Alias)), err))
			}
		}
	}
}

// selectedCounts returns the fields by which the operation selects the total of a connection. The
// context is that of the connection's field.
func selectedCounts(ctx context.Context) []graphql.CollectedField {
	return selected(ctx, graphql.GetFieldContext(ctx).Field, "estimatedTotalCount")
}

// addCountErrors adds an error for each of these fields when Atlas could not count.
func addCountErrors(ctx context.Context, counts []graphql.CollectedField, err error) {
	if err == nil {
		return
	}
	for _, field := range counts {
		graphql.AddError(ctx, gqlerror.WrapPath(append(graphql.GetPath(ctx), ast.PathName(field.Alias)), err))
	}
}

// selected returns the fields of these names that the operation selects in the value of a field.
func selected(ctx context.Context, of graphql.CollectedField, names ...string) []graphql.CollectedField {
	var out []graphql.CollectedField
	// The collected slice is not changed, because the execution uses it, too.
	for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), of.Selections,
		[]string{of.Definition.Type.Name()}) {
		if slices.Contains(names, f.Name) {
			out = append(out, f)
		}
	}
	return out
}
