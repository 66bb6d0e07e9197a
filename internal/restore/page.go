package restore

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/atlas"
)

// maxPages bounds how far a list is read that has to be read as a whole: 100 pages of
// 500 are 50 000 things.
const maxPages = 100

// errTooLong says so, because a part must not be taken for the whole.
var errTooLong = errors.New("restore: the list is longer than 100 pages")

// eachPage reads a list page by page until take has enough of it.
func eachPage[T any](ctx context.Context, list func(context.Context, atlas.ListOptions) (*page[T], error), take func([]T) (more bool)) error {
	for number := 1; number <= maxPages; number++ {
		p, err := list(ctx, atlas.ListOptions{PageNum: number, ItemsPerPage: atlas.MaxItemsPerPage})
		if err != nil {
			return err
		}
		if !take(p.items) || !p.more {
			return nil
		}
	}
	return errTooLong
}

// page is one page of a list of Atlas.
type page[T any] struct {
	items []T
	total *int64 // Atlas's estimate; nil when it sends none
	more  bool   // there is a page behind it
}

func mappedPage[From, To any](to func(ClusterKey, *From) *To, cluster ClusterKey, from *atlas.Page[From], err error) (*page[*To], error) {
	if err != nil {
		return nil, err
	}
	p := &page[*To]{items: make([]*To, len(from.Results)), total: from.TotalCount, more: from.HasNext()}
	for i := range from.Results {
		p.items[i] = to(cluster, &from.Results[i])
	}
	return p, nil
}
