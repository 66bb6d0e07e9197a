package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// withRole has the gateway use a credential with this role.
func withRole(role atlassim.Role) envOption {
	return func(c *envConfig) {
		c.sim = append(c.sim, atlassim.WithServiceAccount("id", "secret", role))
		c.credential = atlas.ServiceAccount{ClientID: "id", ClientSecret: "secret"}
	}
}

// TestRequiredRoles_areThoseOfTheFieldsThatFail has credentials with each role read everything: what the role does not
// allow fails by itself, and says which role it needs.
func TestRequiredRoles_areThoseOfTheFieldsThatFail(t *testing.T) {
	const (
		owner   = "Project Owner"
		manager = "Project Backup Manager"
	)
	fields := map[string]string{ // the role that each needs, or "" for Project Read Only
		"serverless": owner, "dedicated": manager, "flex": "", "snapshot": "", "cluster": "", "project": "", "projects": "",
		"collections": manager, "collection": manager, "exports": manager, "policy": owner, "events": "", "buckets": "",
		"schedule": "", "organizations": "",
	}
	for name, tt := range map[string]struct {
		role    atlassim.Role
		retired bool
		fails   []string
	}{
		"Project Owner":          {role: atlassim.ProjectOwner},
		"Project Backup Manager": {role: atlassim.ProjectBackupManager, fails: []string{"policy", "serverless"}},
		"Project Backup Manager, after sunset": {
			role: atlassim.ProjectBackupManager, retired: true, fails: []string{"policy"},
		},
		"Project Read Only": {
			role:  atlassim.ProjectReadOnly,
			fails: []string{"collection", "collections", "dedicated", "exports", "policy", "serverless"},
		},
		"Project Read Only, after the sunset": {
			role: atlassim.ProjectReadOnly, retired: true,
			fails: []string{"collection", "collections", "dedicated", "exports", "policy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, withRole(tt.role), withCollections)
			e.sim.RetireServerless(tt.retired)
			of := func(label string) string {
				x := e.example(t, label)
				return fmt.Sprintf("groupId: %q, clusterName: %q", x.GroupID, x.ClusterName)
			}
			job := func(label string) string {
				return fmt.Sprintf("%s, restoreJobId: %q", of(label), e.example(t, label).RestoreJobID)
			}
			r := e.post(t, `{
				serverless: serverlessRestoreJob(`+job("succeeded")+`) { id }
				dedicated: dedicatedRestoreJob(`+job("dedicated")+`) { id }
				flex: flexRestoreJob(`+job("flex")+`) { id }
				cluster(`+of("dedicated")+`) { snapshots(first: 1) { nodes { id } } }
				project(groupId: "`+atlassim.SeedGroupID+`") { clusters(first: 50) { nodes { name } } }
				projects { nodes { id } }
				collections: collectionRestoreJobs(`+of("dedicated")+`) { nodes { id } }
				collection: collectionRestoreJob(`+job("dedicated")+`) { id }
				exports: cluster(`+of("dedicated")+`) { field: snapshotExports { nodes { id } } }
				schedule: cluster(`+of("dedicated")+`) { field: backupSchedule { clusterId } }
				policy: project(groupId: "`+atlassim.SeedGroupID+`") { field: backupCompliancePolicy { state } }
				events: project(groupId: "`+atlassim.SeedGroupID+`") { field: restoreEvents { nodes { id } } }
				buckets: project(groupId: "`+atlassim.SeedGroupID+`") { field: exportBuckets { nodes { id } } }
				organizations { nodes { id } }
			}`, nil)
			var failed []string
			for _, err := range r.Errors {
				field := err.Path[0].(string)
				if field == "collection" && err.Extensions["code"] == "NOT_FOUND" {
					continue // it is no collection restore
				}
				failed = append(failed, field)
				if got := err.Extensions; got["code"] != "UPSTREAM_FORBIDDEN" || got["status"] != 403.0 ||
					fmt.Sprint(got["requiredRoles"]) != "["+fields[field]+"]" {
					t.Errorf("%s: got %v", field, got)
				}
			}
			if slices.Sort(failed); !slices.Equal(failed, tt.fails) {
				t.Errorf("%v failed, want %v: %s", failed, tt.fails, r.Raw)
			}
			for field := range fields {
				value := strings.Replace(string(r.Data[field]), `{"field":null}`, "null", 1)
				if value == "null" != slices.Contains(tt.fails, field) && field != "collection" {
					t.Errorf("%s is %s", field, value)
				}
			}
		})
	}
}
