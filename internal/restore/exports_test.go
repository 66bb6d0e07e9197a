package restore

import (
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestExports_costACallEach(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	exports, err := e.SnapshotExports(t.Context(), SliceQuery{Cluster: billing, First: 3, Count: true})
	if err != nil || len(exports.Items) != 3 || !exports.More || *exports.EstimatedTotal != 4 {
		t.Fatalf("got %+v, %v", exports, err)
	}
	e.wantCalls(t, 1)
	buckets, err := e.ExportBuckets(t.Context(), SliceQuery{Cluster: ClusterKey{GroupID: billing.GroupID}, First: 20})
	if err != nil || len(buckets.Items) != 3 || buckets.More || buckets.EstimatedTotal != nil {
		t.Fatalf("got %+v, %v", buckets, err)
	}
	e.wantCalls(t, 1)
	organizations, err := e.Organizations(t.Context())
	if err != nil || len(organizations.Organizations) != 1 {
		t.Fatalf("got %+v, %v", organizations, err)
	}
	e.wantCalls(t, 1)
}

func TestBackupCompliancePolicy_isNilWhereThereIsNone(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	policy, err := e.BackupCompliancePolicy(t.Context(), atlassim.SeedGroupID)
	if err != nil || policy == nil || policy.AuthorizedEmail == nil {
		t.Fatalf("got %+v, %v", policy, err)
	}
	e.wantCalls(t, 1)
	without := policy.WithoutPeople()
	if without.AuthorizedEmail != nil || without.UpdatedUser != nil || without.State == nil || !without.PeopleWithheld ||
		policy.PeopleWithheld {
		t.Errorf("without people: %+v of %+v", without, policy)
	}
	none, err := e.BackupCompliancePolicy(t.Context(), atlassim.SeedSecondGroupID)
	if err != nil || none != nil || none.WithoutPeople() != nil {
		t.Errorf("got %+v, %v", none, err)
	}
	e.sim.Inject(atlassim.Fault{PathContains: "backupCompliancePolicy", Status: 404, ErrorCode: "BACKUP_CONFIG_NOT_FOUND"})
	if none, err = e.BackupCompliancePolicy(t.Context(), atlassim.SeedGroupID); err != nil || none != nil {
		t.Errorf("got %+v, %v", none, err)
	}
}
