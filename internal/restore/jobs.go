package restore

import "context"

// MaxFirst bounds the jobs of one answer.
const MaxFirst = 500

// Cursor is a position in a list: behind a job, and about where that stood. The zero Cursor is the beginning.
type Cursor struct {
	JobID string
	Index int
}

// JobQuery asks for jobs of one cluster, newest first.
type JobQuery struct {
	Cluster ClusterKey
	// Tier is the tier to ask, as for Service.Job.
	Tier Tier
	// First bounds the jobs of the answer: 0 to MaxFirst.
	First int
	// After is the cursor behind which to begin.
	After Cursor
	// Count has Atlas count the list.
	Count bool
}

// Jobs are jobs of a list, newest first. One that cannot be decoded has an Err.
type Jobs struct {
	Jobs []*Job
	// Cursors are those of the jobs.
	Cursors []Cursor
	// End is the cursor behind all of them. It can be behind that of the last job.
	End Cursor
	// HasNext is true when there are more.
	HasNext bool
	// Failures are the errors of jobs that are missing: they cannot be decoded, and nothing tells which jobs they are; or
	// the collection restores of a cluster could not be read. There is at most one for each page that was read.
	Failures []error
	// EstimatedTotal is Atlas's estimate of the length of the list; nil when it does not say, or was not asked.
	EstimatedTotal *int64
	// CountErr is the error because of which Atlas could not count them, or nil.
	CountErr error
}

// Jobs reads jobs of one cluster, newest first: one call for up to 498 of the newest, and few for
// those behind them. Of AnyTier the jobs of a Dedicated cluster are those of two APIs, and cost as many calls of each.
func (s *Service) Jobs(ctx context.Context, q JobQuery) (*Jobs, error) {
	if s.isOnly(q.Tier) {
		return s.clusterJobs(ctx, q.Tier, q)
	}
	return askTiers(ctx, s, q.Cluster, func(ctx context.Context, tier Tier) (*Jobs, error) {
		if q.Tier == AnyTier && tier == Dedicated && s.tiers.mayHaveCollections(q.Cluster) {
			return s.jobsOfBothAPIs(ctx, q)
		}
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
	out := &Jobs{
		End: q.After, EstimatedTotal: h.total, CountErr: h.countErr, Failures: h.failures, HasNext: len(entries) > q.First,
	}
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
