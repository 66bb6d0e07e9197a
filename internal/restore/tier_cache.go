package restore

import (
	"context"
	"sync"
	"time"

	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/flight"
)

// How long it is cached where clusters are. A cluster changes its tier seldom, and when it does the API of the old
// tier says so and the entry is removed. The serverless API does not come back. That a cluster is missing is not
// cached: it may be created at any moment.
const (
	tierTTL         = 10 * time.Minute
	noServerlessTTL = time.Hour
	noCollectionTTL = time.Hour

	maxClusters = 10_000
	maxProjects = 10_000
)

// tierCache holds which API has a cluster. It is safe for concurrent use.
type tierCache struct {
	tiers        *ttlMap[ClusterKey, Tier]
	noServerless *ttlMap[string, struct{}] // projects whose serverless API was retired
	// Where there are no collection restores: projects in which Atlas does not have their API, and Free clusters.
	noCollections *ttlMap[ClusterKey, struct{}]
	shared        callcache.Shared // nil where there are no other processes

	mu       sync.Mutex
	searches map[ClusterKey]*tierSearch // those that are running
}

// tierSearch is a search for the API that has a cluster, as callers see it that wait for its end. Its error says that
// no API has the cluster. It is no call of a flight.Group, because the first caller searches with its own context: each
// call counts for its operation, and the last answer is what it asked for.
type tierSearch = flight.Future[struct{}]

func newTierCache(shared callcache.Shared) *tierCache {
	return &tierCache{
		shared:        shared,
		tiers:         newTTLMap[ClusterKey, Tier](maxClusters, tierTTL),
		noServerless:  newTTLMap[string, struct{}](maxProjects, noServerlessTTL),
		noCollections: newTTLMap[ClusterKey, struct{}](maxProjects, noCollectionTTL),
		searches:      make(map[ClusterKey]*tierSearch),
	}
}

// tier returns the API that has the cluster, or AnyTier if it is not known.
func (c *tierCache) tier(cluster ClusterKey) Tier {
	tier, known := c.tiers.get(cluster)
	if !known || tier == Serverless && c.isServerlessRetired(cluster.GroupID) {
		return AnyTier
	}
	return tier
}

// What other processes know of tiers is stored under these kinds.
const (
	sharedTiers        = "tier " + formatVersion
	sharedNoServerless = "no serverless " + formatVersion
)

func (c *tierCache) setTier(cluster ClusterKey, tier Tier) {
	if before, known := c.tiers.get(cluster); c.shared != nil && (!known || before != tier) {
		c.shared.Put([]byte(formatTiers[tier]), 0, tierTTL, sharedTiers, cluster.GroupID, cluster.Name)
	}
	c.tiers.set(cluster, tier)
}

// fetch takes into account what other processes know of a cluster, and returns its tier as tier does. It waits for a search
// of another process. Where the tier is not known, others wait for this process until it calls setTier or release.
func (c *tierCache) fetch(ctx context.Context, cluster ClusterKey) Tier {
	if c.shared == nil {
		return AnyTier
	}
	if !c.isServerlessRetired(cluster.GroupID) {
		if _, _, retired := c.shared.Find(ctx, sharedNoServerless, cluster.GroupID); retired {
			c.noServerless.set(cluster.GroupID, struct{}{})
		}
	}
	if name, _, known := c.shared.FindOrClaim(ctx, sharedTiers, cluster.GroupID, cluster.Name); known {
		for _, tier := range []Tier{Serverless, Flex, Dedicated} {
			if formatTiers[tier] == string(name) {
				c.tiers.set(cluster, tier)
			}
		}
	}
	return c.tier(cluster)
}

// release has other processes search for a cluster of which no tier was found.
func (c *tierCache) release(cluster ClusterKey) {
	if _, known := c.tiers.get(cluster); c.shared != nil && !known {
		c.shared.Release(sharedTiers, cluster.GroupID, cluster.Name)
	}
}

func (c *tierCache) removeTier(cluster ClusterKey) { c.tiers.remove(cluster) }

func (c *tierCache) setServerlessRetired(groupID string) {
	if c.shared != nil && !c.isServerlessRetired(groupID) {
		c.shared.Put([]byte{1}, 0, noServerlessTTL, sharedNoServerless, groupID)
	}
	c.noServerless.set(groupID, struct{}{})
}

func (c *tierCache) isServerlessRetired(groupID string) bool {
	_, retired := c.noServerless.get(groupID)
	return retired
}

// setNoCollections records that a project has no API of collection restores or, of a key with a name, that the cluster
// is a Free one.
func (c *tierCache) setNoCollections(where ClusterKey) { c.noCollections.set(where, struct{}{}) }

// mayHaveCollections reports whether the cluster, which is not known to be of another tier than Dedicated, can have
// collection restores.
func (c *tierCache) mayHaveCollections(cluster ClusterKey) bool {
	_, none := c.noCollections.get(ClusterKey{GroupID: cluster.GroupID})
	_, isFree := c.noCollections.get(cluster)
	return !none && !isFree
}

// joinSearch returns the search for the cluster that is running, or starts one: then the caller must call endSearch.
func (c *tierCache) joinSearch(cluster ClusterKey) (search *tierSearch, started bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if search, running := c.searches[cluster]; running {
		return search, false
	}
	search = flight.NewFuture[struct{}]()
	c.searches[cluster] = search
	return search, true
}

// endSearch ends a search. missing is the error that says that no API has the cluster, or nil.
func (c *tierCache) endSearch(cluster ClusterKey, search *tierSearch, missing error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.searches, cluster)
	search.Resolve(struct{}{}, missing)
}
