package restore

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/atlas"
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
	return find(ctx, s, q.Cluster, func(ctx context.Context, api Tier) (*Jobs, error) {
		return s.clusterJobs(ctx, api, q)
	})
}

func (s *Service) clusterJobs(ctx context.Context, api Tier, q JobQuery) (*Jobs, error) {
	h := s.history(api, q.Cluster, pageSize(q.First))
	h.count = q.Count
	entries, err := readOn(ctx, h, q.After, func(taken []*entry) bool { return len(taken) > q.First })
	if err != nil {
		return nil, err
	}
	out := &Jobs{End: q.After, EstimatedTotal: h.total, CountErr: h.countErr, Failures: h.failures, HasNext: len(entries) > q.First}
	for _, e := range entries[:min(len(entries), q.First)] {
		out.add(e)
	}
	return out, nil
}

func (j *Jobs) add(e *entry) {
	j.End = Cursor{e.job.JobID, e.index}
	j.Jobs = append(j.Jobs, e.job)
	j.Cursors = append(j.Cursors, j.End)
}

// pageSize is how many jobs to list at once: the small page where it is enough, because
// large ones cost Atlas and the network. One job more than is wanted tells whether
// there are more, and the oldest of a page is not given out before the next is read.
func pageSize(first int) int {
	if first+2 <= smallPage {
		return smallPage
	}
	return atlas.MaxItemsPerPage
}

const smallPage = 100

func (s *Service) history(api Tier, cluster ClusterKey, size int) *history {
	return newHistory(size, func(ctx context.Context, o atlas.ListOptions) (*page[*Job], error) {
		return s.listJobs(ctx, api, cluster, o)
	})
}

// readOn reads behind a place until there is enough, or nothing more.
func readOn(ctx context.Context, h *history, after Cursor, enough func([]*entry) bool) ([]*entry, error) {
	var taken []*entry
	err := func() error {
		if after.JobID != "" {
			if err := h.seek(ctx, after.JobID, after.Index); err != nil {
				return err
			}
		}
		for !enough(taken) {
			next, err := h.more(ctx)
			if err != nil || len(next) == 0 {
				return err
			}
			taken = append(taken, next...)
		}
		return nil
	}()
	if errors.Is(err, errUnsorted) {
		if err = h.readAll(ctx, after.JobID); err == nil {
			taken = h.take()
		}
	}
	return taken, err
}

// listJobs reads one page of the jobs of a cluster from one API. One that was read with a
// count serves those who want none, too.
func (s *Service) listJobs(ctx context.Context, api Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Job], error) {
	if counted := withCount(o); s.cache.jobPages.IsFree(ctx, pageKey(api, cluster, counted)) {
		o = counted
	}
	return s.cache.jobPages.Get(ctx, pageKey(api, cluster, o), func(ctx context.Context) (*page[*Job], error) {
		p, err := s.readJobs(ctx, api, cluster, o)
		if err == nil {
			s.indexes.learn(jobList{api, cluster}, o, p)
			s.cacheFinalJobs(api, p.items)
			s.cacheWithoutCount(api, cluster, o, p)
		}
		return p, err
	})
}

func withCount(o atlas.ListOptions) atlas.ListOptions {
	o.Count = true
	return o
}

// isPageFree reports whether the page costs no call: it, or the one with a count, is cached or on its way.
func (s *Service) isPageFree(ctx context.Context, tier Tier, cluster ClusterKey, o atlas.ListOptions) bool {
	return s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, o)) || s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, withCount(o)))
}

// cachedPage returns the page if it is cached, with a count or without. It is not counted as a hit.
func (s *Service) cachedPage(ctx context.Context, tier Tier, cluster ClusterKey, o atlas.ListOptions) (p *page[*Job], ok bool) {
	if p, ok = s.cache.jobPages.Peek(ctx, pageKey(tier, cluster, o)); !ok {
		p, ok = s.cache.jobPages.Peek(ctx, pageKey(tier, cluster, withCount(o)))
	}
	return p, ok
}

// cacheWithoutCount caches a page whose count failed for those who want none. That failure is not cached.
func (s *Service) cacheWithoutCount(tier Tier, cluster ClusterKey, o atlas.ListOptions, p *page[*Job]) {
	if p.countErr == nil {
		return
	}
	o.Count = false
	without := *p
	without.countErr = nil
	s.cache.jobPages.Put(pageKey(tier, cluster, o), &without)
}

func (s *Service) readJobs(ctx context.Context, api Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Job], error) {
	switch api {
	case Flex:
		p, err := s.atlas.ListFlexRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromFlex, malformedJob(api), cluster, p, err)
	case Dedicated:
		p, err := s.atlas.ListDedicatedRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromDedicated, malformedJob(api), cluster, p, err)
	default:
		p, err := s.atlas.ListServerlessRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromServerless, malformedJob(api), cluster, p, err)
	}
}
