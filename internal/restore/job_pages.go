package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/jobindex"
)

// newestPage is the page that a batch reads where nothing is known of the list.
var newestPage = listOptions(jobindex.Newest)

// cacheFinalJobs caches those jobs of a list that cannot change any more, each under its own key, so that the next
// request for one of them needs no call.
func (s *Service) cacheFinalJobs(tier Tier, jobs []*Job) {
	for _, j := range jobs {
		if j.isFinal() {
			s.cache.jobs.Put(jobKey(tier, j.Key), j)
		}
	}
}

// listJobs reads one page of the jobs of a cluster from one API. A page with a count also serves requests without one.
func (s *Service) listJobs(ctx context.Context,
	tier Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Job], error) {
	if counted := withCount(o); s.cache.jobPages.IsFree(ctx, pageKey(tier, cluster, counted)) {
		o = counted
	}
	return s.cache.jobPages.Get(ctx, pageKey(tier, cluster, o), func(ctx context.Context) (*page[*Job], error) {
		p, err := s.readJobs(ctx, tier, cluster, o)
		if err == nil {
			s.indexes.learn(jobList{tier, cluster}, o, p)
			s.cacheFinalJobs(tier, p.items)
			s.cacheWithoutCount(tier, cluster, o, p)
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

// cachedPage returns the page if it is cached, with a count or without. It is not counted as a hit.
func (s *Service) cachedPage(ctx context.Context,
	tier Tier, cluster ClusterKey, o atlas.ListOptions) (p *page[*Job], ok bool) {
	if p, ok = s.cache.jobPages.Peek(ctx, pageKey(tier, cluster, o)); !ok {
		p, ok = s.cache.jobPages.Peek(ctx, pageKey(tier, cluster, withCount(o)))
	}
	return p, ok
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

func (s *Service) readJobs(ctx context.Context,
	tier Tier, cluster ClusterKey, o atlas.ListOptions) (*page[*Job], error) {
	switch tier {
	case Flex:
		p, err := s.atlas.ListFlexRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromFlex, malformedJob(tier), cluster, p, err)
	case Dedicated:
		p, err := s.atlas.ListDedicatedRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromDedicated, malformedJob(tier), cluster, p, err)
	default:
		p, err := s.atlas.ListServerlessRestoreJobs(ctx, cluster.GroupID, cluster.Name, o)
		return mappedPage(s.fromServerless, malformedJob(tier), cluster, p, err)
	}
}
