package atlassim

import (
	"cmp"
	"slices"
	"time"
)

// tier is what a cluster runs on. It decides which of Atlas's three backup APIs serves it, and so which renderer
// writes its jobs; the records are the same for all.
type tier int

const (
	serverless tier = iota
	flex
	dedicated
)

// deliveryType is how a restore reaches its target, in the words of the serverless and the Dedicated API.
type deliveryType string

const (
	automated   deliveryType = "automated"
	download    deliveryType = "download"
	pointInTime deliveryType = "pointInTime"
	// streaming does not exist: a client must survive a type that came after it was written.
	streaming deliveryType = "streaming"
)

// store is all that this Atlas holds. It does not change after New: what moves is the clock.
type store struct {
	projects map[string]*project
	byName   []*project // as GET /groups lists them
}

type project struct {
	id, name, orgID string
	created         time.Time
	tags            []tag
	clusters        []*cluster
	byName          map[string]*cluster
}

type tag struct{ key, value string }

type cluster struct {
	id, name     string
	project      *project
	tier         tier
	created      time.Time
	version      string // of MongoDB
	provider     string // the cloud beneath
	region       string
	host         string // the middle of the connection string, unique to the project
	continuous   bool   // continuous backup, which point-in-time restores need
	protected    bool   // termination protection
	tags         []tag
	jobs         []*job // newest first
	jobByID      map[string]*job
	snapshots    []*snapshot // newest first
	snapshotByID map[string]*snapshot
	live         *liveJobs // nil for none
}

// snapshot is a backup. It is queued, then in progress, then complete or failed.
type snapshot struct {
	id        string
	scheduled time.Time
	started   time.Time
	finished  time.Time
	expires   time.Time
	failed    bool
	settled   bool // whatever the clock says, it is at its end
	onDemand  bool
	frequency string // hourly, daily, weekly or monthly
	version   string // of MongoDB
	bytes     int64
}

// job is a restore job as it was asked for; life says what becomes of it.
type job struct {
	id           string
	created      time.Time
	deliveryType deliveryType
	snapshot     *snapshot // nil where Atlas leaves it out
	target       target    // zero for a download
	point        pointOfTime
	life         life
	bare         bool // sent with nothing but what identifies it: a client must not need the rest
}

type target struct{ groupID, clusterName string }

// pointOfTime is where a point-in-time restore stops. Atlas knows three ways to say it; at most one is set.
type pointOfTime struct {
	utcSeconds        int32
	oplogTs, oplogInc int32
	desired           time.Time
	desiredIncrement  int32
}

func newStore() *store { return &store{projects: map[string]*project{}} }

// add puts a project into the store and its own ids in order.
func (s *store) add(p *project) {
	s.projects[p.id] = p
	s.byName = append(s.byName, p)
	slices.SortFunc(s.byName, func(a, b *project) int { return cmp.Compare(a.name, b.name) })
	p.byName = make(map[string]*cluster, len(p.clusters))
	for _, c := range p.clusters {
		c.project = p
		p.byName[c.name] = c
		c.index()
	}
}

// index sorts a cluster's records and makes them findable.
func (c *cluster) index() {
	slices.SortStableFunc(c.jobs, newestJobFirst)
	slices.SortStableFunc(c.snapshots, func(a, b *snapshot) int { return cmp.Compare(b.id, a.id) })
	c.jobByID = make(map[string]*job, len(c.jobs))
	for _, j := range c.jobs {
		c.jobByID[j.id] = j
	}
	c.snapshotByID = make(map[string]*snapshot, len(c.snapshots))
	for _, sn := range c.snapshots {
		c.snapshotByID[sn.id] = sn
	}
}

// newestJobFirst orders by id, which begins with the time of creation.
func newestJobFirst(a, b *job) int { return cmp.Compare(b.id, a.id) }

// job finds one job at a moment; nil for none.
func (c *cluster) job(id string, now time.Time) *job {
	if j := c.jobByID[id]; j != nil {
		return j
	}
	if c.live == nil {
		return nil
	}
	return c.live.find(id, now)
}

// jobsAt lists the jobs at a moment, newest first. The caller must not change the list.
func (c *cluster) jobsAt(now time.Time) []*job {
	if c.live == nil {
		return c.jobs
	}
	all := append(c.live.at(now), c.jobs...)
	if !slices.IsSortedFunc(all, newestJobFirst) { // a clock before the dates of the seed
		slices.SortStableFunc(all, newestJobFirst)
	}
	return all
}

// serverlessClusters are those that the serverless API lists.
func (p *project) serverlessClusters() []*cluster {
	var out []*cluster
	for _, c := range p.clusters {
		if c.tier == serverless {
			out = append(out, c)
		}
	}
	return out
}
