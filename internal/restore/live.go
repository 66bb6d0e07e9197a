package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
)

// Cache settings of a Live.
const (
	// liveTTL is the TTL of job lists and of what jobs link to; a poll replaces job lists before.
	liveTTL = time.Minute
	// polledTTL is the TTL of the job lists that a poll reads: longer than any time without an answer of Atlas for which
	// the last state is of use.
	polledTTL = time.Hour
	// unpolledTTL is that of jobs that a poll reads by their ids: an event is executed right after the poll.
	unpolledTTL = 5 * time.Second
)

// Live is a view of a Service for subscriptions. It has the jobs of the clusters that Poll reads as Poll has read them
// last, however long ago, and what these jobs link to at most liveTTL old. Other jobs it reads itself, as a Service
// does. It is safe for concurrent use.
type Live struct {
	*Service // the view: it has a cache of its own

	source *Service
	polls  SharedPolls // nil where there is no other process
}

// Live returns the view of the service. It is closed with the service.
func (s *Service) Live() (*Live, error) {
	s.live.Lock()
	defer s.live.Unlock()
	if s.live.view != nil {
		return s.live.view, nil
	}
	cache, err := newCache(CacheSettings{
		Bytes: max(s.live.bytes, DefaultCacheSettings.Bytes), Final: DefaultCacheSettings.Final, Running: liveTTL,
		Missing: DefaultCacheSettings.Missing, Polled: polledTTL, Unpolled: unpolledTTL,
		ShareDownloads: s.live.shareDownloads,
	}, s.live.shared, true, s.forgotten)
	if err != nil {
		return nil, err
	}
	s.live.view = &Live{source: s, polls: s.live.polls, Service: &Service{
		atlas: s.atlas, mode: s.mode, cache: cache, forgotten: s.forgotten, tiers: s.tiers, indexes: newJobIndexes(),
		coalescer: coalescer{lists: make(map[jobList]*listRequests)}, unknown: unknownValues{logger: s.unknown.logger},
	}}
	return s.live.view, nil
}

// liveView is the view of a Service; nil until it is needed.
type liveView struct {
	sync.Mutex

	view *Live
	// Of the service's own cache.
	bytes          int64
	shared         callcache.Shared
	polls          SharedPolls
	shareDownloads bool
}

func (v *liveView) close() {
	v.Lock()
	defer v.Unlock()
	if v.view != nil {
		v.view.Close()
	}
}

// PollQuery says which jobs of a cluster Poll reads.
type PollQuery struct {
	Cluster ClusterKey
	// Tiers are the tiers for which jobs of the cluster are asked for: Serverless, AnyTier or both. Of AnyTier the
	// collection restores of a Dedicated cluster are read, too.
	Tiers []Tier
	// First is how many of the newest jobs are read, at least: 0 to MaxFirst.
	First int
	// IDs are jobs that are read wherever they stand.
	IDs []string
}

// Poll reads the newest jobs of a cluster from Atlas, whatever is cached, by one call for each list: one, or two with
// the collection restores of a Dedicated cluster. Jobs of q.IDs that do not stand among them cost a call each. Errors are
// those of Job; then the view has what it had before. It is no error that the cluster or a job does not exist.
func (l *Live) Poll(ctx context.Context, q PollQuery) (*Polled, error) {
	p := &Polled{Query: q, hidden: l.cache.hidden}
	if err := l.poll(WithNoCache(ctx), p, &q); err != nil && isMissing(err) {
		*p = Polled{Query: q, Missing: true, hidden: p.hidden}
		l.removePages(q.Cluster)
	} else if err != nil {
		return nil, err
	}
	return p, nil
}

func (l *Live) poll(ctx context.Context, p *Polled, q *PollQuery) error {
	if slices.Contains(q.Tiers, Serverless) && l.isOnly(Serverless) {
		if err := l.pollTier(ctx, p, Serverless, false, q); err != nil || len(q.Tiers) == 1 {
			return err
		}
	}
	before := *p
	_, err := askTiers(ctx, l.Service, q.Cluster, func(ctx context.Context, tier Tier) (struct{}, error) {
		*p = before // without what a tier has that was asked before
		collections := tier == Dedicated && slices.Contains(q.Tiers, AnyTier) && l.tiers.mayHaveCollections(q.Cluster)
		return struct{}{}, l.pollTier(ctx, p, tier, collections, q)
	})
	return err
}

// removePages removes the newest pages of a cluster that does not exist any more.
func (l *Live) removePages(cluster ClusterKey) {
	for tier := range jobAPIs {
		for _, o := range newestPages {
			l.cache.jobPages.Remove(pageKey(tier, cluster, o))
		}
	}
}

// pollTier reads the lists of a cluster of this tier, and the jobs of q.IDs that do not stand on them.
func (l *Live) pollTier(ctx context.Context, p *Polled, tier Tier, collections bool, q *PollQuery) error {
	read := []Tier{tier}
	if collections {
		read = append(read, Collection)
	}
	pages, errs := make([]*page[*Job], len(read)), make([]error, len(read))
	concurrently(len(read), len(read), func(i int) { pages[i], errs[i] = l.pollList(ctx, read[i], q) })
	if collections && errs[1] != nil && classify(Collection, errs[1]) == outcomeNotHere {
		pages[1], errs[1] = &page[*Job]{}, nil
	}
	if err := cmp.Or(errs[0], errors.Join(errs[1:]...)); err != nil {
		return err
	}
	for i, of := range read {
		p.Lists = append(p.Lists, polledList{Tier: of, Options: q.options(), page: pages[i]})
	}
	for _, id := range q.IDs {
		key := Key{q.Cluster.GroupID, q.Cluster.Name, id}
		if slices.ContainsFunc(pages, func(p *page[*Job]) bool { return jobOn(p, id) != nil }) {
			// The page is newer than what was read of the job by itself.
			for _, tier := range read {
				l.cache.jobs.Remove(jobKey(tier, key))
			}
			continue
		}
		job, err := l.cache.jobs.Get(ctx, jobKey(tier, key), func(ctx context.Context) (*Job, error) {
			return l.readJob(ctx, tier, key)
		})
		switch {
		case err == nil:
			p.Jobs = append(p.Jobs, PolledJob{tier, job})
		case !isMissing(err):
			return err
		}
	}
	return nil
}

// pollList reads the newest page of a list, and gives it to the view and to the cache of the service.
func (l *Live) pollList(ctx context.Context, tier Tier, q *PollQuery) (*page[*Job], error) {
	o := q.options()
	before := l.newestPage(tier, q.Cluster, o)
	p, err := l.listJobs(ctx, tier, q.Cluster, o)
	if err != nil {
		return nil, err
	}
	l.source.cachePage(tier, q.Cluster, o, p)
	l.source.cache.jobPages.Put(pageKey(tier, q.Cluster, o), p)
	l.setPolled(tier, q.Cluster, o, p, before)
	return p, nil
}

// newestPage returns a page of the view; nil where it has none.
func (l *Live) newestPage(tier Tier, cluster ClusterKey, o atlas.ListOptions) (newest *page[*Job]) {
	l.cache.jobPages.Find(context.Background(), pageKey(tier, cluster, o), func(p *page[*Job]) bool { newest = p; return true })
	return newest
}

// options returns the page that is polled.
func (q *PollQuery) options() atlas.ListOptions {
	return atlas.ListOptions{PageNum: 1, ItemsPerPage: pageSize(q.First)}
}

// setPolled gives a page that was polled to the view, which had another one before, or nil. Pages that it replaces are
// removed: those with a count and, when jobs were added, all behind it.
func (l *Live) setPolled(tier Tier, cluster ClusterKey, o atlas.ListOptions, p, before *page[*Job]) {
	polled := *p
	polled.polled = true
	last := 1
	if before == nil || !slices.Equal(idsOn(before), idsOn(p)) {
		last = projectPages
	}
	for _, size := range [...]int{smallPage, atlas.MaxItemsPerPage} {
		for number := 1; number <= last; number++ {
			page := pageKey(tier, cluster, atlas.ListOptions{PageNum: number, ItemsPerPage: size})
			l.cache.jobPages.Remove(page)
			page.page.Count = true
			l.cache.jobPages.Remove(page)
		}
	}
	l.cache.jobPages.Put(pageKey(tier, cluster, o), &polled)
	if o.ItemsPerPage != smallPage {
		l.cache.jobPages.Put(pageKey(tier, cluster, atlas.ListOptions{PageNum: 1, ItemsPerPage: smallPage}),
			polled.firstItems(smallPage))
	}
}

// firstItems returns the page that Atlas sends when it is asked for pages of n items.
func (p *page[T]) firstItems(n int) *page[T] {
	if len(p.items) <= n {
		return p
	}
	first := *p
	first.items, first.more, first.guessed = p.items[:n:n], true, false
	return &first
}

// PollClusters reads the clusters of a project from Atlas, whatever is cached. Clusters of which Atlas makes no backups
// are left out. Errors are those of Clusters.
func (l *Live) PollClusters(ctx context.Context, groupID string) (*Clusters, error) {
	all, err := l.Clusters(WithNoCache(ctx), groupID)
	if err != nil {
		return nil, err
	}
	backedUp := slices.DeleteFunc(slices.Clone(all.Clusters), func(c *Cluster) bool { return c.Free })
	return &Clusters{backedUp, all.Failures}, nil
}

// HasSpareCalls reports whether the calls that Atlas allows the project are enough for polls beside what callers ask
// for.
func (l *Live) HasSpareCalls(_ context.Context, groupID string) bool {
	return l.atlas.HasSpareCalls(groupID)
}

// IsOver reports whether nothing can happen to the job any more that a subscription tells of: it has ended, or it is a
// download that is ready.
func (j *Job) IsOver() bool {
	return j.isFinal() || j.State == Ready && (j.HasDownload() || j.DownloadsWithheld)
}
