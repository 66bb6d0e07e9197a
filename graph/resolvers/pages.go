package resolvers

import (
	"strconv"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
)

// The names of lists in their cursors.
const (
	jobList        = "jobs"
	projectJobList = "project-jobs"
	snapshotList   = "snapshots"
	clusterList    = "clusters"
	projectList    = "projects"
	collectionList = "collections"
	exportList     = "exports"
	bucketList     = "buckets"
	eventList      = "events"

	organizationList    = "organizations"
	organizationJobList = "organization-jobs"
)

const defaultFirst = 20

// pageSize returns the argument first, or an *model.InputError.
func pageSize(first *int) (int, error) {
	if first == nil {
		return defaultFirst, nil
	}
	if *first < 1 || *first > restore.MaxFirst {
		return 0, &model.InputError{
			Scalar: "The number", Want: "from 1 to " + strconv.Itoa(restore.MaxFirst), Got: "got " + strconv.Itoa(*first),
			Argument: "first",
		}
	}
	return *first, nil
}

// pageOf returns the page of a list that was read as a whole, and its cursors. The element of the
// cursor after is found by its id or, when it is gone, by its index.
func pageOf[T any](list string,
	all []T, id func(T) string, first int, after *string) ([]T, []string, *model.PageInfo, error) {
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
	cursors := cursorsOf(list, page, id, start)
	info := &model.PageInfo{HasNextPage: start+len(page) < len(all), HasPreviousPage: start > 0}
	setCursors(info, cursors)
	return page, cursors, info, nil
}

// cursorsOf returns the cursors of a page whose first element has the index start in its list.
func cursorsOf[T any](list string, page []T, id func(T) string, start int) []string {
	cursors := make([]string, len(page))
	for i, element := range page {
		cursors[i] = model.Cursor{List: list, ID: id(element), Index: start + i}.String()
	}
	return cursors
}

// setCursors sets the cursors of a page that begins and ends with its elements.
func setCursors(info *model.PageInfo, cursors []string) {
	if n := len(cursors); n > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[n-1]
	}
}

// nodesOf maps the elements of a page. An empty page is an empty list, not null.
func nodesOf[From, Node any](page []From, node func(From) Node) []Node {
	if len(page) == 0 {
		return []Node{}
	}
	return mapAll(page, node)
}

// edgesOf makes the edge of each node.
func edgesOf[Node, Edge any](nodes []Node, cursors []string, edge func(string, Node) Edge) []Edge {
	edges := make([]Edge, len(nodes))
	for i, node := range nodes {
		edges[i] = edge(cursors[i], node)
	}
	return edges
}

// mapAll maps a list. Nil stays nil, and an empty list stays empty.
func mapAll[From, To any](in []From, to func(From) To) []To {
	if in == nil {
		return nil
	}
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = to(v)
	}
	return out
}
