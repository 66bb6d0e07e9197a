package atlas

import (
	"context"
	"strings"
	"sync/atomic"
)

// endpointSet is a group of Atlas's endpoints that share a rate limit. In each set a project has a bucket of
// its own; endpoints without a project (the list of projects, the system status) have one for the
// credential.
type endpointSet int

const (
	setRoot endpointSet = iota
	setProjects
	setClusters
	setCloudBackups // of Dedicated clusters and serverless instances
	setServerlessInstances
	setFlexClusters
	setFlexBackups

	endpointSetCount = iota
)

// endpointSetTable has the limits that Atlas documents. Those of the root and of serverless instances are the usual
// ones, because Atlas documents none.
var endpointSetTable = [endpointSetCount]struct {
	name string
	rateLimit
}{
	setRoot:                {"root", rateLimit{1200, 500}},
	setProjects:            {"projects", rateLimit{1200, 500}},
	setClusters:            {"clusters", rateLimit{10000, 5000}},
	setCloudBackups:        {"cloud backups", rateLimit{1200, 500}},
	setServerlessInstances: {"serverless instances", rateLimit{1200, 500}},
	setFlexClusters:        {"flex clusters", rateLimit{1200, 500}},
	setFlexBackups:         {"flex backups", rateLimit{1200, 500}},
}

// rateLimit is that of an endpoint set: the capacity of a bucket, in calls, and its refill, in calls a minute.
type rateLimit struct{ capacity, refill float64 }

func (s endpointSet) String() string { return endpointSetTable[s].name }

const projectPrefix = "/groups/{groupId}"

// endpointSet returns the set of an operation, by its path.
func (op operation) endpointSet() endpointSet {
	path, ofProject := strings.CutPrefix(op.path, projectPrefix)
	// That collection restores share the limit of the other backups of a Dedicated cluster is inferred: it is the smaller
	// one of the two that they can have.
	backup := strings.Contains(path, "/backup/") || strings.Contains(path, "/collectionRestoreJobs")
	switch {
	case !ofProject && op.path == "":
		return setRoot
	case strings.HasPrefix(path, "/flexClusters") && backup:
		return setFlexBackups
	case strings.HasPrefix(path, "/flexClusters"):
		return setFlexClusters
	case backup:
		return setCloudBackups
	case strings.HasPrefix(path, "/serverless"):
		return setServerlessInstances
	case strings.HasPrefix(path, "/clusters"):
		return setClusters
	default:
		return setProjects
	}
}

// project returns the argument that is the project; empty where there is none.
func (op operation) project(args []string) string {
	if len(args) == 0 || !strings.HasPrefix(op.path, projectPrefix) {
		return ""
	}
	return args[0]
}

// callInfo is what the RoundTrippers know of a call. It is in the context of the request. A request for an
// access token has none, and belongs to no endpoint set.
type callInfo struct {
	op      string
	set     endpointSet
	project string
	// changes is that of the operation. Then maySent becomes true when a request is given a connection, and false when
	// it was rejected before it could change anything.
	changes bool
	maySent atomic.Bool
	// attempts is how many attempts have begun. They are made one after the other.
	attempts int
}

func newCallInfo(op operation, args []string) *callInfo {
	return &callInfo{op: op.name, set: op.endpointSet(), project: op.project(args), changes: op.changes()}
}

type callInfoKey struct{}

func withCallInfo(ctx context.Context, info *callInfo) context.Context {
	return context.WithValue(ctx, callInfoKey{}, info)
}

func callInfoFrom(ctx context.Context) *callInfo {
	info, _ := ctx.Value(callInfoKey{}).(*callInfo)
	return info
}
