package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

var update = flag.Bool("update", false, "write the table of roles into docs/authentication.md")

// readings are what can be read, with the fields of the schema, and the beginnings of the paths of the operations that
// read it, which other readings do not have.
var readings = []struct{ what, fields, path string }{
	{
		what:   "restore jobs of a serverless instance that Atlas still serves",
		fields: "`serverlessRestoreJob` `serverlessRestoreJobs` `restoreJob` `restoreJobs`",
		path:   "/groups/{groupId}/serverless/{clusterName}/backup/restoreJobs",
	},
	{
		what:   "restore jobs of a Dedicated cluster",
		fields: "`dedicatedRestoreJob` `dedicatedRestoreJobs` `serverlessRestoreJob` `serverlessRestoreJobs` `restoreJob` `restoreJobs`",
		path:   "/groups/{groupId}/clusters/{clusterName}/backup/restoreJobs",
	},
	{
		what: "restores of collections of a Dedicated cluster",
		fields: "`collectionRestoreJob` `collectionRestoreJobs` `collections`, and with the jobs of a Dedicated cluster in " +
			"`restoreJob` `restoreJobs`",
		path: "/groups/{groupId}/clusters/{clusterName}/collectionRestoreJobs",
	},
	{
		what:   "restore jobs of a Flex cluster",
		fields: "`flexRestoreJob` `flexRestoreJobs` `serverlessRestoreJob` `serverlessRestoreJobs` `restoreJob` `restoreJobs`",
		path:   "/groups/{groupId}/flexClusters/{name}/backup/restoreJobs",
	},
	{
		what:   "snapshots",
		fields: "`snapshot`, `snapshot` of a job, `snapshots` of a cluster",
		path:   "/groups/{groupId}/serverless/{clusterName}/backup/snapshots /groups/{groupId}/flexClusters/{name}/backup/snapshots /groups/{groupId}/clusters/{clusterName}/backup/snapshots",
	},
	{
		what:   "clusters",
		fields: "`cluster`, `targetCluster` of a job, `clusters` of a project, and every list of a project's jobs",
		path:   "/groups/{groupId}/serverless /groups/{groupId}/flexClusters /groups/{groupId}/clusters",
	},
	{
		what:   "backup schedules",
		fields: "`backupSchedule` `restoreWindow` of a Dedicated cluster",
		path:   "/groups/{groupId}/clusters/{clusterName}/backup/schedule",
	},
	{
		what: "exports of snapshots", fields: "`snapshotExports` of a Dedicated cluster",
		path: "/groups/{groupId}/clusters/{clusterName}/backup/exports",
	},
	{
		what: "export buckets", fields: "`exportBuckets` of a project", path: "/groups/{groupId}/backup/exportBuckets",
	},
	{
		what: "backup compliance policies", fields: "`backupCompliancePolicy` of a project",
		path: "/groups/{groupId}/backupCompliancePolicy",
	},
	{what: "events", fields: "`restoreEvents` of a project or a cluster", path: "/groups/{groupId}/events"},
	{what: "projects", fields: "`project`, `project` of a cluster", path: "/groups/{groupId}"},
	{what: "the list of projects, and the check at startup", fields: "`projects`", path: "/groups "},
	{what: "organizations", fields: "`organizations` `organization`", path: "/orgs"},
}

// TestRoles_tableOfTheGuideIsThatOfTheClient holds the table of docs/authentication.md to what the client's operations
// declare.
func TestRoles_tableOfTheGuideIsThatOfTheClient(t *testing.T) {
	const begin, end = "<!-- roles: begin -->\n", "<!-- roles: end -->"
	roles := make([]map[string]bool, len(readings))
	for _, op := range atlas.Operations() {
		longest, found := -1, -1
		for i, r := range readings {
			for path := range strings.SplitSeq(r.path, " ") {
				if strings.HasPrefix(op.Path, path) && len(path) > longest {
					longest, found = len(path), i
				}
			}
		}
		if roles[found] == nil {
			roles[found] = make(map[string]bool)
		}
		roles[found][op.Role] = true
	}
	var table strings.Builder
	table.WriteString("| what is read | by | role in the project |\n|---|---|---|\n")
	for i, r := range readings {
		if len(roles[i]) != 1 {
			t.Errorf("%s: the roles are %v, want one", r.what, roles[i])
		}
		for role := range roles[i] {
			if role == "" {
				role = "any"
			}
			fmt.Fprintf(&table, "| %s | %s | %s |\n", r.what, r.fields, role)
		}
	}
	guide := readFile(t, "docs/authentication.md")
	head, rest, ok := strings.Cut(guide, begin)
	written, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("docs/authentication.md has no %s…%s", begin, end)
	}
	if written == table.String() {
		return
	}
	if !*update {
		t.Fatalf("the table of roles is out of date: go test ./internal/app -run Roles -update\n%s", table.String())
	}
	path := filepath.Join("..", "..", "docs", "authentication.md")
	if err := os.WriteFile(path, []byte(head+begin+table.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
