package atlassim

import (
	"slices"
	"time"
)

// The states of a collection restore. PARTIALLY_SUCCESSFUL is inferred: other sources spell it differently.
const (
	collectionInitializing = "INITIALIZING"
	collectionInProgress   = "IN_PROGRESS"
	collectionFinalizing   = "FINALIZING"
	collectionSuccessful   = "SUCCESSFUL"
	collectionPartly       = "PARTIALLY_SUCCESSFUL"
	collectionFailed       = "FAILED"
	collectionCanceled     = "CANCELED"
)

// collectionJob is a job that restores some collections. There is no recording of one: everything that Atlas's public
// description leaves open is inferred.
type collectionJob struct {
	id           string
	created      time.Time
	takes        time.Duration
	ends         string   // the state at its end
	stays        string   // the state that the job has at any time; "" for the one that follows from the clock
	namespaces   []string // that are restored
	documents    int64    // of each
	snapshot     *snapshot
	target       target
	errorMessage string
}

// state returns the state of a job at a time.
func (j *collectionJob) state(now time.Time) string {
	age := now.Sub(j.created)
	switch {
	case j.stays != "":
		return j.stays
	case age < j.takes/10:
		return collectionInitializing
	case age < j.takes*9/10:
		return collectionInProgress
	case age < j.takes:
		return collectionFinalizing
	default:
		return j.ends
	}
}

// restored returns how many documents of one collection are restored. The collections are restored side by side.
func (j *collectionJob) restored(now time.Time, namespace int) int64 {
	switch state := j.state(now); {
	case state == collectionInitializing:
		return 0
	case state == collectionSuccessful, state == collectionFinalizing, state == collectionPartly && namespace > 0:
		return j.documents
	case state != collectionInProgress:
		return j.documents / 3
	case j.stays != "":
		return j.documents * 2 / 5
	default:
		return int64(float64(j.documents) * float64(now.Sub(j.created)-j.takes/10) / float64(j.takes*8/10))
	}
}

// collectionState returns the state of one collection.
func (j *collectionJob) collectionState(now time.Time, namespace int) string {
	state := j.state(now)
	switch {
	case state == collectionPartly && namespace == 0:
		return collectionFailed
	case state == collectionPartly:
		return collectionSuccessful
	default:
		return state
	}
}

// collectionJobs returns the collection restores of a cluster at a time, newest first.
func (x *exchange) collectionJobs(c *cluster) []*collectionJob {
	if x.tier(c) != dedicated {
		return nil
	}
	jobs := slices.Clone(c.collectionJobs)
	if c.liveCollectionsFrom.IsZero() {
		return jobs
	}
	latest := int(x.now.Sub(c.liveCollectionsFrom) / liveCollectionPeriod)
	live := make([]*collectionJob, 0, maxLiveCollections+len(jobs))
	for n := latest; n >= max(0, latest-maxLiveCollections+1); n-- {
		live = append(live, c.liveCollectionJob(n))
	}
	return append(live, jobs...)
}

const (
	// liveCollectionPeriod is the time between two collection restores of a cluster that has new ones.
	liveCollectionPeriod = 20 * time.Minute
	// maxLiveCollections bounds those of them that are listed.
	maxLiveCollections = 12
)

func (c *cluster) liveCollectionJob(n int) *collectionJob {
	created := c.liveCollectionsFrom.Add(time.Duration(n) * liveCollectionPeriod)
	j := &collectionJob{
		id: objectID(created, familyCollection, 0x800000+uint32(n)), created: created, //nolint:gosec // small
		takes: 12 * time.Minute, ends: collectionSuccessful, namespaces: []string{"shop.orders", "shop.carts"},
		documents: 1_250_000, snapshot: c.newestSnapshot(created), target: newTarget(c.project.id, c.name),
	}
	if n%3 == 2 {
		j.ends, j.errorMessage = collectionPartly, "1 of 2 collections could not be restored."
	}
	return j
}

// listCollectionRestoreJobs is GET /groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs.
func listCollectionRestoreJobs(s *Simulator, x *exchange) answer {
	c, e := s.collectionsOf(x)
	if e != nil {
		return e.answer(x.query)
	}
	jobs := x.collectionJobs(c)
	return x.list(len(jobs), func(t *jsonText, i int) { jobs[i].write(t, x) })
}

// getCollectionRestoreJob is GET /groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs/{jobId}.
func getCollectionRestoreJob(s *Simulator, x *exchange) answer {
	j, e := s.collectionJob(x)
	if e != nil {
		return e.answer(x.query)
	}
	return x.one(func(t *jsonText) { j.write(t, x) })
}

// listRestoreJobCollections is GET /groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs/{jobId}/collections.
func listRestoreJobCollections(s *Simulator, x *exchange) answer {
	j, e := s.collectionJob(x)
	if e != nil {
		return e.answer(x.query)
	}
	n := len(j.namespaces)
	if j.state(x.now) == collectionInitializing {
		n = 0 // as Atlas documents it
	}
	return x.list(n, func(t *jsonText, i int) { j.writeCollection(t, x, i) })
}

// collectionsOf returns the cluster of the path, unless the API does not exist.
func (s *Simulator) collectionsOf(x *exchange) (*cluster, *apiError) {
	if s.noCollections {
		e := errNoResource(x.path)
		return nil, &e
	}
	return x.cluster()
}

// collectionJob returns the job of the path. The code of a missing one is inferred.
func (s *Simulator) collectionJob(x *exchange) (*collectionJob, *apiError) {
	c, e := s.collectionsOf(x)
	if e != nil {
		return nil, e
	}
	for _, j := range x.collectionJobs(c) {
		if j.id == x.arguments.restoreJobID && !x.now.Before(j.created) {
			return j, nil
		}
	}
	missing := errNoJob(x.arguments.restoreJobID, c.name)
	return nil, &missing
}

func (j *collectionJob) write(t *jsonText, x *exchange) {
	state := j.state(x.now)
	ended := slices.Contains(
		[]string{collectionSuccessful, collectionPartly, collectionFailed, collectionCanceled}, state)
	t.open()
	t.text("collectionSuffix", "_restored")
	t.openField("collections", '[')
	if state != collectionInitializing {
		for _, namespace := range j.namespaces {
			t.open()
			t.text("sourceNamespace", namespace)
			t.close('}')
		}
	}
	t.close(']')
	t.instant("createdAt", j.created)
	if j.errorMessage != "" && ended {
		t.text("errorMessage", j.errorMessage)
	}
	if ended {
		t.instant("finishedAt", j.created.Add(j.takes))
	}
	t.text("id", j.id)
	if state != collectionInitializing {
		t.openField("indexStatus", '{')
		failed := int64(0)
		if state == collectionPartly {
			failed = 1
		}
		t.number("failedCollectionCount", failed)
		t.text("state", state)
		t.close('}')
	}
	t.text("indexStrategy", "REBUILD_INDEXES")
	var restored, total int64
	for i := range j.namespaces {
		restored += j.restored(x.now, i)
		if state != collectionInitializing {
			total += j.documents
		}
	}
	t.number("restoredDocuments", restored)
	if j.snapshot != nil {
		t.text("snapshotId", j.snapshot.id)
	}
	t.text("state", state)
	t.text("targetClusterName", j.target.clusterName)
	t.text("targetGroupId", j.target.groupID)
	t.number("totalDocuments", total)
	t.text("writeStrategy", "RENAME")
	t.close('}')
}

func (j *collectionJob) writeCollection(t *jsonText, x *exchange, i int) {
	state := j.collectionState(x.now, i)
	t.open()
	t.text("effectiveTargetNamespace", j.namespaces[i]+"_restored")
	t.openField("indexStatus", '{')
	if state == collectionFailed {
		t.text("errorMessage", "An index could not be built.")
		t.openField("failedIndexes", '[')
		t.open()
		t.text("name", "by_created")
		t.close('}')
		t.close(']')
	}
	t.text("state", state)
	t.close('}')
	t.number("restoredDocuments", j.restored(x.now, i))
	t.text("sourceNamespace", j.namespaces[i])
	t.text("state", state)
	t.text("targetNamespace", j.namespaces[i]+"_restored")
	t.number("totalDocuments", j.documents)
	t.close('}')
}

// collectionRoutes are the operations of collection restores.
func collectionRoutes() []route {
	const root = "/groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs"
	common := route{versions: v20250312, set: backupSet, role: ProjectBackupManager}
	routes := make([]route, 3)
	for i, r := range []struct {
		operation, path string
		list            bool
		handle          func(*Simulator, *exchange) answer
	}{
		{operation: "listCollectionRestoreJobs", path: root, list: true, handle: listCollectionRestoreJobs},
		{operation: "getCollectionRestoreJob", path: root + "/{restoreJobId}", handle: getCollectionRestoreJob},
		{
			operation: "listRestoreJobCollections", path: root + "/{restoreJobId}/collections", list: true,
			handle: listRestoreJobCollections,
		},
	} {
		routes[i] = common
		routes[i].operation, routes[i].segments, routes[i].list, routes[i].handle = r.operation, path(r.path), r.list, r.handle
	}
	return routes
}

// WithoutCollectionRestores has the paths of collection restores not exist, as before August 2026: 404
// RESOURCE_NOT_FOUND (inferred).
func WithoutCollectionRestores() Option { return func(s *Simulator) { s.noCollections = true } }

// WithCollectionRestores adds collection restores to the Dedicated clusters of [SeedGroupID]: one in each state, and one
// that advances with the clock. Atlas runs one at a time for each cluster.
func WithCollectionRestores() Option { return func(s *Simulator) { s.collections = true } }

// addCollectionRestores adds the jobs of [WithCollectionRestores].
func (s *Simulator) addCollectionRestores() {
	billing := s.store.projects[SeedGroupID].byName[SeedReplicaSetClusterName]
	reporting := s.store.projects[SeedGroupID].byName[SeedDedicatedClusterName]
	loyalty := s.store.projects[SeedGroupID].byName[SeedMigratedToDedicatedName]
	billing.liveCollectionsFrom = s.started.Truncate(time.Second)
	for i, state := range []string{collectionSuccessful, collectionPartly, collectionFailed, collectionCanceled} {
		billing.collectionJobs = append(billing.collectionJobs, newCollectionJob(billing, s.started, 2+i, state))
	}
	billing.collectionJobs[1].errorMessage = "1 of 2 collections could not be restored."
	billing.collectionJobs[2].errorMessage = "The target cluster has not enough disk space."
	reporting.collectionJobs = []*collectionJob{
		newCollectionJob(reporting, s.started, 0, collectionInProgress),
		newCollectionJob(reporting, s.started, 3, "SUSPENDED"), // a state that a client does not know
	}
	// One waits for the other.
	loyalty.collectionJobs = []*collectionJob{
		newCollectionJob(loyalty, s.started, 0, collectionInitializing),
		newCollectionJob(loyalty, s.started, 1, collectionFinalizing),
	}
}

// newCollectionJob returns a job that was created some hours ago and stays in a state.
func newCollectionJob(c *cluster, started time.Time, hoursAgo int, state string) *collectionJob {
	created := started.Truncate(time.Second).Add(-time.Duration(hoursAgo)*time.Hour - 7*time.Minute)
	_, _, number := splitObjectID(c.id) // of the cluster
	return &collectionJob{
		id: objectID(created, familyCollection, number), created: created,
		takes: 6 * time.Minute, stays: state, namespaces: []string{"shop.orders", "shop.customers"}, documents: 84_000,
		snapshot: c.newestSnapshot(created), target: newTarget(c.project.id, c.name),
	}
}
