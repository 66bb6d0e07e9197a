package restore

import (
	"context"
	"errors"
	"fmt"

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
	// unidentified is why some results are missing from items, or nil: they cannot be decoded,
	// and nothing tells which resources they are. Other malformed results are items with an
	// error of their own.
	unidentified error
}

// mappedPage maps a page to the domain. Malformed makes the item for a result that cannot
// be decoded, or nil where nothing tells which resource that is.
func mappedPage[From, To any](
	to func(ClusterKey, *From) *To, malformed func(ClusterKey, *atlas.MalformedResult) *To,
	cluster ClusterKey, from *atlas.Page[From], err error,
) (*page[*To], error) {
	if err != nil {
		return nil, err
	}
	n := len(from.Results) + len(from.Malformed)
	p := &page[*To]{items: make([]*To, 0, n), total: from.TotalCount, more: from.HasNext()}
	results, bad := from.Results, from.Malformed
	var unidentified []*atlas.Error
	for index := range n {
		if len(bad) == 0 || bad[0].Index != index {
			p.items = append(p.items, to(cluster, &results[0]))
			results = results[1:]
			continue
		}
		if malformed == nil {
			return nil, bad[0].Err
		}
		if item := malformed(cluster, &bad[0]); item != nil {
			p.items = append(p.items, item)
		} else {
			unidentified = append(unidentified, bad[0].Err)
		}
		bad = bad[1:]
	}
	if len(unidentified) > 0 {
		one := *unidentified[0]
		if n := len(unidentified); n > 1 {
			one.Err = fmt.Errorf("%d results, the first of them: %w", n, one.Err)
		}
		p.unidentified = &one
	}
	return p, nil
}
