package atlassim

import (
	"net/url"
	"strings"
)

// apiRoot is the path of the Administration API.
const apiRoot = "/api/atlas/v2"

// route is one operation. Path segments in braces are arguments.
type route struct {
	operation string // its operationId
	segments  []string
	versions  []string // resource versions, ascending
	set       func(*Simulator) endpointSet
	role      Role // that the caller needs
	list      bool // has pages
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
	v20240805 = []string{"2024-08-05"}
	v20241113 = []string{"2024-11-13"}
	// Of the versions of a cluster the oldest, 2023-01-01, is left out: it has another shape, and gets a 406 here.
	vClusters = []string{"2023-02-01", "2024-08-05"}
)

// routes are all operations of the simulator. The first one that matches a path is used, so that a literal segment
// comes before an argument in the same place.
var routes = []route{
	{
		operation: "getSystemStatus", segments: path(""), versions: v20230101, set: fixedSet(setRoot),
		handle: getSystemStatus,
	},
	{
		operation: "listGroups", segments: path("/groups"), versions: v20230101, set: fixedSet(setGroups), list: true,
		handle: listGroups,
	},
	{
		operation: "getGroup", segments: path("/groups/{groupId}"), versions: v20230101, set: fixedSet(setGroup),
		handle: getGroup,
	},
	{operation: "listGroupServerlessInstances", segments: path("/groups/{groupId}/serverless"), versions: v20230101,
		set: fixedSet(setInstances), list: true, sunset: deprecated, handle: serverlessAPI.listClusters},
	{
		operation: "getGroupServerlessInstance", segments: path("/groups/{groupId}/serverless/{clusterName}"),
		versions: v20230101,
		set:      fixedSet(setInstances), sunset: deprecated, handle: serverlessAPI.getCluster},
	{
		operation: "listGroupServerlessBackupRestoreJobs",
		segments:  path("/groups/{groupId}/serverless/{clusterName}/backup/restoreJobs"),
		versions:  v20230101, set: backupSet, role: ProjectOwner, list: true, sunset: removed, handle: serverlessAPI.listJobs},
	{operation: "getGroupServerlessBackupRestoreJob",
		segments: path("/groups/{groupId}/serverless/{clusterName}/backup/restoreJobs/{restoreJobId}"),
		versions: v20230101, set: backupSet, role: ProjectOwner, sunset: removed, handle: serverlessAPI.getJob},
	{
		operation: "listGroupServerlessBackupSnapshots",
		segments:  path("/groups/{groupId}/serverless/{clusterName}/backup/snapshots"),
		versions:  v20230101, set: backupSet, list: true, sunset: removed, handle: serverlessAPI.listSnapshots},
	{operation: "getGroupServerlessBackupSnapshot",
		segments: path("/groups/{groupId}/serverless/{clusterName}/backup/snapshots/{snapshotId}"),
		versions: v20230101, set: backupSet, sunset: removed, handle: serverlessAPI.getSnapshot},

	{operation: "listGroupFlexClusters", segments: path("/groups/{groupId}/flexClusters"), versions: v20241113,
		set: fixedSet(setFlex), list: true, handle: flexAPI.listClusters},
	{operation: "getGroupFlexCluster", segments: path("/groups/{groupId}/flexClusters/{clusterName}"), versions: v20241113,
		set: fixedSet(setFlex), handle: flexAPI.getCluster},
	{
		operation: "listGroupFlexClusterBackupRestoreJobs",
		segments:  path("/groups/{groupId}/flexClusters/{clusterName}/backup/restoreJobs"),
		versions:  v20241113, set: flexBackupSet, list: true, handle: flexAPI.listJobs},
	{operation: "getGroupFlexClusterBackupRestoreJob",
		segments: path("/groups/{groupId}/flexClusters/{clusterName}/backup/restoreJobs/{restoreJobId}"),
		versions: v20241113, set: flexBackupSet, handle: flexAPI.getJob},
	{
		operation: "listGroupFlexClusterBackupSnapshots",
		segments:  path("/groups/{groupId}/flexClusters/{clusterName}/backup/snapshots"),
		versions:  v20241113, set: flexBackupSet, list: true, handle: flexAPI.listSnapshots},
	{operation: "getGroupFlexClusterBackupSnapshot",
		segments: path("/groups/{groupId}/flexClusters/{clusterName}/backup/snapshots/{snapshotId}"),
		versions: v20241113, set: flexBackupSet, handle: flexAPI.getSnapshot},

	{operation: "listGroupClusters", segments: path("/groups/{groupId}/clusters"), versions: vClusters,
		set: fixedSet(setClusters), list: true, handle: listClusters},
	{operation: "getGroupCluster", segments: path("/groups/{groupId}/clusters/{clusterName}"), versions: vClusters,
		set: fixedSet(setClusters), handle: clustersAPI.getCluster},
	{
		operation: "listGroupClusterBackupRestoreJobs",
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs"),
		versions:  v20230101, set: backupSet, role: ProjectBackupManager, list: true, handle: clustersAPI.listJobs},
	{operation: "getGroupClusterBackupRestoreJob",
		segments: path("/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}"),
		versions: v20230101, set: backupSet, role: ProjectBackupManager, handle: clustersAPI.getJob},
	{
		operation: "listGroupClusterBackupSnapshots",
		segments:  path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots"),
		versions:  v20230101, set: backupSet, list: true, handle: clustersAPI.listSnapshots},
	{operation: "listGroupClusterBackupSnapshotShardedClusters",
		segments: path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedClusters"),
		versions: v20230101, set: backupSet, handle: listShardedSnapshots},
	{operation: "getGroupClusterBackupSnapshotShardedCluster",
		segments: path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots/shardedCluster/{snapshotId}"),
		versions: v20230101, set: backupSet, handle: getShardedSnapshot},
	{operation: "getGroupClusterBackupSchedule", segments: path("/groups/{groupId}/clusters/{clusterName}/backup/schedule"),
		versions: v20240805, set: backupSet, handle: getBackupSchedule},
	{operation: "getGroupClusterBackupSnapshot",
		segments: path("/groups/{groupId}/clusters/{clusterName}/backup/snapshots/{snapshotId}"),
		versions: v20230101, set: backupSet, handle: clustersAPI.getSnapshot},
}

// path splits a route's path after the root.
func path(p string) []string {
	if p == "" {
		return nil
	}
	return strings.Split(p[1:], "/")
}

// match returns the operation of an escaped path. Each segment is unescaped by itself, so that an escaped slash stays
// in its argument. One slash at the end is ignored.
func match(escaped string) (*route, arguments) {
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
	for i := range routes {
		if args, ok := routes[i].match(segments); ok {
			return &routes[i], args
		}
	}
	return nil, arguments{}
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
