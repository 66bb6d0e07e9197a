package atlassim_test

import (
	"net/http"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestExports_andWhatBelongsToThem(t *testing.T) {
	a := newAtlas(t)
	list := func(path string) []map[string]any {
		t.Helper()
		w := a.get(apiRoot + path)
		wantStatus(t, w, http.StatusOK)
		return decode[struct{ Results []map[string]any }](t, w).Results
	}
	project := "/groups/" + atlassim.SeedGroupID
	exports := list(project + "/clusters/" + atlassim.SeedReplicaSetClusterName + "/backup/exports")
	states := map[any]bool{}
	for _, e := range exports {
		states[e["state"]] = true
	}
	if len(exports) != 4 || len(states) != 3 {
		t.Errorf("got %v", exports)
	}
	if none := list(project + "/clusters/" + atlassim.SeedDedicatedClusterName + "/backup/exports"); len(none) != 0 {
		t.Errorf("got %v", none)
	}
	buckets := list(project + "/backup/exportBuckets")
	if len(buckets) != 3 || buckets[0]["_id"] != exports[0]["exportBucketId"] {
		t.Errorf("got %v", buckets)
	}
	if none := list("/groups/" + atlassim.SeedSecondGroupID + "/backup/exportBuckets"); len(none) != 0 {
		t.Errorf("got %v", none)
	}
	policy := decode[map[string]any](t, a.get(apiRoot+project+"/backupCompliancePolicy"))
	if policy["projectId"] != atlassim.SeedGroupID || policy["state"] != "ACTIVE" {
		t.Errorf("got %v", policy)
	}
	none := a.get(groups + atlassim.SeedSecondGroupID + "/backupCompliancePolicy")
	if none.Body.String() != "{}" {
		t.Errorf("got %s", none.Body)
	}
	wantError(t, a.get(apiRoot+project+"/backupCompliancePolicy", a.as(readerID)), http.StatusForbidden, "USER_UNAUTHORIZED")
	if orgs := list("/orgs"); len(orgs) != 1 || orgs[0]["isDeleted"] != false {
		t.Errorf("got %v", orgs)
	}
	if limits := list("/rateLimits?groupId=" + atlassim.SeedGroupID); len(limits) < 6 || limits[0]["capacity"] == nil {
		t.Errorf("got %v", limits)
	}
}
