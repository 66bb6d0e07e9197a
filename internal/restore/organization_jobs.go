package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Bounds of reading an organization.
const (
	organizationConcurrency = 4 // projects that are read at once
	// organizationCalls bounds the calls for one page: the projects that would take more come with the next pages.
	// internal/cost counts with it.
	organizationCalls = 800
)

// OrganizationQuery asks for jobs of the projects of an organization.
type OrganizationQuery struct {
	// GroupIDs are the projects, in any order.
	GroupIDs []string
	// States, StartedAfter and First are those of ProjectQuery.
	States       []State
	StartedAfter time.Time
	First        int
	After        OrganizationCursor
}

// OrganizationCursor is a position in the jobs of an organization. The projects, by id, are read in segments: From is
// the first project of the segment and To the first one behind it, "" for the end. JobID is the job behind which to go
// on in the segment, "" for its beginning. The zero OrganizationCursor is the beginning.
type OrganizationCursor struct{ From, To, JobID string }

// OrganizationJobs are jobs of an organization, newest first within a segment of its projects.
type OrganizationJobs struct {
	Jobs    []*Job
	Cursors []OrganizationCursor // those of the jobs
	End     OrganizationCursor   // behind all of them
	HasNext bool
	Unread  []*UnreadError
	// Failures are as those of Jobs.
	Failures []error
}

// ReadOrganization reads jobs of the projects of an organization with read, which is Service.ProjectJobs or has that
// behind it. It reads as many projects as fit into organizationCalls, and at least one; those are a segment. The others
// are in Unread, and the next segment begins with them once all jobs of this one were returned. A page never has jobs
// of two segments. A project that fails is in Unread; when all fail, or not even one fits, it is an error.
//
// When fewer projects fit into a later page of a segment, the segment ends before the others. They begin anew with the
// next one: a job can come twice then, but none is left out.
func ReadOrganization(ctx context.Context, q OrganizationQuery,
	read func(context.Context, ProjectQuery) (*ProjectJobs, error)) (*OrganizationJobs, error) {
	groupIDs := slices.Compact(slices.Sorted(slices.Values(q.GroupIDs)))
	start, _ := slices.BinarySearch(groupIDs, q.After.From)
	stop := len(groupIDs)
	if q.After.To != "" {
		stop, _ = slices.BinarySearch(groupIDs, q.After.To)
	}
	meter := atlas.MeterOf(ctx)
	if meter == nil {
		meter = &atlas.Meter{}
		ctx = atlas.WithMeter(ctx, meter)
	}
	before := meter.Calls()
	var segment []projectResult
	for end := false; !end && start+len(segment) < stop; {
		n := len(segment)
		wave := min(organizationConcurrency, stop-start-n)
		if calls := meter.Calls() - before; n > 0 && calls*(n+wave)/n > organizationCalls {
			break // as many calls for each of these as for those before
		}
		results := make([]projectResult, wave)
		concurrently(wave, wave, func(i int) {
			results[i].groupID = groupIDs[start+n+i]
			results[i].jobs, results[i].err = read(ctx, ProjectQuery{
				GroupID: results[i].groupID, States: q.States, StartedAfter: q.StartedAfter, First: q.First,
				After: Cursor{JobID: q.After.JobID},
			})
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if n == 0 && errors.Is(results[0].err, ErrCallsSpent) {
			return nil, ErrCallsSpent // not even one fits: to leave it out would lose its jobs
		}
		for _, r := range results {
			if end = len(segment) > 0 && r.callsSpent(); end {
				break
			}
			segment = append(segment, r)
		}
	}
	out := &OrganizationJobs{}
	behind := start + len(segment)
	var from, to string
	if start < len(groupIDs) {
		from = groupIDs[start]
	}
	if behind < len(groupIDs) {
		to = groupIDs[behind]
	}
	if err := out.combine(segment, q, from, to); err != nil {
		return nil, err
	}
	for _, groupID := range groupIDs[behind:] {
		out.Unread = append(out.Unread, &UnreadError{GroupID: groupID, Err: ErrCallsSpent})
	}
	return out, nil
}

// projectResult is what was read of one project.
type projectResult struct {
	groupID string
	jobs    *ProjectJobs
	err     error
}

// callsSpent reports whether the project did not fit into the calls that the operation may make.
func (r projectResult) callsSpent() bool {
	if r.err != nil {
		return errors.Is(r.err, ErrCallsSpent)
	}
	return slices.ContainsFunc(r.jobs.Unread, func(e *UnreadError) bool { return errors.Is(e, ErrCallsSpent) })
}

// combine makes one list of the jobs of a segment. It ends where the first project ended: jobs of that project behind
// it can be newer than those of the others.
func (o *OrganizationJobs) combine(segment []projectResult, q OrganizationQuery, from, to string) error {
	var all []*Job
	var failures []error
	scannedTo := ""
	for _, r := range segment {
		if r.err != nil {
			failures = append(failures, r.err)
			o.Unread = append(o.Unread, &UnreadError{GroupID: r.groupID, Err: r.err})
			continue
		}
		all = append(all, r.jobs.Jobs.Jobs...)
		o.Unread = append(o.Unread, r.jobs.Unread...)
		o.Failures = append(o.Failures, r.jobs.Failures...)
		if r.jobs.HasNext {
			scannedTo = max(scannedTo, r.jobs.End.JobID)
		}
	}
	if len(failures) == len(segment) && len(failures) > 0 {
		return FirstFailure(failures...)
	}
	slices.SortStableFunc(all, func(a, b *Job) int { return cmp.Compare(b.JobID, a.JobID) })
	o.End = q.After
	for _, job := range all {
		if job.JobID < scannedTo || len(o.Jobs) == q.First {
			o.HasNext = true
			break
		}
		o.End = OrganizationCursor{From: from, To: to, JobID: job.JobID}
		o.Jobs, o.Cursors = append(o.Jobs, job), append(o.Cursors, o.End)
	}
	switch {
	case scannedTo != "":
		o.HasNext = true
		if len(o.Jobs) < q.First {
			o.End = OrganizationCursor{From: from, To: to, JobID: scannedTo}
		}
	case !o.HasNext && to != "":
		o.HasNext, o.End = true, OrganizationCursor{From: to}
	}
	return nil
}
