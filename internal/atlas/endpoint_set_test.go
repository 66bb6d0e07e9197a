package atlas

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEndpointSet_isThatOfTheOperation(t *testing.T) {
	want := map[string]endpointSet{
		"getSystemStatus":                               setRoot,
		"getGroup":                                      setProjects,
		"listGroups":                                    setProjects,
		"getGroupCluster":                               setClusters,
		"listGroupClusters":                             setClusters,
		"getGroupServerlessInstance":                    setServerlessInstances,
		"listGroupServerlessInstances":                  setServerlessInstances,
		"getGroupFlexCluster":                           setFlexClusters,
		"listGroupFlexClusters":                         setFlexClusters,
		"getGroupFlexClusterBackupRestoreJob":           setFlexBackups,
		"listGroupFlexClusterBackupRestoreJobs":         setFlexBackups,
		"getGroupFlexClusterBackupSnapshot":             setFlexBackups,
		"listGroupFlexClusterBackupSnapshots":           setFlexBackups,
		"getGroupServerlessBackupRestoreJob":            setCloudBackups,
		"listGroupServerlessBackupRestoreJobs":          setCloudBackups,
		"getGroupServerlessBackupSnapshot":              setCloudBackups,
		"listGroupServerlessBackupSnapshots":            setCloudBackups,
		"getGroupClusterBackupRestoreJob":               setCloudBackups,
		"listGroupClusterBackupRestoreJobs":             setCloudBackups,
		"getGroupClusterBackupSnapshot":                 setCloudBackups,
		"listGroupClusterBackupSnapshots":               setCloudBackups,
		"getGroupClusterBackupSnapshotShardedCluster":   setCloudBackups,
		"listGroupClusterBackupExports":                 setCloudBackups,
		"listGroupBackupExportBuckets":                  setCloudBackups,
		"listGroupEvents":                               setProjects,
		"listOrgs":                                      setProjects,
		"getCollectionRestoreJob":                       setCloudBackups,
		"listCollectionRestoreJobs":                     setCloudBackups,
		"listRestoreJobCollections":                     setCloudBackups,
		"listGroupClusterBackupSnapshotShardedClusters": setCloudBackups,
	}
	got := map[string]endpointSet{opGetSystemStatus.name: opGetSystemStatus.endpointSet()}
	for _, described := range operations {
		op := operation{name: described.name, path: strings.NewReplacer("{group}", "{groupId}").Replace(described.path)}
		got[op.name] = op.endpointSet()
		wantProject := ""
		if strings.Contains(op.path, "{groupId}") {
			wantProject = "first"
		}
		if project := op.project([]string{"first", "second"}); project != wantProject {
			t.Errorf("%s is counted for the project %q", op.name, project)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEndpointSet_hasANameAndLimits(t *testing.T) {
	names := map[string]bool{}
	for set, limits := range endpointSetTable {
		if names[limits.name] || limits.name == "" || limits.capacity < 1 || limits.refill < 1 ||
			limits.capacity > maxCapacity {
			t.Errorf("set %d: %+v", set, limits)
		}
		names[limits.name] = true
	}
}
