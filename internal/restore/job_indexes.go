package restore

import (
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/jobindex"
)

// maxJobIndexes bounds the job indexes to about 20 MiB in all.
const maxJobIndexes = 1000

// jobIndexes tell where jobs stand in the lists of their clusters. They are safe for concurrent use.
type jobIndexes struct {
	mu      sync.Mutex // of the indexes themselves
	lists   *ttlMap[jobList, *listIndex]
	fetched *ttlMap[jobList, struct{}] // lists of which pages of other processes were fetched
}

// listIndex is what is known of one list.
type listIndex struct {
	jobindex.Index
	// unpaid is how many consecutive coalesced pages saved no call. For as many batches after the last one, doubled each
	// time, no page is read: skip counts down.
	unpaid, skip int
	// cached are the pages that were read last, the last one first.
	cached []cachedPage
}

// cachedPage is a page that was read and may be cached.
type cachedPage struct {
	options        atlas.ListOptions
	newest, oldest string // the seconds of its jobs
}

// maxCachedPages bounds the pages of one list that are looked for in the cache.
const maxCachedPages = 64

// maxSkip bounds the batches for which no page is read: then it is tried again.
const maxSkip = 64

func newJobIndexes() *jobIndexes {
	return &jobIndexes{
		lists:   newTTLMap[jobList, *listIndex](maxJobIndexes, tierTTL),
		fetched: newTTLMap[jobList, struct{}](maxJobIndexes, fetchInterval),
	}
}

// fetchInterval is the time between two fetches of the pages of a list.
const fetchInterval = 50 * time.Millisecond

// mayFetch reports whether pages of the list were not fetched within fetchInterval.
func (x *jobIndexes) mayFetch(list jobList) bool {
	_, fetched := x.fetched.get(list)
	return !fetched
}

func (x *jobIndexes) setFetched(list jobList) { x.fetched.set(list, struct{}{}) }

// learn takes a page of a list into account.
func (x *jobIndexes) learn(list jobList, o atlas.ListOptions, p *page[*Job]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known {
		index = &listIndex{}
	}
	ids := idsOn(p)
	index.Learn(indexPage(o), ids, p.more, p.total)
	if len(ids) > 0 {
		index.cached = slices.DeleteFunc(index.cached, func(c cachedPage) bool { return c.options == o })
		index.cached = slices.Insert(index.cached, 0, cachedPage{o, second(slices.Max(ids)), second(slices.Min(ids))})
		index.cached = index.cached[:min(len(index.cached), maxCachedPages)]
	}
	x.lists.set(list, index)
}

// cachedPages returns the pages that were read of a list and on which the job can stand, the last one first.
func (x *jobIndexes) cachedPages(list jobList, id string) (pages []atlas.ListOptions) {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known {
		return nil
	}
	second := second(id)
	for _, c := range index.cached {
		if c.oldest <= second && second <= c.newest {
			pages = append(pages, c.options)
		}
	}
	return pages
}

// miss takes into account that ids are not on a page that was learned.
func (x *jobIndexes) miss(list jobList, ids []string, o atlas.ListOptions, p *page[*Job]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if index, known := x.lists.get(list); known {
		index.Miss(ids, indexPage(o), idsOn(p), p.more)
	}
}

// pick returns the page of a list on which most of the ids stand.
func (x *jobIndexes) pick(list jobList, ids []string) jobindex.Pick {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known {
		index = &listIndex{}
	}
	return index.Pick(ids)
}

// coalescedPagesPay reports whether a page is to be read for a batch of several operations. It is not for a while after
// pages that saved no call: as long as clients ask for jobs that do not exist, or that stand far apart, a page delays
// them in vain.
func (x *jobIndexes) coalescedPagesPay(list jobList) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known || index.skip == 0 {
		return true
	}
	index.skip--
	return false
}

// recordCoalescedPage takes into account how many of the jobs for which a page was read stood on it.
func (x *jobIndexes) recordCoalescedPage(list jobList, found int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known {
		return
	}
	if found > 1 {
		index.unpaid, index.skip = 0, 0
		return
	}
	index.unpaid++
	index.skip = min(1<<min(index.unpaid, 10), maxSkip)
}

func idsOn(p *page[*Job]) []string {
	ids := make([]string, len(p.items))
	for i, job := range p.items {
		ids[i] = job.JobID
	}
	return ids
}

func indexPage(o atlas.ListOptions) jobindex.Page {
	return jobindex.Page{Number: o.PageNum, Size: o.ItemsPerPage}
}

func listOptions(p jobindex.Page) atlas.ListOptions {
	return atlas.ListOptions{PageNum: p.Number, ItemsPerPage: p.Size}
}
