package atlassim

import (
	"cmp"
	"slices"
	"sort"
	"sync"
	"time"
)

// ledger holds the jobs of a cluster: those that are stored, and those that come with time. It is the one part of the
// store that can change; the jobs in it cannot.
//
// Finding a job or a page takes time with the logarithm of the history, not with its length.
type ledger struct {
	live *liveJobs // nil for none; does not change

	mu      sync.RWMutex
	stored  []*job       // by id and so by age, the newest last: that is where new ones go
	removed map[int]bool // numbers of live jobs that are gone
}

func byID(a, b *job) int { return cmp.Compare(a.id, b.id) }

// sort puts what the seed has stored into order. It is not for use while anybody reads.
func (l *ledger) sort() {
	if !slices.IsSortedFunc(l.stored, byID) {
		slices.SortFunc(l.stored, byID)
	}
}

// search finds the place of an id among the stored jobs; the lock is held.
func (l *ledger) search(id string) (int, bool) {
	return slices.BinarySearchFunc(l.stored, id, func(j *job, id string) int { return cmp.Compare(j.id, id) })
}

// find is one job at a moment; nil for none.
func (l *ledger) find(id string, now time.Time) *job {
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

// page is the part of the jobs at a moment that a query asks for, newest first: the jobs from place from on, of total.
func (l *ledger) page(q query, now time.Time) (jobs []*job, from, total int) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	numbers := l.live.numbers(now, l.removed)
	newest := len(l.stored) - 1 // stored job s, counted from the newest, is l.stored[newest-s]
	total = len(numbers) + len(l.stored)
	from, to := q.page(total)

	// The page begins after some live and some stored jobs, from together: how many of them are live?
	least := max(0, from-len(l.stored))
	most := min(from, len(numbers))
	i := least + sort.Search(most-least, func(k int) bool {
		live, before := numbers[least+k], l.stored[newest-(from-least-k-1)]
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
func (l *ledger) add(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, _ := l.search(j.id)
	l.stored = slices.Insert(l.stored, i, j)
}

// remove takes a job out, and says whether it was there.
func (l *ledger) remove(id string, now time.Time) bool {
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
