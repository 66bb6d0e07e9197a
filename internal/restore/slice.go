package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// Slice is a part of a list whose elements are told apart by their positions.
type Slice[T any] struct {
	Items []T
	// Offset is the position of the first of them.
	Offset int
	// More is true when there are more.
	More bool
	// Failures are the errors of elements that are missing, because they cannot be decoded. There is at most one for each
	// page that was read.
	Failures []error
	// EstimatedTotal is Atlas's estimate of the length of the list; nil when it does not say, or was not asked. CountErr is
	// the error because of which Atlas could not count them, or nil.
	EstimatedTotal *int64
	CountErr       error
}

// SliceQuery asks for a part of a list whose elements are told apart by their positions.
type SliceQuery struct {
	// Cluster is whose list it is; of a list of a project it has no name. JobID is the collection restore of the list of
	// its collections.
	Cluster ClusterKey
	JobID   string
	// First bounds the elements of the answer: 0 to MaxFirst; Offset is how many before them to skip.
	First, Offset int
	// Count has Atlas count the list.
	Count bool
}

// readSlice reads up to first elements of a list from a position: one call, or two where they stand on two pages.
func readSlice[T any](ctx context.Context,
	q SliceQuery, list func(context.Context, atlas.ListOptions) (*page[T], error)) (*Slice[T], error) {
	size := pageSize(q.First)
	out := &Slice[T]{Offset: q.Offset}
	for number := q.Offset/size + 1; ; number++ {
		p, err := list(ctx, atlas.ListOptions{PageNum: number, ItemsPerPage: size, Count: q.Count})
		if err != nil {
			return nil, err
		}
		if p.unidentified != nil {
			out.Failures = append(out.Failures, p.unidentified)
		}
		out.EstimatedTotal, out.CountErr = p.total, p.countErr
		skip := min(max(0, q.Offset-(number-1)*size), len(p.items))
		take := min(len(p.items)-skip, q.First-len(out.Items))
		out.Items = append(out.Items, p.items[skip:skip+take]...)
		out.More = p.more || skip+take < len(p.items)
		if len(out.Items) == q.First || !p.more {
			return out, nil
		}
	}
}
