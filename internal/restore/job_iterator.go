package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// history reads the jobs of one cluster newest first. That is the order of Atlas's
// lists, to the second: jobs of one second stand in any order there, and may do so
// across two pages. Here they are in the order of their ids, newest first, which is
// total, so that a job's id is a place to go on from.
//
// A history belongs to one reader and is not safe for concurrent use.
type history struct {
	list  func(context.Context, atlas.ListOptions) (*page[*Job], error)
	size  int // jobs a page
	pages map[int]*page[*Job]

	next  int             // the page to read next
	held  []*entry        // read, and not yet given out
	known map[string]bool // ids that are held or were given out
	given bool            // whether any was given out
	last  string          // the id given out last
	ended bool            // there is nothing behind held
	// count is whether to have Atlas count; then total is its estimate, or countErr why there
	// is none.
	count    bool
	total    *int64
	countErr error
	// failures say which pages have jobs that cannot be identified.
	failures []error
	read     pagesRead
	idle     int // pages in a row that added nothing
	fetches  int
}

// entry is a job and about where it stands in Atlas's list.
type entry struct {
	job   *Job
	index int
}

var errUnsorted = errors.New("the list is not newest first")

// maxSeekPage bounds where a place is looked for.
const maxSeekPage = 1 << 20

func newHistory(size int, list func(context.Context, atlas.ListOptions) (*page[*Job], error)) *history {
	return &history{list: list, size: size, next: 1, pages: make(map[int]*page[*Job]), known: make(map[string]bool)}
}

// page reads one page of the list, once. It fails with errUnsorted where Atlas does
// not keep its order.
func (h *history) page(ctx context.Context, number int) (*page[*Job], error) {
	if p, ok := h.pages[number]; ok {
		return p, nil
	}
	// One page is enough to know how much there is.
	p, err := h.list(ctx, atlas.ListOptions{PageNum: number, ItemsPerPage: h.size, Count: h.count && h.fetches == 0})
	if err != nil {
		return nil, err
	}
	h.fetches++
	if h.count && h.fetches == 1 {
		h.total, h.countErr = p.total, p.countErr
	}
	ids := make([]string, len(p.items))
	for i, job := range p.items {
		ids[i] = job.JobID
	}
	if !h.read.goesOn(ids, p.more) {
		if before := h.pages[number-1]; before == nil || !before.guessed {
			return nil, p.repeats()
		}
		p = &page[*Job]{} // the page before was the last one
	}
	h.pages[number] = p
	if p.unidentified != nil {
		h.failures = append(h.failures, p.unidentified)
	}
	if !slices.IsSortedFunc(p.items, func(a, b *Job) int { return cmp.Compare(second(b.JobID), second(a.JobID)) }) {
		return nil, errUnsorted
	}
	return p, nil
}

// second is the part of an ObjectID that says when; it sorts as the time does.
func second(id string) string { return id[:min(8, len(id))] }

// seek makes the history go on behind the job with this id, which need not be there
// any more. Index is about where it stood; jobs that have come or gone since are
// taken account of.
func (h *history) seek(ctx context.Context, id string, index int) error {
	after := second(id)
	// The last page that begins with a newer second than the job's: nothing that is
	// behind the job can stand on a page before it.
	low, high := 1, 0
	for number := max(index/h.size+1, 1); ; {
		p, err := h.page(ctx, number)
		if err != nil {
			return err
		}
		if number == 1 || len(p.items) > 0 && second(p.items[0].JobID) > after {
			low = number
			if !p.more || len(p.items) == 0 || second(p.items[len(p.items)-1].JobID) <= after {
				break
			}
		} else {
			high = number
		}
		switch {
		case high == 0:
			number = low * 2
		case high-low <= 1:
			h.next, h.last = low, id
			return nil
		default:
			number = (low + high) / 2
		}
		if number > maxSeekPage {
			number, high = maxSeekPage, maxSeekPage+1
		}
	}
	h.next, h.last = low, id
	return nil
}

// maxIdle is how many pages in a row may add nothing: those that begin before the place to go on
// from, and those that new jobs have moved on.
const maxIdle = 3

// more gives the jobs that come next, at least one of them, or none at the end.
func (h *history) more(ctx context.Context) ([]*entry, error) {
	for {
		if out := h.take(); len(out) > 0 || h.ended {
			return out, nil
		}
		p, err := h.page(ctx, h.next)
		if err != nil {
			return nil, err
		}
		held := len(h.held)
		for i, job := range p.items {
			// It comes again when new jobs move the list on between two pages.
			if h.known[job.JobID] {
				continue
			}
			if err := h.hold(&entry{job, (h.next-1)*h.size + i}); err != nil {
				return nil, err
			}
		}
		if h.idle++; len(h.held) > held || !p.more {
			h.idle = 0
		} else if h.idle > maxIdle {
			return nil, p.repeats()
		}
		h.next++
		h.ended = !p.more
		slices.SortFunc(h.held, func(a, b *entry) int { return cmp.Compare(b.job.JobID, a.job.JobID) })
	}
}

// hold keeps a job that was read, unless it stands before the place to go on from.
func (h *history) hold(e *entry) error {
	id := e.job.JobID
	if h.last != "" && id >= h.last {
		if h.given {
			return errUnsorted
		}
		return nil
	}
	h.known[id] = true
	h.held = append(h.held, e)
	return nil
}

// take gives out what is held, but for the oldest second while there may be more of it
// on the next page.
func (h *history) take() []*entry {
	n := len(h.held)
	if !h.ended && n > 0 {
		oldest := second(h.held[n-1].job.JobID)
		for n > 0 && second(h.held[n-1].job.JobID) == oldest {
			n--
		}
	}
	out := h.held[:n]
	h.held = h.held[n:]
	for _, e := range out {
		h.given, h.last = true, e.job.JobID
	}
	return out
}

// readAll reads the whole history and sorts it: the way out where Atlas does not keep
// its order.
func (h *history) readAll(ctx context.Context, after string) error {
	if h.size < atlas.MaxItemsPerPage {
		// By as few calls as can be.
		h.size, h.pages, h.read, h.failures = atlas.MaxItemsPerPage, make(map[int]*page[*Job]), pagesRead{}, nil
	}
	var all []*entry
	seen := make(map[string]bool)
	for number := 1; ; number++ {
		if number > maxPages {
			return errTooLong
		}
		if _, err := h.page(ctx, number); err != nil && !errors.Is(err, errUnsorted) {
			return err
		}
		p := h.pages[number]
		for i, job := range p.items {
			if !seen[job.JobID] && (after == "" || job.JobID < after) {
				seen[job.JobID] = true
				all = append(all, &entry{job, (number-1)*h.size + i})
			}
		}
		if !p.more {
			break
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Compare(b.job.JobID, a.job.JobID) })
	h.held, h.ended = all, true
	return nil
}
