package restore

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"atlas-restore-gateway/internal/atlas"
)

// maxPages bounds a list that has to be read to its end: 100 pages of 500 are 50 000 elements.
const maxPages = 100

// errTooLong is the error of a longer list: its beginning must not be taken for all of it.
var errTooLong = errors.New("restore: the list is longer than 100 pages")

// eachPage reads a list page by page until take returns false, or to the end. identity returns what tells elements
// apart.
func eachPage[T any](
	ctx context.Context, list func(context.Context, atlas.ListOptions) (*page[T], error), identity func(T) string,
	take func(*page[T]) (more bool),
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

// wholeList reads a list to its end, and returns the errors of results that cannot be decoded and are missing.
func wholeList[T any](
	ctx context.Context, list func(context.Context, atlas.ListOptions) (*page[T], error), identity func(T) string,
) (all []T, failures []error, err error) {
	err = eachPage(ctx, list, identity, func(p *page[T]) bool {
		all = append(all, p.items...)
		if p.unidentified != nil {
			failures = append(failures, p.unidentified)
		}
		return true
	})
	return all, failures, err
}

// pageProgress compares the pages of a list while it is read. Otherwise a list that always names a next page would be
// read without an end, and elements of one that ignores the number of the page would be taken for missing.
type pageProgress struct {
	firsts  map[string]bool // the first element of each page
	seen    map[string]bool // elements of all pages
	repeats int             // consecutive pages of which less than half was new
}

// maxRepeats bounds the consecutive pages that mostly repeat others: while a list is read, new elements move others to
// pages that were not read yet, but not by half a page each time.
const maxRepeats = 1

// continues takes a page into account that was not read before, and reports whether the list goes on with it: it does
// not begin as another page does, and it has something new, or the page before had.
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

// repeatsError returns the error of a list that does not go on with this page.
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
	// guessed is true when more is true only because the page is full.
	guessed bool
	// unidentified is the error of results that are missing from items, or nil: they cannot be decoded, and nothing tells
	// which resources they are. Other malformed results are items with an error of their own.
	unidentified error
	// polled is true when the next poll replaces the page.
	polled bool
}

// mappedPage maps a page to the domain. malformed returns the item for a result that cannot be decoded, or nil where
// nothing tells which resource that is. Where Atlas makes no backups of a cluster, the lists of what belongs to them
// are empty.
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
