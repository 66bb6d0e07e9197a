package cost

// What is assumed of the things whose number nobody knows before they were read.
const (
	// assumedClusters is how many clusters a project has: what Atlas allows by default.
	assumedClusters = 25
	// assumedTargets is how many projects the jobs of one list restore to.
	assumedTargets = 3
	// AssumedItems is how many elements a list has that nothing bounds, such as links.
	AssumedItems = 5
)

// What one page more, and the search for a place, cost. A list of jobs is read by pages
// of 100 or 500; its weight holds the first ones.
const (
	// firstPages is the largest first that needs no page beyond those.
	firstPages = 498
	// seekPages finds a cursor's place in the jobs of a cluster: among 10 000 of them.
	seekPages = 10
	// scanPages is how many pages of one cluster are looked through for rare jobs
	// (restore.ProjectJobs).
	scanPages = 10
	// plainPages is how many are read where every job will do.
	plainPages = 2
	// lostPages are read for several things at once and have none of them.
	lostPages = 2
	// otherAPIs are asked for a cluster before the one that has it.
	otherAPIs = 2
	// clusterLists are the lists of a project's clusters, one for each API.
	clusterLists = 3
)

// What an operation may take beyond its fields, once, however many of its fields read lists of
// which nobody knows the length. When that is used up, the operation makes no more calls.
const (
	// longLists are further pages of 500 of lists that are read as a whole: of projects,
	// clusters and snapshots.
	longLists = 10
	// manyClusters are clusters of a project beyond those that are assumed.
	manyClusters = 50
)

// maxFirst is the largest page of a connection; more is refused by the resolver.
const maxFirst = 500
