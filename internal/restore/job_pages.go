package restore

import (
	"context"
	"slices"
	"sort"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/jobindex"
)

// newestPages are the pages of the newest jobs that are read for lists, and for batches where nothing is known of the
// list.
var newestPages = []atlas.ListOptions{
	{PageNum: 1, ItemsPerPage: smallPage}, listOptions(jobindex.Newest),
}

// cachePage caches a page of a list: for a short time, because the list and its jobs change, and for a longer one for
// those of its jobs that cannot change any more.
func (s *Service) cachePage(tier Tier, cluster ClusterKey, o atlas.ListOptions, p *page[*Job]) {
	s.indexes.learn(jobList{tier, cluster}, o, p)
	if slices.ContainsFunc(p.items, (*Job).isFinal) {
		s.cache.finalJobs.Put(pageKey(tier, cluster, o), p)
	}
	s.cacheWithoutCount(tier, cluster, o, p)
}

// findJob returns the job if it is cached, by itself or on a page.
func (s *Service) findJob(ctx context.Context, tier Tier, key Key) (job *Job, found bool) {
	if s.cache.jobs.Find(ctx, jobKey(tier, key), func(j *Job) bool { job = j; return true }) {
		return job, true
	}
	on := func(final bool) func(*page[*Job]) bool {
		return func(p *page[*Job]) bool {
			job = jobOn(p, key.JobID)
			return job != nil && (!final || job.isFinal() && !job.HasDownload())
		}
	}
	for _, o := range s.indexes.cachedPages(jobList{tier, key.Cluster()}, key.JobID) {
		page := pageKey(tier, key.Cluster(), o)
		if s.cache.jobPages.Find(ctx, page, on(false)) || s.cache.finalJobs.Find(ctx, page, on(true)) {
			return job, true
		}
	}
	return nil, false
}

// fetchPages takes into account the newest pages of a list that other processes have read, and reports whether there were
// any. It does so once in a while for each list: what was fetched is found until then.
func (s *Service) fetchPages(ctx context.Context, list jobList) (fetched bool) {
	if !s.cache.jobPages.IsShared() || callcache.NoCache(ctx) || !s.indexes.mayFetch(list) {
		return false
	}
	// After it: requests that come meanwhile fetch them, too, and make no call.
	defer s.indexes.setFetched(list)
	for _, o := range newestPages {
		for _, pages := range []*callcache.Kind[callKey, *page[*Job]]{s.cache.jobPages, s.cache.finalJobs} {
			if p, ok := pages.Fetch(ctx, pageKey(list.tier, list.cluster, o)); ok {
				s.indexes.learn(list, o, p)
				fetched = true
				break
			}
		}
	}
	return fetched
}

// jobOn returns the job of a page, whose jobs are newest first, or nil where it is not there or cannot be decoded.
func jobOn(p *page[*Job], id string) *Job {
	from := sort.Search(len(p.items), func(i int) bool { return second(p.items[i].JobID) <= second(id) })
	for _, job := range p.items[from:] {
		if job.JobID == id && job.Err == nil {
			return job
		}
		if second(job.JobID) < second(id) {
			break
		}
	}
	return nil
}

// listJobs reads one page of the jobs of a cluster from one API. A page with a count also serves requests without one.
// Where Atlas does not have the API of collection restores the page is empty, and costs nothing.
func (s *Service) listJobs(ctx context.Context,
	tier Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Job], error) {
	if tier == Collection {
		if !s.tiers.mayHaveCollections(cluster) {
			return &page[*Job]{}, nil
		}
		o.Count = false // Atlas does not count them
	}
	if counted := withCount(o); s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, counted)) {
		o = counted
	}
	return s.cache.jobPages.Get(ctx, pageKey(tier, cluster, o), func(ctx context.Context) (*page[*Job], error) {
		p, err := jobAPIs[tier].list(ctx, s, cluster, o, cluster.GroupID, cluster.Name)
		if tier == Collection && isNoAPI(err) {
			s.tiers.setNoCollections(ClusterKey{GroupID: cluster.GroupID})
			return &page[*Job]{}, nil
		}
		if err == nil {
			s.cachePage(tier, cluster, o, p)
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
	return s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, o)) ||
		s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, withCount(o)))
}

// cacheWithoutCount caches a page whose count failed for requests without one. That failure is not cached.
func (s *Service) cacheWithoutCount(tier Tier, cluster ClusterKey, o atlas.ListOptions, p *page[*Job]) {
	if p.countErr == nil {
		return
	}
	o.Count = false
	without := *p
	without.countErr = nil
	s.cache.jobPages.Put(pageKey(tier, cluster, o), &without)
}
