package restore

import (
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestJobIndexes_stopCoalescedPagesThatSaveNoCall(t *testing.T) {
	x := newJobIndexes()
	list := jobList{tier: Dedicated, cluster: bulk}
	// skipped returns for how many batches no page is read.
	skipped := func() (n int) {
		for !x.coalescedPagesPay(list) {
			n++
		}
		return n
	}
	x.recordCoalescedPage(list, 0)
	if n := skipped(); n != 0 {
		t.Errorf("%d batches of an unknown list are skipped", n)
	}
	x.learn(list, atlas.ListOptions{PageNum: 1, ItemsPerPage: 100}, &page[*Job]{})
	for _, step := range []struct{ found, want int }{
		{found: 5, want: 0}, {found: 1, want: 2}, {found: 0, want: 4}, {found: 0, want: 8}, {found: 2, want: 0},
		{found: 0, want: 2},
	} {
		x.recordCoalescedPage(list, step.found)
		if n := skipped(); n != step.want {
			t.Errorf("after a page with %d of the jobs %d batches are skipped, want %d", step.found, n, step.want)
		}
	}
	for range 100 {
		x.recordCoalescedPage(list, 0)
	}
	if n := skipped(); n != maxSkip {
		t.Errorf("%d batches are skipped, want at most %d", n, maxSkip)
	}
}
