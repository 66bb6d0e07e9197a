package restore

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"atlas-restore-gateway/internal/atlas"
)

// maxPages bounds how far a list is read that has to be read as a whole: 100 pages of
// 500 are 50 000 things.
const maxPages = 100

// errTooLong says so, because a part must not be taken for the whole.
var errTooLong = errors.New("restore: the list is longer than 100 pages")

// eachPage reads a list page by page until take has enough of it. Identity is what tells its
// elements apart.
func eachPage[T any](
	ctx context.Context, list func(context.Context, atlas.ListOptions) (*page[T], error), identity func(T) string, take func(*page[T]) (more bool),
) error {
	var read pageProgress
	guessed := false
	for number := 1; number <= maxPages; number++ {
		p, err := list(ctx, atlas.ListOptions{PageNum: number, ItemsPerPage: atlas.MaxItemsPerPage})
		if err != nil {
			return err
		}
		ids := make([]string, len(p.items))
		for i, item := range p.items {
			ids[i] = identity(item)
		}
		if !read.continues(ids, p.more) {
			if guessed {
				return nil // the page before was the last one
			}
			return p.repeatsError()
		}
		if !take(p) || !p.more {
			return nil
		}
		guessed = p.guessed
	}
	return errTooLong
}

// pagesRead holds the pages of one reading of a list against each other. A list that names
// a next page again and again, or does not heed which one is asked for, would else be
// read without an end, or what it does not give be taken for absent.
type pageProgress struct {
	firsts  map[string]bool // the first element of each page
	seen    map[string]bool // elements of all pages
	repeats int             // pages in a row of which less than half was new
}

// maxStale is how many pages in a row may be stale: while a list is read, new elements move
// others on to pages that were not read yet, but not by half a page each time.
const maxRepeats = 1

// goesOn takes in the elements of a page that was not read before, and reports whether the list
// goes on with it: it does not begin as another page, and it has something new, or the one
// before had.
func (r *pageProgress) continues(ids []string, more bool) bool {
	if r.firsts == nil {
		r.firsts, r.seen = make(map[string]bool), make(map[string]bool)
	}
	if len(ids) > 0 {
		if r.firsts[ids[0]] {
			return false
		}
		r.firsts[ids[0]] = true
	}
	known := len(r.seen)
	for _, id := range ids {
		r.seen[id] = true
	}
	if r.repeats++; !more || len(ids) > 0 && 2*(len(r.seen)-known) >= len(ids) {
		r.repeats = 0
	}
	return r.repeats <= maxRepeats
}

var errRepeats = errors.New("the list does not go on: a page repeats what others hold")

// repeats is the error of a list that does not go on with this page.
func (p *page[T]) repeatsError() error {
	return &atlas.Error{Op: p.op, Kind: atlas.KindMalformed, Status: http.StatusOK, Err: errRepeats}
}

// page is one page of a list of Atlas.
type page[T any] struct {
	items []T
	op    string // the Atlas operation
	total *int64 // Atlas's estimate; nil when it sends none
	// countErr is why total is missing although it was asked for, or nil.
	countErr error
	more     bool // there is, or can be, a page behind it
	// guessed is whether only that it is full lets one think so.
	guessed bool
	// unidentified is why some results are missing from items, or nil: they cannot be decoded,
	// and nothing tells which resources they are. Other malformed results are items with an
	// error of their own.
	unidentified error
}

// mappedPage maps a page to the domain. Malformed makes the item for a result that cannot
// be decoded, or nil where nothing tells which resource that is. A cluster of which Atlas
// makes no backups has an empty list of what belongs to them, and not none.
func mappedPage[From, To any](
	to func(ClusterKey, *From) *To, malformed func(ClusterKey, *atlas.MalformedResult) *To,
	cluster ClusterKey, from *atlas.Page[From], err error,
) (*page[*To], error) {
	if hasNoBackups(err) {
		return &page[*To]{total: new(int64(0))}, nil
	}
	if err != nil {
		return nil, err
	}
	n := len(from.Results) + len(from.Malformed)
	p := &page[*To]{
		items: make([]*To, 0, n), op: from.Op, total: from.TotalCount,
		more: from.HasNext() || from.MayHaveNext(), guessed: from.MayHaveNext(),
	}
	if from.CountErr != nil {
		p.countErr = from.CountErr
	}
	results, bad := from.Results, from.Malformed
	var unidentified []*atlas.Error
	for index := range n {
		if len(bad) == 0 || bad[0].Index != index {
			p.items = append(p.items, to(cluster, &results[0]))
			results = results[1:]
			continue
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
