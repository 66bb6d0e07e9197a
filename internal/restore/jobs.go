package restore

import (
	"context"
)

// MaxFirst is how many jobs are given at once.
const MaxFirst = 500

// Cursor is where a reader of a list stopped: behind a job, and about where that stood.
// The zero Place is the beginning.
type Cursor struct {
	JobID string
	Index int
}

// JobQuery asks for jobs of one cluster, newest first.
type JobQuery struct {
	Cluster ClusterKey
	// Tier is the tier to ask, as for Service.Job.
	Tier Tier
	// First is how many jobs at most: 0 to MaxFirst.
	First int
	// After is where to go on.
	After Cursor
	// Count is whether to have Atlas count them.
	Count bool
}

// Jobs are jobs of a list, newest first. One that cannot be decoded has an Err.
type Jobs struct {
	Jobs []*Job
	// Cursors are where to go on behind each job.
	Cursors []Cursor
	// End is where to go on behind all of them. It can lie behind the last one.
	End Cursor
	// HasNext is whether there are more.
	HasNext bool
	// Failures say that jobs of the list are missing: they cannot be decoded, and nothing tells
	// which jobs they are. There is at most one for each page that was read.
	Failures []error
	// EstimatedTotal is how many Atlas thinks that there are in all; nil when it does
	// not say, or was not asked.
	EstimatedTotal *int64
	// CountErr is why Atlas could not count them, or nil.
	CountErr error
}

// Jobs reads jobs of one cluster, newest first: one call for up to 498 of the newest, and few for
// those behind them.
func (s *Service) Jobs(ctx context.Context, q JobQuery) (*Jobs, error) {
	if s.isOnly(q.Tier) {
		return s.clusterJobs(ctx, q.Tier, q)
	}
	return askTiers(ctx, s, q.Cluster, func(ctx context.Context, tier Tier) (*Jobs, error) {
		return s.clusterJobs(ctx, tier, q)
	})
}

func (s *Service) clusterJobs(ctx context.Context, tier Tier, q JobQuery) (*Jobs, error) {
	h := s.iterateJobs(tier, q.Cluster, pageSize(q.First))
	h.count = q.Count
	entries, err := readFrom(ctx, h, q.After, func(taken []*listedJob) bool { return len(taken) > q.First })
	if err != nil {
		return nil, err
	}
	out := &Jobs{End: q.After, EstimatedTotal: h.total, CountErr: h.countErr, Failures: h.failures, HasNext: len(entries) > q.First}
	for _, e := range entries[:min(len(entries), q.First)] {
		out.add(e)
	}
	return out, nil
}

func (j *Jobs) add(e *listedJob) {
	j.End = Cursor{e.job.JobID, e.index}
	j.Jobs = append(j.Jobs, e.job)
	j.Cursors = append(j.Cursors, j.End)
}
