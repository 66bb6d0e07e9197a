package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// jobIterator reads the jobs of one cluster, newest first. Atlas's lists are in this order to the second: jobs of one
// second stand in any order there, also across two pages. The iterator returns jobs in the order of their ids, newest
// first, which is total, so that the id of a job is a cursor.
//
// It is not safe for concurrent use.
type jobIterator struct {
	list  func(context.Context, atlas.ListOptions) (*page[*Job], error)
	size  int // jobs of a page
	pages map[int]*page[*Job]

	nextPage int             // the page to read next
	buffer   []*listedJob    // read, and not yet returned
	seen     map[string]bool // ids in buffer and those returned
	returned bool            // a job was returned
	last     string          // the id returned last
	ended    bool            // there is nothing behind buffer
	// count has Atlas count the list; then total is its estimate, or countErr why there is none.
	count    bool
	total    *int64
	countErr error
	// failures are the errors of pages with jobs that cannot be identified.
	failures  []error
	read      pageProgress
	idlePages int // consecutive pages that added nothing
	fetches   int // pages that were read
}

// listedJob is a job and about where it stands in Atlas's list.
type listedJob struct {
	job   *Job
	index int
}

var errUnsorted = errors.New("the list is not newest first")

// maxSeekPage bounds the pages among which a cursor is looked for.
const maxSeekPage = 1 << 20

func newJobIterator(size int, list func(context.Context, atlas.ListOptions) (*page[*Job], error)) *jobIterator {
	return &jobIterator{list: list, size: size, nextPage: 1, pages: make(map[int]*page[*Job]), seen: make(map[string]bool)}
}

// page reads one page of the list, once. Its error is errUnsorted where the list is not newest first.
func (h *jobIterator) page(ctx context.Context, number int) (*page[*Job], error) {
	if p, ok := h.pages[number]; ok {
		return p, nil
	}
	// It is enough to count with one page.
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

// second returns the part of an ObjectID that says when it was made. It sorts as the time does.
func second(id string) string { return id[:min(8, len(id))] }

// seek makes the iterator go on behind the job with this id, which need not exist any more. index is about where it
// stood; jobs may have come and gone since.
func (h *jobIterator) seek(ctx context.Context, id string, index int) error {
	after := second(id)
	// low is the last page that begins with a newer second than the job's: what is behind the job cannot stand on a page
	// before it.
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

// maxIdlePages bounds the consecutive pages that add nothing: those before the cursor, and those whose jobs were moved
// there by new ones.
const maxIdlePages = 3

// next returns the jobs that come next: at least one, or none at the end.
func (h *jobIterator) next(ctx context.Context) ([]*listedJob, error) {
	for {
		if out := h.takeSorted(); len(out) > 0 || h.ended {
			return out, nil
		}
		p, err := h.page(ctx, h.nextPage)
		if err != nil {
			return nil, err
		}
		buffered := len(h.buffer)
		for i, job := range p.items {
			// It is read again when new jobs move it to the next page.
			if h.seen[job.JobID] {
				continue
			}
			if err := h.add(&listedJob{job, (h.nextPage-1)*h.size + i}); err != nil {
				return nil, err
			}
		}
		if h.idlePages++; len(h.buffer) > buffered || !p.more {
			h.idlePages = 0
		} else if h.idlePages > maxIdlePages {
			return nil, p.repeatsError()
		}
		h.nextPage++
		h.ended = !p.more
		slices.SortFunc(h.buffer, func(a, b *listedJob) int { return cmp.Compare(b.job.JobID, a.job.JobID) })
	}
}

// add adds a job that was read to the buffer, unless it stands before the cursor.
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

// takeSorted takes the jobs from the buffer, except those of the oldest second while the next page may have more of it.
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

// readAll reads the whole list and sorts it: for lists that are not newest first.
func (h *jobIterator) readAll(ctx context.Context, after string) error {
	if h.size < atlas.MaxItemsPerPage {
		// With as few calls as possible.
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

// pageSize returns the size of the pages for the first jobs of a list: a small page where that is enough, because large
// ones cost Atlas and the network. One job more than is wanted tells whether there are more, and the oldest of a page
// is not returned before the next page is read.
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

// readFrom reads jobs behind a cursor until enough reports true, or to the end.
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
