package resolvers

import (
	"context"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
)

// slice is a page of a list whose elements are told apart by their positions.
type slice[Node any] struct {
	nodes   []Node
	cursors []string
	info    *model.PageInfo
	total   *int64
}

// sliceOf reads a page of such a list by the arguments of the field, and adds an error for each element that is missing
// from it.
func sliceOf[From, Node any](
	ctx context.Context, list string, q restore.SliceQuery, first *int, after *string,
	read func(context.Context, restore.SliceQuery) (*restore.Slice[From], error), id func(From) string,
	node func(From) Node,
) (*slice[Node], error) {
	var err error
	if q.First, err = pageSize(first); err != nil {
		return nil, err
	}
	if after != nil {
		c, err := model.ParseCursor(list, *after)
		if err != nil {
			return nil, err
		}
		q.Offset = c.Index + 1
	}
	counts := selectedCounts(ctx)
	q.Count = len(counts) > 0
	s, err := read(ctx, q)
	if err != nil {
		return nil, err
	}
	addCountErrors(ctx, counts, s.CountErr)
	addErrors(ctx, s.Failures)
	out := &slice[Node]{
		nodes: nodesOf(s.Items, node), cursors: cursorsOf(list, s.Items, id, s.Offset),
		info: &model.PageInfo{HasNextPage: s.More, HasPreviousPage: s.Offset > 0}, total: s.EstimatedTotal,
	}
	setCursors(out.info, out.cursors)
	return out, nil
}
