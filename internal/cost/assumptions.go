package cost

// Assumed numbers that are unknown before the call.
const (
	// assumedClusters is how many clusters a project has: what Atlas allows by default.
	assumedClusters = 25
	// assumedTargets is to how many projects the jobs of one list restore.
	assumedTargets = 3
	// AssumedItems is how many elements an unbounded list has, such as links.
	AssumedItems = 5
)

// The cost of further pages and of searches. A list of jobs is read in pages of 100 or 500; its weight includes the
// first ones.
const (
	// firstPages is the largest first that needs no further page.
	firstPages = 498
	// seekPages is how many pages find a cursor in the jobs of a cluster, of 10 000 jobs.
	seekPages = 10
	// scanPages is how many pages of one cluster are searched for rare jobs (restore.ProjectJobs).
	scanPages = 10
	// plainPages is how many are read where no filter excludes jobs.
	plainPages = 2
	// lostPages are read for several things at once and have none of them.
	lostPages = 2
	// collectionPages are read of the collection restores of a cluster (restore.ProjectJobs): Atlas runs one at a time.
	collectionPages = 2
	// pollsPerMinute is how often the jobs of a cluster are read that are watched (package watch), and jobLists how many
	// lists of jobs a cluster has.
	pollsPerMinute = 12
	jobLists       = 2
	// otherAPIs are asked for a cluster before the one that has it.
	otherAPIs = 2
	// clusterLists are the lists of a project's clusters, one for each API.
	clusterLists = 3
)

// The reserve of an operation, once, however many of its fields read lists of unknown length. When it is used up, the
// operation makes no more calls.
const (
	// longLists are further pages of 500 of lists that are read to their end: of projects, clusters and snapshots.
	longLists = 10
	// manyClusters are calls for clusters of a project beyond those that are assumed: two for each Dedicated one.
	manyClusters = 100
)

// maxFirst is the largest page of a connection; resolvers reject more.
const maxFirst = 500
