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
type jobIterator struct {
	list  func(context.Context, atlas.ListOptions) (*page[*Job], error)
	size  int // jobs a page
	pages map[int]*page[*Job]

	nextPage int             // the page to read next
	buffer   []*listedJob    // read, and not yet given out
	seen     map[string]bool // ids that are held or were given out
	returned bool            // whether any was given out
	last     string          // the id given out last
	ended    bool            // there is nothing behind held
	// count is whether to have Atlas count; then total is its estimate, or countErr why there
	// is none.
	count    bool
	total    *int64
	countErr error
	// failures say which pages have jobs that cannot be identified.
	failures  []error
	read      pageProgress
	idlePages int // pages in a row that added nothing
	fetches   int
}

// entry is a job and about where it stands in Atlas's list.
type listedJob struct {
	job   *Job
	index int
}

var errUnsorted = errors.New("the list is not newest first")

// maxSeekPage bounds where a place is looked for.
const maxSeekPage = 1 << 20

func newJobIterator(size int, list func(context.Context, atlas.ListOptions) (*page[*Job], error)) *jobIterator {
	return &jobIterator{list: list, size: size, nextPage: 1, pages: make(map[int]*page[*Job]), seen: make(map[string]bool)}
}

// page reads one page of the list, once. It fails with errUnsorted where Atlas does
// not keep its order.
func (h *jobIterator) page(ctx context.Context, number int) (*page[*Job], error) {
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
	if !h.read.continues(ids, p.more) {
		if before := h.pages[number-1]; before == nil || !before.guessed {
			return nil, p.repeatsError()
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
func (h *jobIterator) seek(ctx context.Context, id string, index int) error {
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
			h.nextPage, h.last = low, id
			return nil
		default:
			number = (low + high) / 2
		}
		if number > maxSeekPage {
			number, high = maxSeekPage, maxSeekPage+1
		}
	}
	h.nextPage, h.last = low, id
	return nil
}

// maxIdle is how many pages in a row may add nothing: those that begin before the place to go on
// from, and those that new jobs have moved on.
const maxIdlePages = 3

// more gives the jobs that come next, at least one of them, or none at the end.
func (h *jobIterator) next(ctx context.Context) ([]*listedJob, error) {
	for {
		if out := h.takeSorted(); len(out) > 0 || h.ended {
			return out, nil
		}
		p, err := h.page(ctx, h.nextPage)
		if err != nil {
			return nil, err
		}
		held := len(h.buffer)
		for i, job := range p.items {
			// It comes again when new jobs move the list on between two pages.
			if h.seen[job.JobID] {
				continue
			}
			if err := h.add(&listedJob{job, (h.nextPage-1)*h.size + i}); err != nil {
				return nil, err
			}
		}
		if h.idlePages++; len(h.buffer) > held || !p.more {
			h.idlePages = 0
		} else if h.idlePages > maxIdlePages {
			return nil, p.repeatsError()
		}
		h.nextPage++
		h.ended = !p.more
		slices.SortFunc(h.buffer, func(a, b *listedJob) int { return cmp.Compare(b.job.JobID, a.job.JobID) })
	}
}

// hold keeps a job that was read, unless it stands before the place to go on from.
func (h *jobIterator) add(e *listedJob) error {
	id := e.job.JobID
	if h.last != "" && id >= h.last {
		if h.returned {
			return errUnsorted
		}
		return nil
	}
	h.seen[id] = true
	h.buffer = append(h.buffer, e)
	return nil
}

// take gives out what is held, but for the oldest second while there may be more of it
// on the next page.
func (h *jobIterator) takeSorted() []*listedJob {
	n := len(h.buffer)
	if !h.ended && n > 0 {
		oldest := second(h.buffer[n-1].job.JobID)
		for n > 0 && second(h.buffer[n-1].job.JobID) == oldest {
			n--
		}
	}
	out := h.buffer[:n]
	h.buffer = h.buffer[n:]
	for _, e := range out {
		h.returned, h.last = true, e.job.JobID
	}
	return out
}

// readAll reads the whole history and sorts it: the way out where Atlas does not keep
// its order.
func (h *jobIterator) readAll(ctx context.Context, after string) error {
	if h.size < atlas.MaxItemsPerPage {
		// By as few calls as can be.
		h.size, h.pages, h.read, h.failures = atlas.MaxItemsPerPage, make(map[int]*page[*Job]), pageProgress{}, nil
	}
	var all []*listedJob
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
				all = append(all, &listedJob{job, (number-1)*h.size + i})
			}
		}
		if !p.more {
			break
		}
	}
	slices.SortFunc(all, func(a, b *listedJob) int { return cmp.Compare(b.job.JobID, a.job.JobID) })
	h.buffer, h.ended = all, true
	return nil
}

// pageSize is how many jobs to list at once: the small page where it is enough, because
// large ones cost Atlas and the network. One job more than is wanted tells whether
// there are more, and the oldest of a page is not given out before the next is read.
func pageSize(first int) int {
	if first+2 <= smallPage {
		return smallPage
	}
	return atlas.MaxItemsPerPage
}

const smallPage = 100

func (s *Service) iterateJobs(tier Tier, cluster ClusterKey, size int) *jobIterator {
	return newJobIterator(size, func(ctx context.Context, o atlas.ListOptions) (*page[*Job], error) {
		return s.listJobs(ctx, tier, cluster, o)
	})
}

// readOn reads behind a place until there is enough, or nothing more.
func readFrom(ctx context.Context, h *jobIterator, after Cursor, enough func([]*listedJob) bool) ([]*listedJob, error) {
	var taken []*listedJob
	err := func() error {
		if after.JobID != "" {
			if err := h.seek(ctx, after.JobID, after.Index); err != nil {
				return err
			}
		}
		for !enough(taken) {
			next, err := h.next(ctx)
			if err != nil || len(next) == 0 {
				return err
			}
			taken = append(taken, next...)
		}
		return nil
	}()
	if errors.Is(err, errUnsorted) {
		if err = h.readAll(ctx, after.JobID); err == nil {
			taken = h.takeSorted()
		}
	}
	return taken, err
}
