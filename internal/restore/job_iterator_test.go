package restore

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

// fakeList is Atlas's list of jobs, by their ids in Atlas's order.
type fakeList struct {
	ids   []string
	calls int
	// before is called before each page, to change the list under the reader.
	before func(l *fakeList, page int)
}

func (l *fakeList) list(_ context.Context, o atlas.ListOptions) (*page[*Job], error) {
	l.calls++
	if l.before != nil {
		l.before(l, o.PageNum)
	}
	start := min((o.PageNum-1)*o.ItemsPerPage, len(l.ids))
	end := min(start+o.ItemsPerPage, len(l.ids))
	p := &page[*Job]{more: end < len(l.ids)}
	for _, id := range l.ids[start:end] {
		p.items = append(p.items, &Job{Key: Key{JobID: id}})
	}
	return p, nil
}

// jobID is the id of the nth job made in a second.
func jobID(second, n int) string { return fmt.Sprintf("%08x%016x", second, n) }

// read reads behind a place until there are n jobs.
func read(t *testing.T, l *fakeList, size int, after Cursor, n int) []*listedJob {
	t.Helper()
	entries, err := readFrom(t.Context(), newJobIterator(size, l.list), after,
		func(taken []*listedJob) bool { return len(taken) >= n })
	if err != nil {
		t.Fatal(err)
	}
	return entries[:min(n, len(entries))]
}

func ids(entries []*listedJob) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.job.JobID)
	}
	return out
}

// seconds are jobs of different seconds, newest first.
func seconds(n int) []string {
	var out []string
	for i := n; i > 0; i-- {
		out = append(out, jobID(i, 0))
	}
	return out
}

func TestJobIterator_returnsAllJobsNewestFirst(t *testing.T) {
	ties := []string{jobID(9, 1), jobID(8, 2), jobID(8, 9), jobID(8, 1), jobID(8, 5), jobID(8, 3), jobID(7, 1)}
	unsorted := []string{jobID(1, 0), jobID(5, 0), jobID(3, 0), jobID(4, 0), jobID(2, 0)}
	for name, atlasOrder := range map[string][]string{
		"empty": nil, "one page": seconds(3), "many pages": seconds(25), "jobs of one second across pages": ties,
		"all of one second": {jobID(1, 3), jobID(1, 1), jobID(1, 2), jobID(1, 9), jobID(1, 4)}, "oldest first": unsorted,
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.Clone(atlasOrder)
			slices.Sort(want)
			slices.Reverse(want)
			if diff := cmp.Diff(want, ids(read(t, &fakeList{ids: atlasOrder}, 2, Cursor{}, 1000))); diff != "" {
				t.Error(diff)
			}
			// The same, page after page, each from the cursor of the last.
			var got []string
			place := Cursor{}
			for {
				next := read(t, &fakeList{ids: atlasOrder}, 2, place, 2)
				if len(next) == 0 {
					break
				}
				got = append(got, ids(next)...)
				place = Cursor{JobID: next[len(next)-1].job.JobID, Index: next[len(next)-1].index}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("page by page: " + diff)
			}
		})
	}
}

func TestJobIterator_neitherRepeatsNorSkipsWhenJobsCome(t *testing.T) {
	next := 100
	l := &fakeList{ids: seconds(20), before: func(l *fakeList, page int) {
		if page > 1 {
			next++
			l.ids = slices.Insert(l.ids, 0, jobID(next, 0))
		}
	}}
	if diff := cmp.Diff(seconds(20), ids(read(t, l, 4, Cursor{}, 1000))); diff != "" {
		t.Error(diff)
	}
}

func TestJobIterator_goesOnBehindACursorWhenJobsComeAndGo(t *testing.T) {
	all := seconds(200)
	tests := map[string]struct {
		after  Cursor
		change func([]string) []string
		want   []string
		calls  int
	}{
		"nothing has changed":   {after: Cursor{JobID: all[49], Index: 49}, change: nil, want: all[50:53], calls: 1},
		"at the edge of a page": {after: Cursor{JobID: all[99], Index: 99}, change: nil, want: all[100:103], calls: 2},
		"30 new jobs": {
			after:  Cursor{JobID: all[49], Index: 49},
			change: func(ids []string) []string { return slices.Concat(newer(30), ids) }, want: all[50:53], calls: 1,
		},
		"300 new jobs": {
			after:  Cursor{JobID: all[49], Index: 49},
			change: func(ids []string) []string { return slices.Concat(newer(300), ids) }, want: all[50:53], calls: 4,
		},
		"the job itself is gone": {
			after: Cursor{JobID: all[49], Index: 49}, change: func(ids []string) []string { return slices.Delete(ids, 49, 50) },
			want: all[50:53], calls: 1,
		},
		"all newer jobs are gone": {
			after: Cursor{JobID: all[149], Index: 149}, change: func(ids []string) []string { return ids[149:] },
			want: all[150:153], calls: 2,
		},
		"everything behind is gone": {
			after: Cursor{JobID: all[49], Index: 49}, change: func(ids []string) []string { return ids[:50] }, want: nil,
			calls: 1,
		},
		"a cursor without an index": {after: Cursor{JobID: all[149]}, change: nil, want: all[150:153], calls: 2},
		"an index that is far off":  {after: Cursor{JobID: all[49], Index: 5000}, change: nil, want: all[50:53], calls: 7},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := &fakeList{ids: slices.Clone(all)}
			if tt.change != nil {
				l.ids = tt.change(l.ids)
			}
			if diff := cmp.Diff(tt.want, ids(read(t, l, 100, tt.after, 3))); diff != "" {
				t.Error(diff)
			}
			if l.calls > tt.calls {
				t.Errorf("%d calls, want %d", l.calls, tt.calls)
			}
		})
	}
}

// newer are n jobs newer than those of seconds.
func newer(n int) []string {
	out := seconds(1000 + n)
	return out[:n]
}

func TestJobIterator_findsACursorInALongListInFewCalls(t *testing.T) {
	all := seconds(50_000)
	for _, size := range []int{100, 500} {
		l := &fakeList{ids: all}
		if diff := cmp.Diff(all[40_001:40_004], ids(read(t, l, size, Cursor{JobID: all[40_000]}, 3))); diff != "" {
			t.Error(diff)
		}
		if l.calls > 20 {
			t.Errorf("%d calls with %d a page", l.calls, size)
		}
	}
}

func TestJobs_costsOneCallForAList(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	for _, tt := range []struct {
		cluster ClusterKey
		tier    Tier
		first   int
		calls   int
	}{
		{cluster: orders, tier: Serverless, first: 20, calls: 1}, {cluster: orders, tier: Serverless, first: 98, calls: 1},
		{cluster: orders, tier: Serverless, first: 498, calls: 1}, {cluster: catalog, tier: Flex, first: 98, calls: 1},
		{cluster: catalog, tier: Flex, first: 120, calls: 1}, {cluster: reporting, tier: Dedicated, first: 20, calls: 2},
	} {
		e.tiers.setTier(tt.cluster, tt.tier)
		jobs, err := e.Jobs(t.Context(), JobQuery{Cluster: tt.cluster, First: tt.first, Count: true})
		if err != nil || len(jobs.Jobs) == 0 || jobs.EstimatedTotal == nil {
			t.Fatalf("%v: %+v, %v", tt, jobs, err)
		}
		if len(jobs.Jobs) > tt.first || jobs.HasNext != (int(*jobs.EstimatedTotal) > tt.first) {
			t.Errorf("%v: %d of %d jobs, more: %v", tt, len(jobs.Jobs), *jobs.EstimatedTotal, jobs.HasNext)
		}
		for _, j := range jobs.Jobs {
			if j.ServedBy != tt.tier || j.ClusterName != tt.cluster.Name {
				t.Errorf("%v: got %+v", tt, j)
			}
		}
		e.wantCalls(t, tt.calls)
	}
}

func TestJobs_returnsTheSameJobsPageByPageAsAtOnce(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	all, err := e.Jobs(t.Context(), JobQuery{Tier: Serverless, Cluster: orders, First: MaxFirst})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	after := Cursor{}
	for range 20 {
		page, err := e.Jobs(t.Context(), JobQuery{Tier: Serverless, Cluster: orders, First: 25, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			got = append(got, j.JobID)
		}
		after = page.End
	}
	var want []string
	for _, j := range all.Jobs {
		want = append(want, j.JobID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
