package atlassim

import (
	"cmp"
	"slices"
	"time"
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

// store is all that this Atlas holds. Nothing in it changes after New but the ledgers of the clusters: what else
// moves is the clock.
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

// cluster is a serverless instance or a cluster. Its records are the same for all tiers: the tier decides which API
// serves it, and so how they are written.
type cluster struct {
	id, name     string
	project      *project
	tier         tier
	becomes      tier // of a serverless instance: what its migration makes of it
	migrated     bool // it was a serverless instance, before anybody looked
	created      time.Time
	version      string // of MongoDB
	provider     string // the cloud beneath
	region       string
	host         string // the middle of the connection string, unique to the project
	size         string // of each node, on the Dedicated tier
	shards       int    // 0 for a replica set
	masterKey    string // that encrypts the snapshots, "" for none
	continuous   bool   // continuous backup, which point-in-time restores need
	protected    bool   // termination protection
	tags         []tag
	jobs         ledger
	snapshots    []*snapshot // newest first
	snapshotByID map[string]*snapshot
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
	endpoint     string // the private endpoint that the download can be fetched through too, "" for none
	flexStatus   string // what the Flex API says in place of the true status, "" for the true one
	bare         bool   // sent with nothing but what identifies it: a client must not need the rest
}

// target is where a restore goes. Only the Dedicated API tells the deployment beneath it.
type target struct{ groupID, clusterName, deployment string }

func newTarget(groupID, clusterName string) target {
	return target{groupID, clusterName, deploymentName(groupID, clusterName)}
}

// deploymentName is what Atlas calls the processes of a cluster among themselves.
func deploymentName(groupID, clusterName string) string {
	return "atlas-" + md5Hex(groupID + "/" + clusterName)[:6]
}

// pointOfTime is where a point-in-time restore stops. Atlas knows three ways to say it; at most one is set.
type pointOfTime struct {
	utcSeconds        int32
	oplogTs, oplogInc int32
	desired           time.Time
	desiredIncrement  int32
}

func newStore() *store { return &store{projects: map[string]*project{}} }

// add puts a project into the store, and the records of its clusters in order.
func (s *store) add(p *project) {
	s.projects[p.id] = p
	s.byName = append(s.byName, p)
	slices.SortFunc(s.byName, func(a, b *project) int { return cmp.Compare(a.name, b.name) })
	for _, c := range p.clusters {
		c.index()
	}
}

// add puts a cluster into a project.
func (p *project) add(c *cluster) {
	c.project = p
	p.clusters = append(p.clusters, c)
	p.byName[c.name] = c
}

// index sorts a cluster's records and makes them findable.
func (c *cluster) index() {
	c.jobs.sort()
	slices.SortStableFunc(c.snapshots, func(a, b *snapshot) int { return cmp.Compare(b.id, a.id) })
	c.snapshotByID = make(map[string]*snapshot, len(c.snapshots))
	for _, sn := range c.snapshots {
		c.snapshotByID[sn.id] = sn
	}
}

// newestSnapshot is the newest one that is complete at a moment; nil for none.
func (c *cluster) newestSnapshot(now time.Time) *snapshot {
	for _, sn := range c.snapshots {
		if sn.status(now) == snapshotCompleted {
			return sn
		}
	}
	return nil
}
