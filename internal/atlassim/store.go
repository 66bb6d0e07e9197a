package atlassim

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// deliveryType is how a restore reaches its target, in the words of the serverless and the Dedicated API.
type deliveryType string

const (
	automated   deliveryType = "automated"
	download    deliveryType = "download"
	pointInTime deliveryType = "pointInTime"
	// streaming does not exist in Atlas: a client must accept an unknown type.
	streaming deliveryType = "streaming"
)

// store has all data of the simulator. Requests that change it hold the lock, and those that read it hold it for reading;
// the job lists of the clusters have locks of their own.
type store struct {
	mu       sync.RWMutex
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

// cluster is a serverless instance or a cluster. Its data is the same in all tiers; the tier decides which API serves
// it, and so in which form.
type cluster struct {
	id, name   string
	project    *project
	tier       tier
	becomes    tier // of a serverless instance: the tier after its migration
	migrated   bool // it was a serverless instance until the simulator was made
	created    time.Time
	version    string // of MongoDB
	provider   string // the cloud beneath
	region     string
	host       string // the middle of the connection string, unique to the project
	size       string // of each node, on the Dedicated tier
	shards     int    // 0 for a replica set
	masterKey  string // that encrypts the snapshots, "" for none
	continuous bool   // continuous backup, which point-in-time restores need
	protected  bool   // termination protection
	tags       []tag
	jobs       jobList
	// collectionJobs are those that are stored, newest first; liveCollectionsFrom is when those began that come with the
	// clock, or zero.
	collectionJobs      []*collectionJob
	liveCollectionsFrom time.Time
	snapshots           []*snapshot // newest first
	snapshotByID        map[string]*snapshot
}

// snapshot is a backup. It is queued, then in progress, then complete or failed.
type snapshot struct {
	id        string
	scheduled time.Time
	started   time.Time
	finished  time.Time
	expires   time.Time
	failed    bool
	ended     bool // it has ended, independently of the clock
	onDemand  bool
	// description is that of a snapshot on demand.
	description string
	frequency   string // hourly, daily, weekly or monthly
	version     string // of MongoDB
	bytes       int64
}

// job is a restore job as it was requested; schedule decides its state.
type job struct {
	id           string
	created      time.Time
	deliveryType deliveryType
	snapshot     *snapshot // nil where Atlas leaves it out
	target       target    // zero for a download
	point        pointOfTime
	schedule     schedule
	endpoint     string // a private endpoint of the download, "" for none
	flexStatus   string // the status in the Flex API, "" for the one of the schedule
	minimal      bool   // sent without optional members: a client must not need them
}

// target is where a restore goes. Only the Dedicated API sends the deployment.
type target struct{ groupID, clusterName, deployment string }

func newTarget(groupID, clusterName string) target {
	return target{groupID, clusterName, deploymentName(groupID, clusterName)}
}

// deploymentName returns the name that Atlas gives to the processes of a cluster.
func deploymentName(groupID, clusterName string) string {
	return "atlas-" + md5Hex(groupID + "/" + clusterName)[:6]
}

// pointOfTime is the time of a point-in-time restore. Atlas has three forms of it; at most one is set.
type pointOfTime struct {
	utcSeconds        int32
	oplogTs, oplogInc int32
	desired           time.Time
	desiredIncrement  int32
}

func newStore() *store { return &store{projects: map[string]*project{}} }

// add adds a project, and sorts the jobs and snapshots of its clusters.
func (s *store) add(p *project) {
	s.projects[p.id] = p
	s.byName = append(s.byName, p)
	slices.SortFunc(s.byName, func(a, b *project) int { return cmp.Compare(a.name, b.name) })
	for _, c := range p.clusters {
		c.index()
	}
}

// organizations returns the ids of the organizations of some projects, sorted.
func (s *store) organizations(of func(groupID string) bool) []string {
	var ids []string
	for _, p := range s.byName {
		if of(p.id) {
			ids = append(ids, p.orgID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// add adds a cluster to a project.
func (p *project) add(c *cluster) {
	c.project = p
	p.clusters = append(p.clusters, c)
	p.byName[c.name] = c
}

// index sorts the jobs and snapshots of a cluster and makes them findable by id.
func (c *cluster) index() {
	c.jobs.sort()
	slices.SortStableFunc(c.snapshots, func(a, b *snapshot) int { return cmp.Compare(b.id, a.id) })
	c.snapshotByID = make(map[string]*snapshot, len(c.snapshots))
	for _, sn := range c.snapshots {
		c.snapshotByID[sn.id] = sn
	}
}

// newestSnapshot returns the newest snapshot that is complete at a time; nil for none.
func (c *cluster) newestSnapshot(now time.Time) *snapshot {
	for _, sn := range c.snapshots {
		if sn.status(now) == snapshotCompleted {
			return sn
		}
	}
	return nil
}
