package restore

import (
	"cmp"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"atlas-restore-gateway/internal/atlas"
)

// How long what was learned counts. A cluster changes its tier seldom, and when it
// does the old API says so and is not believed any longer; the serverless API does
// not come back. That a cluster is missing is not remembered: it may be made at any
// moment.
const (
	rememberAPI  = 10 * time.Minute
	rememberGone = time.Hour

	maxClusters = 10_000
	maxProjects = 10_000
	// maxTimelines bounds those to about 20 MiB in all.
	maxTimelines = 1000
)

// memory is what was learned of where clusters are: bounded, and each thing with an
// expiry. It is safe for concurrent use.
type memory struct {
	mu       sync.Mutex
	clusters *simplelru.LRU[ClusterKey, learned]
	gone     *simplelru.LRU[string, time.Time]  // projects whose serverless API is gone, until when
	lines    *simplelru.LRU[lineKey, *timeline] // where the jobs of a cluster stand in its list
	leads    map[ClusterKey]*lead               // searches under way
}

type learned struct {
	api   Tier
	until time.Time
}

type lineKey struct {
	api     Tier
	cluster ClusterKey
}

// lead is a search under way, which others wait for.
type lead struct {
	ended   chan struct{}
	missing error // set before ended is closed when no API has the cluster
}

func newMemory() *memory {
	clusters, err := simplelru.NewLRU[ClusterKey, learned](maxClusters, nil)
	if err != nil {
		panic(err) // only of a size below one
	}
	gone, err := simplelru.NewLRU[string, time.Time](maxProjects, nil)
	if err != nil {
		panic(err)
	}
	lines, err := simplelru.NewLRU[lineKey, *timeline](maxTimelines, nil)
	if err != nil {
		panic(err)
	}
	return &memory{clusters: clusters, gone: gone, lines: lines, leads: make(map[ClusterKey]*lead)}
}

// api is the API that has the cluster, or AnyAPI when nobody knows.
func (m *memory) api(cluster ClusterKey) Tier {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.clusters.Get(cluster)
	if !ok || !time.Now().Before(l.until) {
		return AnyTier
	}
	// The serverless API may have gone since.
	if until, gone := m.gone.Peek(cluster.GroupID); gone && l.api == Serverless && time.Now().Before(until) {
		return AnyTier
	}
	return l.api
}

func (m *memory) learn(cluster ClusterKey, api Tier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clusters.Add(cluster, learned{api: api, until: time.Now().Add(rememberAPI)})
}

func (m *memory) forget(cluster ClusterKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clusters.Remove(cluster)
}

func (m *memory) learnGone(groupID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone.Add(groupID, time.Now().Add(rememberGone))
}

func (m *memory) isGone(groupID string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	until, ok := m.gone.Get(groupID)
	return ok && time.Now().Before(until)
}

// join makes the caller the one who searches for the cluster, unless somebody is at
// it: then it is theirs to wait for.
func (m *memory) join(cluster ClusterKey) (search *lead, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if search, busy := m.leads[cluster]; busy {
		return search, false
	}
	search = &lead{ended: make(chan struct{})}
	m.leads[cluster] = search
	return search, true
}

// finish ends the search that the caller led. Missing is the error that says that no
// API has the cluster, or nil.
func (m *memory) finish(cluster ClusterKey, search *lead, missing error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.leads, cluster)
	search.missing = missing
	close(search.ended)
}

// learnPage takes in a page of the jobs of a cluster.
func (m *memory) learnPage(api Tier, cluster ClusterKey, o atlas.ListOptions, p *page[*Job]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := m.line(api, cluster)
	line.learn(firstIndex(o), p.items, p.more, p.total)
	line.until = time.Now().Add(rememberAPI)
}

// firstIndex is where the page begins. What is zero is Atlas's default.
func firstIndex(o atlas.ListOptions) int {
	return (max(o.PageNum, 1) - 1) * cmp.Or(o.ItemsPerPage, 100)
}

// learnMissed takes in that the ids are not on the page.
func (m *memory) learnMissed(api Tier, cluster ClusterKey, ids []string, o atlas.ListOptions, p *page[*Job]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.line(api, cluster).miss(ids, o, p.items, p.more)
}

// line is the timeline of a cluster; a new one where nothing is known. The lock is held.
func (m *memory) line(api Tier, cluster ClusterKey) *timeline {
	key := lineKey{api, cluster}
	line, ok := m.lines.Get(key)
	if !ok || !time.Now().Before(line.until) {
		line = &timeline{}
		m.lines.Add(key, line)
	}
	return line
}

// window is the page that most of the jobs stand on, how many those are, and whether
// that is more than a guess.
func (m *memory) window(api Tier, cluster ClusterKey, ids []string) (o atlas.ListOptions, n int, sure bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.line(api, cluster).window(ids)
}
