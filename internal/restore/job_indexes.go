package restore

import (
	"sync"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/jobindex"
)

// maxJobIndexes bounds the job indexes to about 20 MiB in all.
const maxJobIndexes = 1000

// jobIndexes tell where jobs stand in the lists of their clusters. They are safe for concurrent use.
type jobIndexes struct {
	mu    sync.Mutex // of the indexes themselves
	lists *ttlMap[jobList, *jobindex.Index]
}

func newJobIndexes() *jobIndexes {
	return &jobIndexes{lists: newTTLMap[jobList, *jobindex.Index](maxJobIndexes, tierTTL)}
}

// learn takes a page of a list into account.
func (x *jobIndexes) learn(list jobList, o atlas.ListOptions, p *page[*Job]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, known := x.lists.get(list)
	if !known {
		index = &jobindex.Index{}
	}
	index.Learn(indexPage(o), idsOn(p), p.more, p.total)
	x.lists.set(list, index)
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
		index = &jobindex.Index{}
	}
	return index.Pick(ids)
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
