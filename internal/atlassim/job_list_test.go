package atlassim

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestJobList_hasPagesOfItsJobs compares every page with the sorted jobs, while
// stored and live jobs alternate and some of both were removed.
func TestJobList_hasPagesOfItsJobs(t *testing.T) {
	from := date(2026, 3, 4, 12, 0, 0)
	now := from.Add(20 * livePeriod)
	newJobList := func(live, stored bool) *jobList {
		l := &jobList{}
		if live {
			l.live = &liveJobs{from: from, snapshot: &snapshot{}, targets: []target{newTarget("g", "c")}}
		}
		for n := range 30 {
			if stored {
				created := from.Add(time.Duration(n*37%30-5) * 51 * time.Second)
				l.add(&job{id: objectID(created, familyAdded, uint32(n)), created: created})
			}
		}
		for n := 0; n < 20; n += 6 {
			if live && !l.remove(l.live.id(n), now) {
				t.Errorf("live job %d is not removed", n)
			}
			if stored {
				l.remove(l.stored[n].id, now)
			}
		}
		return l
	}
	for name, l := range map[string]*jobList{
		"both": newJobList(true, true), "live only": newJobList(true, false), "stored only": newJobList(false, true),
		"none": newJobList(false, false),
	} {
		var want []string
		for _, j := range l.stored {
			want = append(want, j.id)
		}
		for _, n := range l.live.numbers(now, l.removed) {
			want = append(want, l.live.id(n))
		}
		slices.SortFunc(want, func(a, b string) int { return strings.Compare(b, a) })
		for size := 1; size <= len(want)+2; size++ {
			var got []string
			for page := 1; ; page++ {
				jobs, start, total := l.page(query{pageNum: page, itemsPerPage: size}, now)
				if total != len(want) || start != min((page-1)*size, total) {
					t.Fatalf("%s, page %d of %d: from %d of %d, want %d", name, page, size, start, total, len(want))
				}
				if len(jobs) == 0 {
					break
				}
				for _, j := range jobs {
					got = append(got, j.id)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in pages of %d: %v\nwant %v", name, size, got, want)
			}
		}
		for _, id := range want {
			if j := l.find(id, now); j == nil || j.id != id {
				t.Errorf("%s: %s is listed but not found", name, id)
			}
		}
		if live := l.live; live != nil && l.find(live.id(0), now) != nil {
			t.Errorf("%s: a removed job is found", name)
		}
	}
}
