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
	// EstimatedTotal is Atlas's estimate of the length of the list; nil when it does not say.
	EstimatedTotal *int64
}

// readSlice reads up to first elements of a list from a position: one call, or two where they stand on two pages.
func readSlice[T any](ctx context.Context,
	offset, first int, list func(context.Context, atlas.ListOptions) (*page[T], error)) (*Slice[T], error) {
	size := pageSize(first)
	out := &Slice[T]{Offset: offset}
	for number := offset/size + 1; ; number++ {
		p, err := list(ctx, atlas.ListOptions{PageNum: number, ItemsPerPage: size})
		if err != nil {
			return nil, err
		}
		if p.unidentified != nil {
			out.Failures = append(out.Failures, p.unidentified)
		}
		out.EstimatedTotal = p.total
		skip := min(max(0, offset-(number-1)*size), len(p.items))
		take := min(len(p.items)-skip, first-len(out.Items))
		out.Items = append(out.Items, p.items[skip:skip+take]...)
		out.More = p.more || skip+take < len(p.items)
		if len(out.Items) == first || !p.more {
			return out, nil
		}
	}
}
