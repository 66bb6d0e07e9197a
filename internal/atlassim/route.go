package atlassim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// apiRoot is the path of the Administration API.
const apiRoot = "/api/atlas/v2"

// route is one operation. Path segments in braces are arguments.
type route struct {
	operation string // its operationId
	method    string // "" is GET, which answers HEAD, too
	segments  []string
	versions  []string // resource versions, ascending
	set       func(*Simulator) endpointSet
	role      Role     // that the caller needs
	operators Operator // of which the caller needs one, to change something
	list      bool     // has pages
	sunset    sunset
	handle    func(*Simulator, *exchange) answer
}

// sunset is the effect of the end of the serverless API on an operation.
type sunset int

const (
	stays      sunset = iota
	deprecated        // answers as if there were no instances
	removed           // 410, or 404
)

// The endpoint set of a route. The backup sets are those of the simulator, because options change them.
func backupSet(s *Simulator) endpointSet     { return s.backup }
func flexBackupSet(s *Simulator) endpointSet { return s.flex }
func fixedSet(e endpointSet) func(*Simulator) endpointSet {
	return func(*Simulator) endpointSet { return e }
}

var (
	v20230101 = []string{"2023-01-01"}
	v20231001 = []string{"2023-10-01"}
	v20240530 = []string{"2024-05-30"}
	v20240805 = []string{"2024-08-05"}
	v20241113 = []string{"2024-11-13"}
	v20250312 = []string{"2025-03-12"}
	// Of the versions of a cluster the oldest, 2023-01-01, is left out: it has another shape, and gets a 406 here.
	vClusters = []string{"2023-02-01", "2024-08-05"}
)

// routes are all operations of the simulator. The first one that matches a path is used, so that a literal segment
// comes before an argument in the same place.
var routes = slices.Concat([]route{
	{
		operation: "getSystemStatus", segments: path(""), versions: v20230101, set: fixedSet(setRoot),
		handle: getSystemStatus,
	},
	{
		operation: "listGroups", segments: path("/groups"), versions: v20230101, set: fixedSet(setGroups), list: true,
		handle: listGroups,
	},
	{
		operation: "listOrgs", segments: path("/orgs"), versions: v20230101, set: fixedSet(setGroups), list: true,
		handle: listOrgs,
	},
	{
		operation: "listRateLimits", segments: path("/rateLimits"), versions: v20250312, set: fixedSet(setRoot), list: true,
		handle: listRateLimits,
	},
	{
		operation: "listGroupEvents", segments: path("/groups/{groupId}/events"), versions: v20230101, set: fixedSet(setGroup),
		list: true, handle: listGroupEvents,
	},
	{
		operation: "listGroupBackupExportBuckets", segments: path("/groups/{groupId}/backup/exportBuckets"), versions: v20240530,
		set: backupSet, list: true, handle: listExportBuckets,
	},
	{
		operation: "getGroupBackupCompliancePolicy", segments: path("/groups/{groupId}/backupCompliancePolicy"), versions: v20231001,
		set: backupSet, role: ProjectOwner, handle: getCompliancePolicy,
	},
	{
		operation: "listGroupClusterBackupExports", segments: path("/groups/{groupId}/clusters/{clusterName}/backup/exports"),
		versions: v20230101, set: backupSet, role: ProjectBackupManager, list: true, handle: listBackupExports,
	},
	{
		operation: "getGroup", segments: path("/groups/{groupId}"), versions: v20230101, set: fixedSet(setGroup),
		handle: getGroup,
	},
	{
		operation: "listGroupClusterBackupSnapshotShardedClusters",
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters"),
		versions:  v20230101, set: backupSet, handle: listShardedSnapshots,
	},
	{
		operation: "getGroupClusterBackupSnapshotShardedCluster",
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}"),
		versions:  v20230101, set: backupSet, handle: getShardedSnapshot,
	},
	{
		operation: "getGroupClusterBackupSchedule",
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/schedule"),
		versions:  v20240805, set: backupSet, handle: getBackupSchedule,
	},
}, collectionRoutes(), serverlessAPI.routes(), flexAPI.routes(), clustersAPI.routes(), actionRoutes)

// routes returns the operations of an API that all three have.
func (a clusterAPI) routes() []route {
	root, snapshots, jobs := "/groups/{groupId}/"+a.path, a.backups, a.backups
	backup := root + "/{clusterName}/backup/"
	jobs.role = a.jobsRole
	return slices.Concat(
		pair(a.clusters, root, "{clusterName}", a.cluster, a.list, a.getCluster),
		pair(jobs, backup+"restoreJobs", "{restoreJobId}", a.name+"BackupRestoreJob", a.listJobs, a.getJob),
		pair(snapshots, backup+"snapshots", "{snapshotId}", a.name+"BackupSnapshot", a.listSnapshots, a.getSnapshot))
}

// pair returns the list of a resource, and the operation that returns one.
func pair(common route, collection, id, name string, list, get func(*Simulator, *exchange) answer) []route {
	all, one := common, common
	all.operation, all.segments, all.list, all.handle = "listGroup"+name+"s", path(collection), true, list
	one.operation, one.segments, one.handle = "getGroup"+name, path(collection+"/"+id), get
	return []route{all, one}
}

// path splits a route's path after the root.
func path(p string) []string {
	if p == "" {
		return nil
	}
	return strings.Split(p[1:], "/")
}

// match returns the operation of a method and an escaped path; where the path has none with this method, another one of
// the path. Each segment is unescaped by itself, so that an escaped slash stays in its argument. One slash at the end is
// ignored.
func match(method, escaped string) (*route, arguments) {
	rest, ok := strings.CutPrefix(escaped, apiRoot)
	if !ok || (rest != "" && rest[0] != '/') {
		return nil, arguments{}
	}
	var space [10]string
	segments := space[:0]
	rest = strings.TrimPrefix(strings.TrimSuffix(rest, "/"), "/")
	for rest != "" {
		if len(segments) == len(space) {
			return nil, arguments{}
		}
		var s string
		s, rest, _ = strings.Cut(rest, "/")
		if strings.Contains(s, "%") {
			u, err := url.PathUnescape(s)
			if err != nil {
				return nil, arguments{}
			}
			s = u
		}
		segments = append(segments, s)
	}
	var other *route
	var arguments arguments
	for i := range routes {
		args, ok := routes[i].match(segments)
		switch {
		case ok && routes[i].accepts(method):
			return &routes[i], args
		case ok && other == nil:
			other, arguments = &routes[i], args
		}
	}
	return other, arguments
}

// accepts reports whether the operation has the method.
func (rt *route) accepts(method string) bool {
	if rt.method == "" {
		return method == http.MethodGet || method == http.MethodHead
	}
	return method == rt.method
}

func (rt *route) match(segments []string) (args arguments, ok bool) {
	if len(segments) != len(rt.segments) {
		return args, false
	}
	for i, want := range rt.segments {
		got := segments[i]
		switch want {
		case "{groupId}":
			args.groupID = got
		case "{clusterName}":
			args.clusterName = got
		case "{restoreJobId}":
			args.restoreJobID = got
		case "{snapshotId}":
			args.snapshotID = got
		default:
			if got != want {
				return args, false
			}
			continue
		}
		if got == "" {
			return args, false
		}
	}
	return args, true
}
