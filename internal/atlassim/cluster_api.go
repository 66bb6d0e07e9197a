package atlassim

import "strconv"

// clusterAPI is one of Atlas's APIs that have clusters, and their restore jobs and snapshots. A Free cluster has
// neither (inferred: Atlas may also return an error).
type clusterAPI struct {
	path          string // below the project
	name, cluster string // in the names of operations
	// clusters and backups are what the routes of clusters, and of jobs and snapshots, have in common.
	clusters, backups route
	jobsRole          Role // that jobs need

	find          func(*exchange) (*cluster, *apiError)
	tiers         []tier
	writeCluster  func(t *jsonText, x *exchange, c *cluster)
	jobWriter     func(x *exchange, c *cluster) func(*jsonText, *job)
	writeSnapshot func(t *jsonText, x *exchange, c *cluster, sn *snapshot)
	// oldestFirst is true of an API whose lists of snapshots begin with the oldest, not with the newest.
	oldestFirst bool
}

var (
	serverlessAPI = clusterAPI{
		path: "serverless", name: "Serverless", cluster: "ServerlessInstance", jobsRole: ProjectOwner,
		clusters: route{versions: v20230101, set: fixedSet(setInstances), sunset: deprecated},
		backups:  route{versions: v20230101, set: backupSet, sunset: removed},
		find:     (*exchange).serverlessInstance, tiers: []tier{serverless}, writeCluster: writeServerlessInstance,
		jobWriter: newJobWriter, writeSnapshot: writeServerlessSnapshot,
	}
	flexAPI = clusterAPI{
		path: "flexClusters", name: "FlexCluster", cluster: "FlexCluster",
		clusters: route{versions: v20241113, set: fixedSet(setFlex)},
		backups:  route{versions: v20241113, set: flexBackupSet},
		find:     (*exchange).flexCluster, tiers: []tier{flex}, writeCluster: writeFlexCluster,
		jobWriter: newFlexJobWriter, writeSnapshot: writeFlexSnapshot, oldestFirst: true,
	}
	clustersAPI = clusterAPI{
		path: "clusters", name: "Cluster", cluster: "Cluster", jobsRole: ProjectBackupManager,
		clusters: route{versions: vClusters, set: fixedSet(setClusters)},
		backups:  route{versions: v20230101, set: backupSet},
		find:     (*exchange).cluster, tiers: []tier{dedicated, free}, writeCluster: writeCluster,
		jobWriter: newJobWriter, writeSnapshot: writeClusterSnapshot,
	}
)

// list lists the clusters. Of the Dedicated API's parameters the links repeat includeDeletedWithRetainedBackups; there
// are no deleted clusters. A recording has CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API while a Flex cluster was changing,
// which a [Fault] can send.
func (a clusterAPI) list(_ *Simulator, x *exchange) answer {
	if a.path == "clusters" {
		const deleted = "includeDeletedWithRetainedBackups"
		x.extra = "&" + deleted + "=" + strconv.FormatBool(x.request.URL.Query().Get(deleted) == "true")
	}
	clusters := x.clustersOf(a.tiers...)
	return x.list(len(clusters), func(t *jsonText, i int) { a.writeCluster(t, x, clusters[i]) })
}

func (a clusterAPI) getCluster(_ *Simulator, x *exchange) answer {
	c, e := a.find(x)
	if e != nil {
		return e.answer(x.query)
	}
	return x.one(func(t *jsonText) { a.writeCluster(t, x, c) })
}

// listJobs lists the jobs, newest first.
func (a clusterAPI) listJobs(_ *Simulator, x *exchange) answer {
	c, e := a.find(x)
	switch {
	case e != nil:
		return e.answer(x.query)
	case x.tier(c) == free:
		return x.list(0, nil)
	default:
		return x.listJobs(&c.jobs, a.jobWriter(x, c))
	}
}

func (a clusterAPI) getJob(_ *Simulator, x *exchange) answer {
	c, e := a.find(x)
	if e != nil {
		return e.answer(x.query)
	}
	var j *job
	if x.tier(c) != free {
		j = c.jobs.find(x.arguments.restoreJobID, x.now)
	}
	if j == nil {
		return errNoJob(x.arguments.restoreJobID, c.name).answer(x.query)
	}
	return x.one(func(t *jsonText) { a.jobWriter(x, c)(t, j) })
}

func (a clusterAPI) listSnapshots(_ *Simulator, x *exchange) answer {
	c, e := a.find(x)
	if e != nil {
		return e.answer(x.query)
	}
	all := x.snapshots(c)
	return x.list(len(all), func(t *jsonText, i int) {
		if a.oldestFirst {
			i = len(all) - 1 - i
		}
		a.writeSnapshot(t, x, c, all[i])
	})
}

func (a clusterAPI) getSnapshot(_ *Simulator, x *exchange) answer {
	c, e := a.find(x)
	if e != nil {
		return e.answer(x.query)
	}
	return x.oneSnapshot(c, x.tier(c) != free, a.writeSnapshot)
}

// snapshots returns the snapshots of a cluster, newest first.
func (x *exchange) snapshots(c *cluster) []*snapshot {
	if x.tier(c) == free {
		return nil
	}
	return c.snapshots
}

// oneSnapshot returns the snapshot of the path; there is none where has is false.
func (x *exchange) oneSnapshot(c *cluster, has bool,
	write func(*jsonText, *exchange, *cluster, *snapshot)) answer {
	sn := c.snapshotByID[x.arguments.snapshotID]
	if sn == nil || !has {
		return errNoSnapshot(x.arguments.snapshotID, c.name).answer(x.query)
	}
	return x.one(func(t *jsonText) { write(t, x, c, sn) })
}

// one returns a single resource.
func (x *exchange) one(write func(t *jsonText)) answer {
	t := jsonText{buf: make([]byte, 0, 2048)}
	write(&t)
	return x.resource(t.buf)
}

// listShardedSnapshots is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters. It has no
// pages. That a replica set has an empty list here rather than an error is inferred.
func listShardedSnapshots(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	var all []*snapshot
	if c.shards > 0 {
		all = x.snapshots(c)
	}
	return x.listAll(len(all), func(t *jsonText, i int) { writeShardedSnapshot(t, x, c, all[i]) })
}

// getShardedSnapshot is GET /groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}.
func getShardedSnapshot(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	return x.oneSnapshot(c, c.shards > 0, writeShardedSnapshot)
}
