package restore

import (
	"sync"
	"time"

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

	mu       sync.Mutex
	searches map[ClusterKey]*tierSearch // those that are running
}

// tierSearch is a search for the API that has a cluster, as callers see it that wait for its end. Its error says that
// no API has the cluster. It is no call of a flight.Group, because the first caller searches with its own context: each
// call counts for its operation, and the last answer is what it asked for.
type tierSearch = flight.Future[struct{}]

func newTierCache() *tierCache {
	return &tierCache{
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

func (c *tierCache) setTier(cluster ClusterKey, tier Tier) { c.tiers.set(cluster, tier) }

func (c *tierCache) removeTier(cluster ClusterKey) { c.tiers.remove(cluster) }

func (c *tierCache) setServerlessRetired(groupID string) { c.noServerless.set(groupID, struct{}{}) }

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
