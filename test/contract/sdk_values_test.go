package contract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// seedPlace is the serverless instance of the seed.
var seedPlace = place{groupID: seedGroupID, clusterName: atlassim.SeedClusterName}

// What the SDK reads of projects and of everything serverless that is no restore job, field by field but for the links.
func TestSDK_readsTheSeed(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			sdk := e.sdk(t, c)

			same(t, read[admin.Group](t, sdk, "getGroup", seedPlace), &admin.Group{
				Id: new(seedGroupID), Name: "Storefront", OrgId: "636a1a905c1d2e3f4a21a7f0", ClusterCount: 7,
				Created: *at("2023-02-20T10:15:42Z"), WithDefaultAlertsSettings: new(true),
				Tags: &[]admin.ResourceTag{{Key: "environment", Value: "production"}, {Key: "team", Value: "checkout"}},
			})
			groups := read[admin.PaginatedAtlasGroup](t, sdk, "listGroups", place{})
			names := make([]string, 0, 3)
			for _, g := range groups.Results {
				names = append(names, g.Name)
			}
			same(t, names, []string{"Archive", "Storefront", "Support desk"})

			same(t, read[admin.ServerlessInstanceDescription](t, sdk, "getGroupServerlessInstance", seedPlace),
				&admin.ServerlessInstanceDescription{
					Id: new("63f34beb8be41d70a2000001"), GroupId: new(seedGroupID), Name: new(atlassim.SeedClusterName),
					CreateDate: at("2023-02-20T10:31:07Z"), MongoDBVersion: new("8.0.12"), StateName: new("IDLE"),
					ConnectionStrings: &admin.ServerlessInstanceDescriptionConnectionStrings{
						StandardSrv: new("mongodb+srv://orders.x4k9t2p.mongodb.example"),
					},
					ProviderSettings: admin.ServerlessProviderSettings{
						BackingProviderName: "AWS", EffectiveDiskSizeGBLimit: new(5), EffectiveInstanceSizeName: new("FLEX"),
						EffectiveProviderName: new("TENANT"), ProviderName: new("SERVERLESS"), RegionName: "US_EAST_1",
					},
					ServerlessBackupOptions:      &admin.ClusterServerlessBackupOptions{ServerlessContinuousBackupEnabled: new(true)},
					TerminationProtectionEnabled: new(true),
					Tags:                         &[]admin.ResourceTag{{Key: "environment", Value: "production"}},
				})

			snapshots := read[admin.PaginatedApiAtlasServerlessBackupSnapshot](t, sdk, "listGroupServerlessBackupSnapshots",
				seedPlace)
			same(t, snapshots.Results[:4], []admin.ServerlessBackupSnapshot{
				unfinished("69623f3f47c2e09d1b900003", "onDemand", "ondemand", "queued", "2026-02-14T11:59:59Z"),
				unfinished("69623f0447c2e09d1b900002", "onDemand", "ondemand", "inProgress", "2026-02-14T11:59:00Z"),
				{
					Id: new("6962232047c2e09d1b900000"), ServerlessInstanceName: new(atlassim.SeedClusterName),
					CreatedAt: at(fresh), ExpiresAt: at("2026-02-14T10:00:00Z"), FrequencyType: new("daily"),
					SnapshotType: new("scheduled"), Status: new("completed"), MongodVersion: new("8.0.12"),
					StorageSizeBytes: new(int64(4_983_947_264)), // more than 32 bits
				},
				unfinished("6960d1a047c2e09d1b900001", "scheduled", "daily", "failed", "2026-02-13T10:00:00Z"),
			})
		})
	}
}

// unfinished is a snapshot that is not complete: it has no time, no version and no size.
func unfinished(id, snapshotType, frequency, status, expires string) admin.ServerlessBackupSnapshot {
	return admin.ServerlessBackupSnapshot{
		Id: &id, ServerlessInstanceName: new(atlassim.SeedClusterName), SnapshotType: &snapshotType, Status: &status,
		ExpiresAt: at(expires), FrequencyType: &frequency, StorageSizeBytes: new(int64(0)),
	}
}

// An API key is told about itself; a service account is no API key.
func TestSDK_readsTheSystemStatus(t *testing.T) {
	e := newEnv(t)
	want := admin.SystemStatus{AppName: "MongoDB Atlas", Build: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}
	same(t, read[admin.SystemStatus](t, e.sdk(t, ownerAccount), "getSystemStatus", place{}), &want)

	want.ApiKey = admin.ApiKey{
		Id: "58ce4ba3f630d7494d0aae94", PublicKey: ownerKey.public, AccessList: []admin.AccessListItem{},
		Roles: []admin.CloudAccessRoleAssignment{
			{GroupId: new(atlassim.SeedEmptyGroupID), RoleName: new("GROUP_OWNER")},
			{GroupId: new(seedGroupID), RoleName: new("GROUP_OWNER")},
			{GroupId: new(atlassim.SeedSecondGroupID), RoleName: new("GROUP_OWNER")},
		},
	}
	same(t, read[admin.SystemStatus](t, e.sdk(t, ownerKey), "getSystemStatus", place{}), &want)
}

// After the sunset a project has no serverless instances any more, and everything else stays.
func TestSDK_failsAfterTheSunset(t *testing.T) {
	e := newEnv(t)
	sdk := e.sdk(t, ownerKey)
	e.RetireServerless(true)
	instances := read[admin.PaginatedServerlessInstanceDescription](t, sdk, "listGroupServerlessInstances", seedPlace)
	if len(instances.Results) != 0 || instances.GetTotalCount() != 0 {
		t.Errorf("%d of %d instances are left", len(instances.Results), instances.GetTotalCount())
	}
	read[admin.Group](t, sdk, "getGroup", seedPlace)
}

// same compares models but for their links, which sdk_jobs_test.go and sdk_pages_test.go follow.
func same[T any](t *testing.T, got, want T) {
	t.Helper()
	links := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Links" }, cmp.Ignore())
	if diff := cmp.Diff(want, got, links, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%T (-want +got):\n%s", got, diff)
	}
}
