package restore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

// fakeProjects are projects with jobs, whose reads cost calls.
type fakeProjects struct {
	jobs  map[string][]string // newest first, by project
	calls func(groupID string) int
	spent map[string]bool // projects for which the operation has no calls left
}

func newFakeProjects(projects, jobs int) *fakeProjects {
	f := &fakeProjects{jobs: make(map[string][]string), calls: func(string) int { return 1 }, spent: map[string]bool{}}
	for p := range projects {
		for j := range jobs {
			// The projects take turns.
			f.jobs[fakeGroup(p)] = append(f.jobs[fakeGroup(p)], fmt.Sprintf("%08x%016x", 1000+(jobs-j)*projects-p, p))
		}
	}
	return f
}

func fakeGroup(n int) string { return fmt.Sprintf("%024x", n) }

func (f *fakeProjects) groupIDs() []string {
	var ids []string
	for id := range f.jobs {
		ids = append(ids, id)
	}
	return ids
}

func (f *fakeProjects) read(ctx context.Context, q ProjectQuery) (*ProjectJobs, error) {
	if f.spent[q.GroupID] {
		return nil, ErrCallsSpent
	}
	for range f.calls(q.GroupID) {
		atlas.MeterOf(ctx).Begin()
	}
	out := &ProjectJobs{Jobs: Jobs{End: q.After}}
	for _, id := range f.jobs[q.GroupID] {
		if q.After.JobID != "" && id >= q.After.JobID {
			continue
		}
		if len(out.Jobs.Jobs) == q.First {
			out.HasNext = true
			break
		}
		out.add(&listedJob{job: &Job{Key: Key{GroupID: q.GroupID, JobID: id}}})
	}
	return out, nil
}

// readAll reads page by page, and calls before ahead of each.
func (f *fakeProjects) readAll(t *testing.T, first int, before func(page int)) (ids []string, pages []*OrganizationJobs) {
	t.Helper()
	q := OrganizationQuery{GroupIDs: f.groupIDs(), First: first}
	for page := 0; ; page++ {
		if page > 1000 {
			t.Fatal("the list does not end")
		}
		if before != nil {
			before(page)
		}
		p, err := ReadOrganization(t.Context(), q, f.read)
		if errors.Is(err, ErrCallsSpent) {
			continue // the client asks again
		}
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
		for _, job := range p.Jobs {
			ids = append(ids, job.JobID)
		}
		if !p.HasNext {
			return ids, pages
		}
		q.After = p.End
	}
}

func (f *fakeProjects) allIDs() []string {
	var ids []string
	for _, jobs := range f.jobs {
		ids = append(ids, jobs...)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids
}

func TestReadOrganization_isNewestFirstWhereAllProjectsFit(t *testing.T) {
	f := newFakeProjects(11, 7)
	for _, first := range []int{1, 5, 10, 500} {
		got, pages := f.readAll(t, first, nil)
		if !slices.Equal(got, f.allIDs()) {
			t.Errorf("%d at a time: got %v", first, got)
		}
		for _, p := range pages {
			if len(p.Unread) > 0 {
				t.Errorf("%+v is unread", p.Unread[0])
			}
		}
	}
}

func TestReadOrganization_readsSegmentsThatFitIntoTheCalls(t *testing.T) {
	f := newFakeProjects(50, 3)
	f.calls = func(string) int { return 60 } // 13 projects a page
	got, pages := f.readAll(t, 20, nil)
	if slices.Sort(got); len(got) != 150 || len(slices.Compact(got)) != 150 {
		t.Errorf("got %d jobs", len(got))
	}
	for i, p := range pages {
		groups := map[string]bool{}
		for _, job := range p.Jobs {
			groups[job.GroupID] = true
		}
		if len(groups) > 13 || i == 0 && len(p.Unread) < 50-13 {
			t.Errorf("page %d has %d projects, and %d are unread", i, len(groups), len(p.Unread))
		}
	}
}

func TestReadOrganization_losesNothingWhenFewerProjectsFitLater(t *testing.T) {
	for name, before := range map[string]func(f *fakeProjects) func(page int){
		"some are spent from the second page on": func(f *fakeProjects) func(int) {
			return func(page int) { f.spent = map[string]bool{fakeGroup(5): page%2 == 1, fakeGroup(8): page%2 == 1} }
		},
		"all cost less and less": func(f *fakeProjects) func(int) {
			return func(page int) { f.calls = func(string) int { return max(1, 200-60*page) } }
		},
		"all cost more and more": func(f *fakeProjects) func(int) {
			return func(page int) { f.calls = func(string) int { return 1 + 40*page } }
		},
	} {
		f := newFakeProjects(20, 6)
		got, _ := f.readAll(t, 7, before(f))
		if slices.Sort(got); len(slices.Compact(got)) != 120 {
			t.Errorf("%s: got %d jobs of 120", name, len(slices.Compact(got)))
		}
	}
}

func TestReadOrganization_isAnErrorWhenAllProjectsFail(t *testing.T) {
	failure := &atlas.Error{Op: "listGroupClusters", Status: 500}
	read := func(context.Context, ProjectQuery) (*ProjectJobs, error) { return nil, failure }
	_, err := ReadOrganization(t.Context(), OrganizationQuery{GroupIDs: []string{"a", "b"}, First: 1}, read)
	if err == nil || !strings.Contains(err.Error(), "listGroupClusters") {
		t.Errorf("got %v", err)
	}
	none, err := ReadOrganization(t.Context(), OrganizationQuery{First: 1}, read)
	if err != nil || len(none.Jobs) > 0 || none.HasNext {
		t.Errorf("of no projects: %+v, %v", none, err)
	}
}
