package resolvers

import (
	"context"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
)

// The sorts of lists, for their cursors.
const (
	jobList        = "jobs"
	projectJobList = "project-jobs"
	snapshotList   = "snapshots"
	clusterList    = "clusters"
	projectList    = "projects"
)

const defaultFirst = 20

// firstOf checks the argument first.
func firstOf(first *int) (int, error) {
	if first == nil {
		return defaultFirst, nil
	}
	if *first < 1 || *first > restore.MaxFirst {
		return 0, &model.InputError{
			Scalar: "The number", Want: "from 1 to " + strconv.Itoa(restore.MaxFirst), Got: "got " + strconv.Itoa(*first), Argument: "first",
		}
	}
	return *first, nil
}

// placeOf checks the argument after.
func placeOf(list string, after *string) (restore.Cursor, error) {
	if after == nil {
		return restore.Cursor{}, nil
	}
	c, err := model.ParseCursor(list, *after)
	return restore.Cursor{JobID: c.ID, Index: c.Index}, err
}

func cursorOf(list string, p restore.Cursor) *string {
	if p.JobID == "" {
		return nil
	}
	return new(model.Cursor{List: list, ID: p.JobID, Index: p.Index}.String())
}

// jobPage is a page of jobs as every connection of jobs has it.
func jobPage(list string, jobs *restore.Jobs, after *string) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: jobs.HasNext, HasPreviousPage: after != nil, EndCursor: cursorOf(list, jobs.End)}
	if len(jobs.Cursors) > 0 {
		info.StartCursor = cursorOf(list, jobs.Cursors[0])
	}
	return info
}

// cut takes a page out of a list that was read as a whole. Elements are found again by
// their id; when one is gone, by where it stood.
func cut[T any](list string, all []T, id func(T) string, first int, after *string) ([]T, []string, *model.PageInfo, error) {
	start := 0
	if after != nil {
		c, err := model.ParseCursor(list, *after)
		if err != nil {
			return nil, nil, nil, err
		}
		start = min(c.Index, len(all))
		for i, element := range all {
			if id(element) == c.ID {
				start = i + 1
			}
		}
	}
	page := all[start:min(start+first, len(all))]
	cursors := make([]string, len(page))
	for i, element := range page {
		cursors[i] = model.Cursor{List: list, ID: id(element), Index: start + i}.String()
	}
	info := &model.PageInfo{HasNextPage: start+len(page) < len(all), HasPreviousPage: start > 0}
	if len(page) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return page, cursors, info, nil
}

// nodesOf maps the elements of a page. A page without any is an empty list, not null.
func nodesOf[From, Node any](page []From, node func(From) Node) []Node {
	nodes := make([]Node, len(page))
	for i, v := range page {
		nodes[i] = node(v)
	}
	return nodes
}

// edgesOf puts a cursor to each node.
func edgesOf[Node, Edge any](nodes []Node, cursors []string, edge func(string, Node) Edge) []Edge {
	edges := make([]Edge, len(nodes))
	for i, node := range nodes {
		edges[i] = edge(cursors[i], node)
	}
	return edges
}

// addErrors makes an error of each part of a connection that is missing from it.
func addErrors(ctx context.Context, errs []error) {
	for _, err := range errs {
		graphql.AddError(ctx, err)
	}
}

// addNodeErrors makes an error of each element of a page that could not be decoded, at each
// place where the operation asks for its node. Ctx is that of the connection's field.
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
			place := append(graphql.GetPath(ctx), ast.PathName(field.Alias), ast.PathIndex(i))
			if field.Name == "nodes" {
				graphql.AddError(ctx, gqlerror.WrapPath(place, err))
			}
			for _, node := range nodes {
				graphql.AddError(ctx, gqlerror.WrapPath(append(slices.Clip(place), ast.PathName(node.Alias)), err))
			}
		}
	}
}

// selected are the fields of those names that the operation asks for in a field's value.
func selected(ctx context.Context, of graphql.CollectedField, names ...string) []graphql.CollectedField {
	var out []graphql.CollectedField
	// The slice is not changed: the execution uses it too.
	for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), of.Selections, []string{of.Definition.Type.Name()}) {
		if slices.Contains(names, f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// selectedCounts are the fields by which the operation asks how many elements a connection has in
// all. Ctx is that of the connection's field.
func selectedCounts(ctx context.Context) []graphql.CollectedField {
	return selected(ctx, graphql.GetFieldContext(ctx).Field, "estimatedTotalCount")
}

// addCountErrors makes an error of each of those fields, where Atlas could not count.
func addCountErrors(ctx context.Context, counts []graphql.CollectedField, err error) {
	if err == nil {
		return
	}
	for _, count := range counts {
		graphql.AddError(ctx, gqlerror.WrapPath(append(graphql.GetPath(ctx), ast.PathName(count.Alias)), err))
	}
}

func jobCursors(list string, jobs *restore.Jobs) []string {
	cursors := make([]string, len(jobs.Cursors))
	for i, place := range jobs.Cursors {
		cursors[i] = *cursorOf(list, place)
	}
	return cursors
}

func count(n int) *int64 { return new(int64(n)) }
