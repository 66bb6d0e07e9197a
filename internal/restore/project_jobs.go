package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// Bounds of reading a whole project.
const (
	projectConcurrency = 8  // clusters that are read at once
	projectPages       = 10 // pages of one cluster that one question may cost
	// projectBudget is how many pages one question may cost in all where no clusters are named:
	// of projects with more than 25 clusters fewer pages of each are read. internal/cost counts
	// with it.
	projectBudget = 250
	// MaxClusterNames is how many clusters can be named in one question.
	MaxClusterNames = 100
)

// ProjectQuery asks for jobs of a whole project, over clusters and tiers, newest first.
type ProjectQuery struct {
	GroupID string
	// ClusterNames are the clusters to read; none means all.
	ClusterNames []string
	// States and DeliveryTypes are what to keep; none means all.
	States        []State
	DeliveryTypes []DeliveryType
	// StartedAfter keeps jobs made after it, in whole seconds; zero means all.
	StartedAfter time.Time
	// First is how many jobs at most: 0 to MaxFirst.
	First int
	// After is where to go on.
	After Cursor
}

// keeps reports whether the query asks for the job. It does for one that cannot be decoded:
// nothing tells that it does not.
func (q *ProjectQuery) keeps(j *Job) bool {
	if j.Err != nil {
		return true
	}
	return (len(q.States) == 0 || slices.Contains(q.States, j.State)) &&
		(len(q.DeliveryTypes) == 0 || j.DeliveryType != nil && slices.Contains(q.DeliveryTypes, *j.DeliveryType))
}

// ProjectJobs are jobs of a whole project, and what of it could not be read.
type ProjectJobs struct {
	Jobs
	Unread []*UnreadError
}

// UnreadError says what part of a project could not be read, and why: a cluster, or,
// where it has no name, all clusters of some API.
type UnreadError struct {
	ClusterName string
	Err         error
}

func (e *UnreadError) Error() string {
	if e.ClusterName == "" {
		return "restore: clusters could not be listed: " + e.Err.Error()
	}
	return "restore: cluster " + e.ClusterName + " could not be read: " + e.Err.Error()
}

// AsUnreadError is the error as an UnreadError; one of no cluster where it is none.
func AsUnreadError(err error) *UnreadError {
	var unread *UnreadError
	if errors.As(err, &unread) {
		return unread
	}
	return &UnreadError{Err: err}
}

func (e *UnreadError) Unwrap() error { return e.Err }

// ProjectJobs reads jobs of a whole project, which no API of Atlas lists: two or three
// calls for the clusters and one or more for each of them, side by side. A cluster
// that fails is in Unread and the others are served; when nothing could be read it is
// an error.
//
// A question costs at most projectPages calls a cluster, and one at least. When a rare state is searched
// for, the answer may therefore hold fewer jobs than asked for and still say that
// there are more; End leads on.
func (s *Service) ProjectJobs(ctx context.Context, q ProjectQuery) (*ProjectJobs, error) {
	out := &ProjectJobs{Jobs: Jobs{End: q.After}}
	scans, err := s.scans(ctx, q, out)
	if err != nil {
		return nil, err
	}
	concurrently(len(scans), projectConcurrency, func(i int) { scans[i].read(ctx, s, &q) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out.combine(scans, &q)
	return out, nil
}

// scan is the reading of one cluster.
type scan struct {
	cluster ClusterKey
	api     Tier

	pages    int      // how many may be read
	entries  []*entry // what the query keeps
	frontier string   // everything newer than this job was looked at; "" at the end
	failures []error  // as Jobs.Failures
	err      error
}

// scans lists what there is to read.
func (s *Service) scans(ctx context.Context, q ProjectQuery, out *ProjectJobs) ([]*scan, error) {
	if len(q.ClusterNames) > 0 {
		names := slices.Compact(slices.Sorted(slices.Values(q.ClusterNames)))
		scans := make([]*scan, len(names))
		for i, name := range names {
			scans[i] = &scan{cluster: ClusterKey{q.GroupID, name}, pages: projectPages}
		}
		return scans, nil
	}
	all, err := s.Clusters(ctx, q.GroupID)
	if err != nil {
		return nil, err
	}
	for _, err := range all.Failures {
		out.Unread = append(out.Unread, AsUnreadError(err))
	}
	var scans []*scan
	for _, c := range all.Clusters {
		// Atlas makes no backups of Free clusters: there is nothing to ask.
		if !c.Free {
			scans = append(scans, &scan{cluster: c.ClusterKey, api: c.ServedBy})
		}
	}
	for _, c := range scans {
		c.pages = min(projectPages, max(1, projectBudget/len(scans)))
	}
	return scans, nil
}

// read reads until it has enough, or has spent what one question may cost.
func (c *scan) read(ctx context.Context, s *Service, q *ProjectQuery) {
	ask := func(ctx context.Context, api Tier) (*scan, error) { return c.readFrom(ctx, s, api, q) }
	if c.api != AnyTier {
		_, c.err = ask(ctx, c.api)
		return
	}
	_, c.err = find(ctx, s, c.cluster, ask)
}

func (c *scan) readFrom(ctx context.Context, s *Service, api Tier, q *ProjectQuery) (*scan, error) {
	size := pageSize(q.First)
	if len(q.States)+len(q.DeliveryTypes) > 0 {
		size = atlas.MaxItemsPerPage
	}
	h := s.history(api, c.cluster, size)
	c.entries, c.frontier, c.failures = nil, "", nil
	ended, looked, sought := false, 0, -1
	taken, err := readOn(ctx, h, q.After, func(taken []*entry) bool {
		if sought < 0 {
			sought = h.fetches // what it cost to find the place does not count
		}
		for ; looked < len(taken) && !ended; looked++ {
			job := taken[looked].job
			if !q.StartedAfter.IsZero() && !job.CreatedAt().After(q.StartedAfter) {
				ended = true
			} else if q.keeps(job) {
				c.entries = append(c.entries, taken[looked])
			}
		}
		return ended || len(c.entries) > q.First || h.fetches-sought >= c.pages
	})
	if err != nil {
		return nil, err
	}
	c.failures = h.failures
	if looked < len(taken) {
		// The list was not sorted, and read as a whole: look at it all, anew.
		c.entries = nil
		for _, e := range taken {
			if q.keeps(e.job) && (q.StartedAfter.IsZero() || e.job.CreatedAt().After(q.StartedAfter)) {
				c.entries = append(c.entries, e)
			}
		}
		return c, nil
	}
	if read := h.ended && len(h.held) == 0; !ended && !read && len(taken) > 0 {
		c.frontier = taken[len(taken)-1].job.JobID
	}
	return c, nil
}

// combine makes one list of what the scans found, newest first. It ends where the
// first of them stopped looking: what lies behind could be newer than the others'.
func (p *ProjectJobs) combine(scans []*scan, q *ProjectQuery) {
	var all []*entry
	frontier := ""
	for _, c := range scans {
		if c.err != nil {
			p.Unread = append(p.Unread, &UnreadError{ClusterName: c.cluster.Name, Err: c.err})
			continue
		}
		for _, err := range c.failures {
			p.Unread = append(p.Unread, &UnreadError{ClusterName: c.cluster.Name, Err: err})
		}
		all = append(all, c.entries...)
		frontier = max(frontier, c.frontier)
	}
	slices.SortFunc(all, func(a, b *entry) int {
		order := cmp.Compare(b.job.JobID, a.job.JobID)
		switch undecoded := b.job.Err != nil; {
		case order != 0 || undecoded == (a.job.Err != nil):
			return order
		case undecoded:
			return -1
		default:
			return 1
		}
	})
	seen := ""
	for _, e := range all {
		if e.job.JobID == seen {
			continue // listed by two APIs
		}
		seen = e.job.JobID
		if e.job.JobID < frontier || len(p.Jobs.Jobs) == q.First {
			p.HasNext = true
			break
		}
		// A place in one cluster's list says nothing about the others'.
		p.add(&entry{job: e.job})
	}
	if frontier != "" {
		p.HasNext = true
		if len(p.Jobs.Jobs) < q.First {
			p.End = Cursor{JobID: frontier}
		}
	}
}
