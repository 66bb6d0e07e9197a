package restore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
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

// pollSeed is that of all fingerprints, so that they can be compared.
var pollSeed = maphash.MakeSeed()

// Live is a view of a Service for subscriptions. It has the jobs of the clusters that Poll reads as Poll has read them
// last, however long ago, and what these jobs link to at most liveTTL old. Other jobs it reads itself, as a Service
// does. It is safe for concurrent use.
type Live struct {
	*Service // the view: it has a cache of its own

	source *Service
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
	})
	if err != nil {
		return nil, err
	}
	s.live.view = &Live{source: s, Service: &Service{
		atlas: s.atlas, mode: s.mode, cache: cache, tiers: s.tiers, indexes: newJobIndexes(),
		coalescer: coalescer{lists: make(map[jobList]*listRequests)}, unknown: unknownValues{logger: s.unknown.logger},
	}}
	return s.live.view, nil
}

// liveView is the view of a Service; nil until it is needed.
type liveView struct {
	sync.Mutex

	view  *Live
	bytes int64 // of the service's own cache
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
// the collection restores of a Dedicated cluster. Jobs of q.IDs that do not stand among them cost a call each. It
// returns a fingerprint of what it has read: two polls that return the same have read the same. Errors are those of Job;
// then the view has what it had before. It is no error that the cluster or a job does not exist.
func (l *Live) Poll(ctx context.Context, q PollQuery) (fingerprint uint64, err error) {
	var h maphash.Hash
	h.SetSeed(pollSeed)
	if err = l.poll(WithNoCache(ctx), &h, &q); err != nil && isMissing(err) {
		l.removePages(q.Cluster)
		return 0, nil
	}
	return h.Sum64(), err
}

func (l *Live) poll(ctx context.Context, h *maphash.Hash, q *PollQuery) error {
	if slices.Contains(q.Tiers, Serverless) && l.isOnly(Serverless) {
		if err := l.pollTier(ctx, h, Serverless, false, q); err != nil || len(q.Tiers) == 1 {
			return err
		}
	}
	_, err := askTiers(ctx, l.Service, q.Cluster, func(ctx context.Context, tier Tier) (struct{}, error) {
		collections := tier == Dedicated && slices.Contains(q.Tiers, AnyTier) && l.tiers.mayHaveCollections(q.Cluster)
		return struct{}{}, l.pollTier(ctx, h, tier, collections, q)
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
func (l *Live) pollTier(ctx context.Context, h *maphash.Hash, tier Tier, collections bool, q *PollQuery) error {
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
	for _, p := range pages {
		hashJobs(h, p.items)
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
			hashJobs(h, []*Job{job})
		case !isMissing(err):
			return err
		}
	}
	return nil
}

// pollList reads the newest page of a list, and gives it to the view and to the cache of the service. Pages of the view
// that it replaces are removed: those with a count and, when jobs were added, all behind it.
func (l *Live) pollList(ctx context.Context, tier Tier, q *PollQuery) (*page[*Job], error) {
	o := atlas.ListOptions{PageNum: 1, ItemsPerPage: pageSize(q.First)}
	key := pageKey(tier, q.Cluster, o)
	var before *page[*Job]
	l.cache.jobPages.Find(context.Background(), key, func(p *page[*Job]) bool { before = p; return true })
	p, err := l.listJobs(ctx, tier, q.Cluster, o)
	if err != nil {
		return nil, err
	}
	l.source.cachePage(tier, q.Cluster, o, p)
	l.source.cache.jobPages.Put(key, p)
	polled := *p
	polled.polled = true
	last := 1
	if before == nil || !slices.Equal(idsOn(before), idsOn(p)) {
		last = projectPages
	}
	for _, size := range [...]int{smallPage, atlas.MaxItemsPerPage} {
		for number := 1; number <= last; number++ {
			page := pageKey(tier, q.Cluster, atlas.ListOptions{PageNum: number, ItemsPerPage: size})
			l.cache.jobPages.Remove(page)
			page.page.Count = true
			l.cache.jobPages.Remove(page)
		}
	}
	l.cache.jobPages.Put(key, &polled)
	if o.ItemsPerPage != smallPage {
		l.cache.jobPages.Put(pageKey(tier, q.Cluster, atlas.ListOptions{PageNum: 1, ItemsPerPage: smallPage}),
			polled.firstItems(smallPage))
	}
	return p, nil
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

// hashJobs adds jobs to a fingerprint.
func hashJobs(h *maphash.Hash, jobs []*Job) {
	for _, j := range jobs {
		_, _ = h.WriteString(j.JobID)
		if j.Err != nil {
			continue
		}
		// A date outside of the years that JSON can have is the only value that cannot be encoded.
		encoded, err := json.Marshal(j) //nolint:musttag // it is hashed, and not read
		if err != nil {
			encoded = []byte(err.Error())
		}
		_, _ = h.Write(encoded)
	}
	_ = h.WriteByte(0)
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
