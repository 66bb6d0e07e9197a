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
func (q *ProjectQuery) matches(j *Job) bool {
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
	scans, err := s.newScans(ctx, q, out)
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
type clusterScan struct {
	cluster ClusterKey
	tier    Tier

	pages     int          // how many may be read
	jobs      []*listedJob // what the query keeps
	scannedTo string       // everything newer than this job was looked at; "" at the end
	failures  []error      // as Jobs.Failures
	err       error
}

// scans lists what there is to read.
func (s *Service) newScans(ctx context.Context, q ProjectQuery, out *ProjectJobs) ([]*clusterScan, error) {
	if len(q.ClusterNames) > 0 {
		names := slices.Compact(slices.Sorted(slices.Values(q.ClusterNames)))
		scans := make([]*clusterScan, len(names))
		for i, name := range names {
			scans[i] = &clusterScan{cluster: ClusterKey{q.GroupID, name}, pages: projectPages}
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
	var scans []*clusterScan
	for _, c := range all.Clusters {
		// Atlas makes no backups of Free clusters: there is nothing to ask.
		if !c.Free {
			scans = append(scans, &clusterScan{cluster: c.ClusterKey, tier: c.ServedBy})
		}
	}
	for _, c := range scans {
		c.pages = min(projectPages, max(1, projectBudget/len(scans)))
	}
	return scans, nil
}

// read reads until it has enough, or has spent what one question may cost.
func (c *clusterScan) read(ctx context.Context, s *Service, q *ProjectQuery) {
	ask := func(ctx context.Context, tier Tier) (*clusterScan, error) { return c.readTier(ctx, s, tier, q) }
	if c.tier != AnyTier {
		_, c.err = ask(ctx, c.tier)
		return
	}
	_, c.err = askTiers(ctx, s, c.cluster, ask)
}

func (c *clusterScan) readTier(ctx context.Context, s *Service, tier Tier, q *ProjectQuery) (*clusterScan, error) {
	size := pageSize(q.First)
	if len(q.States)+len(q.DeliveryTypes) > 0 {
		size = atlas.MaxItemsPerPage
	}
	h := s.iterateJobs(tier, c.cluster, size)
	c.jobs, c.scannedTo, c.failures = nil, "", nil
	ended, looked, sought := false, 0, -1
	taken, err := readFrom(ctx, h, q.After, func(taken []*listedJob) bool {
		if sought < 0 {
			sought = h.fetches // what it cost to find the place does not count
		}
		for ; looked < len(taken) && !ended; looked++ {
			job := taken[looked].job
			if !q.StartedAfter.IsZero() && !job.CreatedAt().After(q.StartedAfter) {
				ended = true
			} else if q.matches(job) {
				c.jobs = append(c.jobs, taken[looked])
			}
		}
		return ended || len(c.jobs) > q.First || h.fetches-sought >= c.pages
	})
	if err != nil {
		return nil, err
	}
	c.failures = h.failures
	if looked < len(taken) {
		// The list was not sorted, and read as a whole: look at it all, anew.
		c.jobs = nil
		for _, e := range taken {
			if q.matches(e.job) && (q.StartedAfter.IsZero() || e.job.CreatedAt().After(q.StartedAfter)) {
				c.jobs = append(c.jobs, e)
			}
		}
		return c, nil
	}
	if read := h.ended && len(h.buffer) == 0; !ended && !read && len(taken) > 0 {
		c.scannedTo = taken[len(taken)-1].job.JobID
	}
	return c, nil
}

// combine makes one list of what the scans found, newest first. It ends where the
// first of them stopped looking: what lies behind could be newer than the others'.
func (p *ProjectJobs) combine(scans []*clusterScan, q *ProjectQuery) {
	var all []*listedJob
	frontier := ""
	for _, c := range scans {
		if c.err != nil {
			p.Unread = append(p.Unread, &UnreadError{ClusterName: c.cluster.Name, Err: c.err})
			continue
		}
		for _, err := range c.failures {
			p.Unread = append(p.Unread, &UnreadError{ClusterName: c.cluster.Name, Err: err})
		}
		all = append(all, c.jobs...)
		frontier = max(frontier, c.scannedTo)
	}
	slices.SortFunc(all, func(a, b *listedJob) int {
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
		p.add(&listedJob{job: e.job})
	}
	if frontier != "" {
		p.HasNext = true
		if len(p.Jobs.Jobs) < q.First {
			p.End = Cursor{JobID: frontier}
		}
	}
}
