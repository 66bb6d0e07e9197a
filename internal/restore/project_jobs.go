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
	projectPages       = 10 // pages of one cluster that are read for one query
	// collectionPages are those of its collection restores. internal/cost counts with it.
	collectionPages = 2
	// projectBudget bounds the pages that are read for one query where no clusters are named: of projects with more than
	// 25 clusters fewer pages of each are read. internal/cost counts with it.
	projectBudget = 250
	// MaxClusterNames bounds the clusters that are named in one query.
	MaxClusterNames = 100
)

// ProjectQuery asks for jobs of a whole project, over clusters and tiers, newest first.
type ProjectQuery struct {
	GroupID string
	// ClusterNames are the clusters to read; none means all.
	ClusterNames []string
	// ClusterTags select among the clusters those that have all of these tags, by the lists of clusters. A cluster that
	// does not exist has none.
	ClusterTags []TagFilter
	// States and DeliveryTypes are those of the jobs to return; none means all.
	States        []State
	DeliveryTypes []DeliveryType
	// StartedAfter excludes jobs that were not made after it, in whole seconds; zero means none.
	StartedAfter time.Time
	// First bounds the jobs of the answer: 0 to MaxFirst.
	First int
	// After is the cursor behind which to begin.
	After Cursor
}

// matches reports whether the query asks for the job. A job that cannot be decoded matches, because it may.
func (q *ProjectQuery) matches(j *Job) bool {
	if j.Err != nil {
		return true
	}
	return (len(q.States) == 0 || slices.Contains(q.States, j.State)) &&
		(len(q.DeliveryTypes) == 0 || j.DeliveryType != nil && slices.Contains(q.DeliveryTypes, *j.DeliveryType))
}

// ProjectJobs are jobs of a whole project, and the parts of it that could not be read.
type ProjectJobs struct {
	Jobs
	Unread []*UnreadError
}

// UnreadError is the error of a part of a project that could not be read: of a cluster or, without a name, of all
// clusters of an API, or of the project. Of a project that did not fit into the calls of an operation Err is
// ErrCallsSpent.
type UnreadError struct {
	GroupID     string
	ClusterName string
	// API is Collection where only the collection restores of the cluster are missing, and otherwise AnyTier.
	API Tier
	Err error
}

func (e *UnreadError) Error() string {
	switch {
	case e.ClusterName == "":
		return "restore: clusters could not be listed: " + e.Err.Error()
	case e.API == Collection:
		return "restore: the collection restores of cluster " + e.ClusterName + " could not be read: " + e.Err.Error()
	}
	return "restore: cluster " + e.ClusterName + " could not be read: " + e.Err.Error()
}

// AsUnreadError returns err as an UnreadError, without a cluster where it is none.
func AsUnreadError(err error) *UnreadError {
	var unread *UnreadError
	if errors.As(err, &unread) {
		return unread
	}
	return &UnreadError{Err: err}
}

func (e *UnreadError) Unwrap() error { return e.Err }

// ProjectJobs reads jobs of a whole project, which no API of Atlas lists: by two or three calls for the clusters and
// one or more for each of them, two or more for each Dedicated one, concurrently. A cluster that fails is in Unread;
// when nothing could be read it is an error.
//
// At least one and at most projectPages pages of each list of jobs are read. So for a rare state the answer can hold
// fewer jobs than asked for and still say that there are more: End is the cursor to go on with.
func (s *Service) ProjectJobs(ctx context.Context, q ProjectQuery) (*ProjectJobs, error) {
	out := &ProjectJobs{Jobs: Jobs{End: q.After}}
	scans, err := s.newScans(ctx, q, out)
	if err != nil {
		return nil, err
	}
	read := func(scans []*clusterScan) {
		concurrently(len(scans), projectConcurrency, func(i int) { scans[i].read(ctx, s, &q) })
	}
	read(scans)
	// Of clusters whose tier was not known.
	late := s.collectionScans(scans)
	read(late)
	scans = append(scans, late...)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out.combine(scans, &q)
	for _, unread := range out.Unread {
		unread.GroupID = q.GroupID
	}
	return out, nil
}

// clusterScan reads the jobs of one cluster that match a query, or those of one of its APIs.
type clusterScan struct {
	cluster ClusterKey
	tier    Tier // that is asked
	found   Tier // that has the cluster
	// collections is the scan of the collection restores of a Dedicated cluster, or nil.
	collections *clusterScan

	pages     int          // that may be read
	jobs      []*listedJob // that match the query
	scannedTo string       // all jobs that are newer than this id were read; "" at the end of the list
	failures  []error      // as Jobs.Failures
	err       error
}

// newScans returns a scan for each cluster that is to be read.
func (s *Service) newScans(ctx context.Context, q ProjectQuery, out *ProjectJobs) ([]*clusterScan, error) {
	if len(q.ClusterNames) > 0 && len(q.ClusterTags) == 0 {
		names := slices.Compact(slices.Sorted(slices.Values(q.ClusterNames)))
		scans := make([]*clusterScan, 0, 2*len(names))
		for _, name := range names {
			key := ClusterKey{q.GroupID, name}
			scans = append(scans, &clusterScan{cluster: key, found: s.tiers.tier(key), pages: projectPages})
		}
		return append(scans, s.collectionScans(scans)...), nil
	}
	all, err := s.Clusters(ctx, q.GroupID)
	if err != nil {
		return nil, err
	}
	named := func(name string) bool { return len(q.ClusterNames) == 0 || slices.Contains(q.ClusterNames, name) }
	for _, err := range all.Failures {
		if unread := AsUnreadError(err); unread.ClusterName == "" || named(unread.ClusterName) {
			out.Unread = append(out.Unread, unread)
		}
	}
	var scans []*clusterScan
	for _, c := range all.Clusters {
		// Atlas makes no backups of Free clusters.
		if !c.Free && named(c.Name) && c.HasTags(q.ClusterTags) {
			scans = append(scans, &clusterScan{cluster: c.ClusterKey, tier: c.ServedBy, found: c.ServedBy})
		}
	}
	scans = append(scans, s.collectionScans(scans)...)
	for _, c := range scans {
		most := projectPages
		if c.tier == Collection {
			most = collectionPages
		}
		c.pages = min(most, max(1, projectBudget/len(scans)))
	}
	return scans, nil
}

// collectionScans returns the scans of collection restores that the scans of Dedicated clusters do not have yet.
func (s *Service) collectionScans(scans []*clusterScan) (all []*clusterScan) {
	for _, c := range scans {
		if c.found == Dedicated && c.collections == nil && s.tiers.mayHaveCollections(c.cluster) {
			c.collections = &clusterScan{
				cluster: c.cluster, tier: Collection, found: Collection, pages: min(c.pages, collectionPages),
			}
			all = append(all, c.collections)
		}
	}
	return all
}

// read reads pages until there are enough jobs, or as many pages as one query may cost.
func (c *clusterScan) read(ctx context.Context, s *Service, q *ProjectQuery) {
	ask := func(ctx context.Context, tier Tier) (*clusterScan, error) { return c.readTier(ctx, s, tier, q) }
	if c.tier != AnyTier {
		_, c.err = ask(ctx, c.tier)
		return
	}
	_, c.err = askTiers(ctx, s, c.cluster, ask)
}

func (c *clusterScan) readTier(ctx context.Context, s *Service, tier Tier, q *ProjectQuery) (*clusterScan, error) {
	c.found = tier
	size := pageSize(q.First)
	if len(q.States)+len(q.DeliveryTypes) > 0 {
		size = atlas.MaxItemsPerPage
	}
	h := s.iterateJobs(tier, c.cluster, size)
	c.jobs, c.scannedTo, c.failures = nil, "", nil
	ended, looked, sought := false, 0, -1
	taken, err := readFrom(ctx, h, q.After, func(taken []*listedJob) bool {
		if sought < 0 {
			sought = h.fetches // pages that were read to find the cursor do not count
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
		// The list was not sorted, and all of it was read: look at all jobs once more.
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

// combine makes one list of the jobs of all scans, newest first. It ends where the first scan ended: jobs of that
// cluster behind it can be newer than those of the others.
func (p *ProjectJobs) combine(scans []*clusterScan, q *ProjectQuery) {
	var all []*listedJob
	scannedTo := ""
	failed := make(map[string]bool)
	for _, c := range scans {
		unread := &UnreadError{ClusterName: c.cluster.Name, Err: c.err}
		switch {
		case c.err == nil:
		case c.tier != Collection:
			failed[c.cluster.Name] = true
			p.Unread = append(p.Unread, unread)
			continue
		case failed[c.cluster.Name] || classify(Collection, c.err) == outcomeNotHere:
			continue // the cluster is missing as a whole, or has become one of another tier
		default:
			unread.API = Collection
			p.Unread = append(p.Unread, unread)
			continue
		}
		for _, err := range c.failures {
			p.Unread = append(p.Unread, &UnreadError{ClusterName: c.cluster.Name, Err: err})
		}
		all = append(all, c.jobs...)
		scannedTo = max(scannedTo, c.scannedTo)
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
		if e.job.JobID < scannedTo || len(p.Jobs.Jobs) == q.First {
			p.HasNext = true
			break
		}
		// An index in the list of one cluster says nothing about those of the others.
		p.add(&listedJob{job: e.job})
	}
	if scannedTo != "" {
		p.HasNext = true
		if len(p.Jobs.Jobs) < q.First {
			p.End = Cursor{JobID: scannedTo}
		}
	}
}
