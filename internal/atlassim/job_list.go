package atlassim

import (
	"cmp"
	"slices"
	"sort"
	"sync"
	"time"
)

// jobList is the restore jobs of a cluster: those that are stored, and those that appear with the clock. It is the only
// part of the store that changes; the jobs in it do not.
//
// To find a job or a page takes logarithmic time in the number of jobs.
type jobList struct {
	live *liveJobs // nil for none; does not change

	mu      sync.RWMutex
	stored  []*job       // by id and so by age, the newest last
	removed map[int]bool // numbers of live jobs that were removed
}

func byID(a, b *job) int { return cmp.Compare(a.id, b.id) }

// sort sorts the stored jobs. It must not be called concurrently with other methods.
func (l *jobList) sort() {
	if !slices.IsSortedFunc(l.stored, byID) {
		slices.SortFunc(l.stored, byID)
	}
}

// search returns the index of an id in the stored jobs, and whether it is there. The lock is held.
func (l *jobList) search(id string) (int, bool) {
	return slices.BinarySearchFunc(l.stored, id, func(j *job, id string) int { return cmp.Compare(j.id, id) })
}

// find returns the job with an id at a time; nil for none.
func (l *jobList) find(id string, now time.Time) *job {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if i, ok := l.search(id); ok {
		return l.stored[i]
	}
	if n, ok := l.live.find(id, now); ok && !l.removed[n] {
		return l.live.job(n)
	}
	return nil
}

// page returns the page of the jobs at a time that a query selects, newest first: those from index from on, of total.
func (l *jobList) page(q query, now time.Time) (jobs []*job, from, total int) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	numbers := l.live.numbers(now, l.removed)
	newest := len(l.stored) - 1 // stored job s, counted from the newest, is l.stored[newest-s]
	total = len(numbers) + len(l.stored)
	from, to := q.page(total)

	// Before the page are i live and s stored jobs, with i+s = from.
	lowest := max(0, from-len(l.stored))
	highest := min(from, len(numbers))
	i := lowest + sort.Search(highest-lowest, func(k int) bool {
		live, before := numbers[lowest+k], l.stored[newest-(from-lowest-k-1)]
		return l.live.id(live) < before.id
	})
	s := from - i
	jobs = make([]*job, 0, to-from)
	for len(jobs) < to-from {
		if s > newest || (i < len(numbers) && l.live.id(numbers[i]) > l.stored[newest-s].id) {
			jobs = append(jobs, l.live.job(numbers[i]))
			i++
		} else {
			jobs = append(jobs, l.stored[newest-s])
			s++
		}
	}
	return jobs, from, total
}

// add stores a job whose id is new.
func (l *jobList) add(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, _ := l.search(j.id)
	l.stored = slices.Insert(l.stored, i, j)
}

// replace replaces the job of the same id.
func (l *jobList) replace(j *job, now time.Time) {
	l.remove(j.id, now)
	l.add(j)
}

// remove removes a job, and reports whether it existed.
func (l *jobList) remove(id string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.search(id); ok {
		l.stored = slices.Delete(l.stored, i, i+1)
		return true
	}
	n, ok := l.live.find(id, now)
	if !ok || l.removed[n] {
		return false
	}
	if l.removed == nil {
		l.removed = map[int]bool{}
	}
	l.removed[n] = true
	return true
}
