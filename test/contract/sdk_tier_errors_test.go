package contract

import (
	"slices"
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// tierErrorCases are the calls that fail because of the tier of a cluster, and those of the Flex and the Dedicated API
// that fail like their serverless neighbours in errorCases.
var tierErrorCases = slices.Concat(
	wrongTier(flexOperations, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
		atlassim.SeedClusterName, billing, reporting, loyalty, atlassim.SeedMigratedToFreeName),
	wrongTier(dedicatedOperations, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", catalog, returns),
	wrongTier(dedicatedOperations, "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API", atlassim.SeedClusterName),
	wrongTier(serverlessOperations, "NOT_SERVERLESS_TENANT_CLUSTER", catalog, billing, reporting),
	noCluster(flexOperations), noCluster(dedicatedOperations),
	[]errorCase{
		{name: "a role that may not", operation: getDedicatedJob, reader: true, status: 403, code: "USER_UNAUTHORIZED",
			at: func(p *place) { p.clusterName = billing }},
		{name: "a role that may not list", operation: listDedicatedJobs, reader: true, status: 403, code: "USER_UNAUTHORIZED",
			at: func(p *place) { p.clusterName = billing }},
		{name: "no such Flex job", operation: getFlexJob,
			at:     func(p *place) { p.clusterName, p.restoreJobID = catalog, absentID },
			status: 404, code: "RESTORE_JOB_NOT_FOUND", parameters: []any{absentID, catalog}},
		{name: "no such Dedicated job", operation: getDedicatedJob,
			at:     func(p *place) { p.clusterName, p.restoreJobID = billing, absentID },
			status: 404, code: "RESTORE_JOB_NOT_FOUND", parameters: []any{absentID, billing}},
		{name: "a serverless job in a Flex cluster", operation: getFlexJob, at: func(p *place) { p.clusterName = catalog },
			status: 404, code: "RESTORE_JOB_NOT_FOUND"},
		{name: "no such Flex snapshot", operation: getFlexSnapshot, at: func(p *place) { p.clusterName = catalog },
			status: 404, code: "SNAPSHOT_NOT_FOUND", parameters: []any{absentID, catalog}},
		{name: "no such Dedicated snapshot", operation: getWholeSnapshot, at: func(p *place) { p.clusterName = billing },
			status: 404, code: "SNAPSHOT_NOT_FOUND", parameters: []any{absentID, billing}},
		{name: "no such sharded snapshot", operation: getShardedSnapshot, at: func(p *place) { p.clusterName = reporting },
			status: 404, code: "SNAPSHOT_NOT_FOUND", parameters: []any{absentID, reporting}},
		{name: "jobs of a Free cluster", operation: getDedicatedJob,
			at:     func(p *place) { p.clusterName = atlassim.SeedMigratedToFreeName },
			status: 404, code: "RESTORE_JOB_NOT_FOUND"},
		{name: "an empty bucket", operation: getFlexJob, at: func(p *place) { p.clusterName = catalog },
			options: []atlassim.Option{atlassim.WithRateLimit(0, 500)},
			status:  429, code: "RATE_LIMITED_TOKEN_BUCKET", header: map[string]string{"Retry-After": "60"}},
		{name: "a version before Flex", operation: listFlexJobs, at: func(p *place) { p.clusterName = catalog },
			modifiers: []admin.ClientModifier{withAccept(acceptVersion("2024-11-12"))},
			status:    406, code: "INVALID_VERSION_DATE"},
		{name: "a migrated instance", operation: "getGroupServerlessInstance", at: func(p *place) { p.clusterName = returns },
			status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND"},
		{name: "what became a Flex cluster", operation: listDedicatedJobs, arrange: func(e *env) { e.RetireServerless(true) },
			status: 400, code: "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", parameters: []any{atlassim.SeedClusterName}},
		{name: "what became a Dedicated cluster", operation: listFlexJobs, arrange: func(e *env) { e.RetireServerless(true) },
			at:     func(p *place) { p.groupID, p.clusterName = atlassim.SeedSecondGroupID, atlassim.SeedSecondClusterName },
			status: 400, code: "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", parameters: []any{atlassim.SeedSecondClusterName}},
	},
)

// wrongTier refuses each operation on one cluster at each of these names.
func wrongTier(operations []operation, code string, names ...string) []errorCase {
	var out []errorCase
	for _, op := range operations {
		if op.cluster == "" {
			continue
		}
		for _, name := range names {
			out = append(out, errorCase{
				name: op.id + " of " + name, operation: op.id, at: func(p *place) { p.clusterName = name },
				status: 400, code: code, parameters: []any{name},
			})
		}
	}
	return out
}

// noCluster refuses each operation on one cluster where there is none of that name.
func noCluster(operations []operation) []errorCase {
	var out []errorCase
	for _, op := range operations {
		if op.cluster == "" {
			continue
		}
		out = append(out, errorCase{
			name: op.id + " of nowhere", operation: op.id, at: func(p *place) { p.clusterName = "nowhere" },
			status: 404, code: "CLUSTER_NOT_FOUND", parameters: []any{"nowhere", seedGroupID},
		})
	}
	return out
}

// A role that may not see the restore jobs of the other tiers may see those of Flex clusters.
func TestSDK_readsFlexJobsAsReader(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			x := e.example(t, "flex")
			if got := read[flexJob](t, e.sdk(t, c.reader()), getFlexJob, placeOf(x)); got.GetId() != x.RestoreJobID {
				t.Errorf("the job is %s", got.GetId())
			}
		})
	}
}
