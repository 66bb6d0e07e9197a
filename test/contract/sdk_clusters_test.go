package contract

import (
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// What the SDK reads of Flex clusters and their snapshots, field by field.
func TestSDK_readsFlexClusters(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			sdk := e.sdk(t, c)
			p := place{groupID: seedGroupID, clusterName: catalog}
			want := admin.FlexClusterDescription20241113{
				Id: new("67861a2f8be41d70a2000002"), GroupId: new(seedGroupID), Name: new(catalog),
				CreateDate: at("2025-01-14T08:02:55Z"), ClusterType: new("REPLICASET"), MongoDBVersion: new("8.0.12"),
				StateName: new("IDLE"), VersionReleaseSystem: new("LTS"), TerminationProtectionEnabled: new(false),
				Tags:           &[]admin.ResourceTag{},
				BackupSettings: &admin.FlexBackupSettings20241113{Enabled: new(true)},
				ProviderSettings: admin.FlexProviderSettings20241113{
					BackingProviderName: new("AWS"), DiskSizeGB: new(5.0), ProviderName: new("FLEX"), RegionName: new("US_EAST_1"),
				},
			}
			got := read[admin.FlexClusterDescription20241113](t, sdk, "getGroupFlexCluster", p)
			want.ConnectionStrings = got.ConnectionStrings // TestSDK_readsEveryOperation has them
			same(t, got, &want)

			clusters := read[admin.PaginatedFlexClusters20241113](t, sdk, "listGroupFlexClusters", p)
			same(t, namesOf(clusters.GetResults()), []string{catalog, returns})

			all := 500
			p.itemsPerPage = &all
			snapshots := read[admin.PaginatedApiAtlasFlexBackupSnapshot20241113](t, sdk, "listGroupFlexClusterBackupSnapshots",
				p).GetResults()
			same(t, snapshots[0], admin.FlexBackupSnapshot20241113{
				Id: snapshots[0].Id, ScheduledTime: at("2025-02-10T17:05:10Z"), StartTime: at("2025-02-10T17:05:31Z"),
				FinishTime: at("2025-02-10T17:07:13Z"), Expiration: at("2035-02-10T17:05:10Z"),
				MongoDBVersion: new("8.0.12"), Status: new("COMPLETED"),
			})
			same(t, statuses(snapshots[len(snapshots)-4:]), []string{"FAILED", "COMPLETED", "RUNNING", "QUEUED"})
		})
	}
}

// What the SDK reads of Dedicated and Free clusters: what tells one from the other.
func TestSDK_readsClusters(t *testing.T) {
	type told struct {
		Type, Size, Provider string
		Shards               int
		Backups, PointInTime bool
	}
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			got := map[string]told{}
			clusters := read[admin.PaginatedClusterDescription20240805](t, e.sdk(t, c), "listGroupClusters", seedPlace)
			for _, k := range clusters.GetResults() {
				region := k.GetReplicationSpecs()[0].GetRegionConfigs()[0]
				got[k.GetName()] = told{
					Type: k.GetClusterType(), Size: region.ElectableSpecs.GetInstanceSize(), Provider: region.GetProviderName(),
					Shards: len(k.GetReplicationSpecs()), Backups: k.GetBackupEnabled(), PointInTime: k.GetPitEnabled(),
				}
			}
			same(t, got, map[string]told{
				reporting: {
					Type: "SHARDED", Size: "M30", Provider: "AWS", Shards: 2, Backups: true, PointInTime: true,
				},
				billing: {
					Type: "REPLICASET", Size: "M30", Provider: "AWS", Shards: 1, Backups: true, PointInTime: true,
				},
				loyalty: {
					Type: "REPLICASET", Size: "M10", Provider: "AWS", Shards: 1, Backups: true, PointInTime: false,
				},
				atlassim.SeedMigratedToFreeName: {
					Type: "REPLICASET", Size: "M0", Provider: "TENANT", Shards: 1, Backups: false, PointInTime: false,
				},
			})
		})
	}
}

// What the SDK reads of the snapshots of Dedicated clusters, field by field.
func TestSDK_readsDedicatedSnapshots(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			sdk := e.sdk(t, c)
			p := place{groupID: seedGroupID, clusterName: billing}
			whole := read[admin.PaginatedCloudBackupReplicaSet](t, sdk, "listGroupClusterBackupSnapshots", p).GetResults()
			key := "5b0e9a14-7c3d-4f62-8d21-c6f4a90b37e8"
			same(t, whole[0], admin.DiskBackupReplicaSet{
				Id: whole[0].Id, ExpiresAt: at("2026-02-14T11:59:59Z"), Description: new("before the migration"),
				FrequencyType: new("ondemand"), SnapshotType: new("onDemand"), Status: new("queued"), Type: new("replicaSet"),
				MasterKeyUUID: &key, ReplicaSetName: new(billing), StorageSizeBytes: new(int64(0)),
				CopyRegions: &[]string{}, PolicyItems: &[]string{},
			})
			same(t, whole[2], admin.DiskBackupReplicaSet{
				Id: whole[2].Id, CreatedAt: at(fresh), ExpiresAt: at("2026-02-14T10:00:00Z"), CloudProvider: new("AWS"),
				FrequencyType: new("daily"), SnapshotType: new("scheduled"), Status: new("completed"), Type: new("replicaSet"),
				MasterKeyUUID: &key, MongodVersion: new("8.0.12"), ReplicaSetName: new(billing),
				StorageSizeBytes: new(int64(4_983_947_264)), CopyRegions: &[]string{}, PolicyItems: whole[2].PolicyItems,
			})

			p.clusterName = reporting
			sharded := read[admin.PaginatedCloudBackupShardedClusterSnapshot](t, sdk, listShardedSnapshots, p).GetResults()
			same(t, sharded[2], admin.DiskBackupShardedClusterSnapshot{
				Id: sharded[2].Id, CreatedAt: at(fresh), ExpiresAt: at("2026-02-14T10:00:00Z"), ConfigServerType: new("DEDICATED"),
				FrequencyType: new("daily"), SnapshotType: new("scheduled"), Status: new("completed"), Type: new("shardedCluster"),
				MongodVersion: new("8.0.12"), StorageSizeBytes: new(int64(4_983_947_264)),
				PolicyItems: sharded[2].PolicyItems, Members: sharded[2].Members, SnapshotIds: sharded[2].SnapshotIds,
			})
			for _, snapshot := range sharded {
				checkMembers(t, snapshot)
			}
			p.snapshotID = sharded[2].GetId()
			same(t, read[admin.DiskBackupShardedClusterSnapshot](t, sdk, getShardedSnapshot, p), &sharded[2])
		})
	}
}

// checkMembers wants a member for each of two shards and the config server once the snapshot is complete, and none
// before.
func checkMembers(t *testing.T, snapshot admin.DiskBackupShardedClusterSnapshot) {
	t.Helper()
	members := snapshot.GetMembers()
	if (len(members) == 3) != (snapshot.GetStatus() == "completed") || len(members) != len(snapshot.GetSnapshotIds()) {
		t.Errorf("%s is %s and has %d members", snapshot.GetId(), snapshot.GetStatus(), len(members))
		return
	}
	names := map[string]bool{}
	for i, m := range members {
		names[m.ReplicaSetName] = true
		if m.Id != snapshot.GetSnapshotIds()[i] || m.CloudProvider != "AWS" {
			t.Errorf("%s: member %+v", snapshot.GetId(), m)
		}
	}
	if len(names) != len(members) {
		t.Errorf("%s: members are named %v", snapshot.GetId(), names)
	}
}

func namesOf(clusters []admin.FlexClusterDescription20241113) []string {
	out := make([]string, 0, len(clusters))
	for _, k := range clusters {
		out = append(out, k.GetName())
	}
	return out
}

func statuses(snapshots []admin.FlexBackupSnapshot20241113) []string {
	out := make([]string, 0, len(snapshots))
	for _, s := range snapshots {
		out = append(out, s.GetStatus())
	}
	return out
}
