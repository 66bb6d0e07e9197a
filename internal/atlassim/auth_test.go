package atlassim_test

import (
	"net/http"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestScope_limitsTheProjectsOfACredential(t *testing.T) {
	const orgID = "0123456789abcdef01234567"
	a := newAtlas(t,
		atlassim.WithServiceAccount("limited", saSecret, atlassim.ProjectOwner, atlassim.SeedSecondGroupID),
		atlassim.WithOrganization(orgID, atlassim.SeedSecondGroupID))
	limited := a.as("limited")
	list := decode[struct {
		Results []struct {
			ID    string `json:"id"`
			OrgID string `json:"orgId"`
		} `json:"results"`
	}](t, a.get(apiRoot+"/groups", limited))
	if len(list.Results) != 1 || list.Results[0].ID != atlassim.SeedSecondGroupID || list.Results[0].OrgID != orgID {
		t.Errorf("it sees %+v", list.Results)
	}
	if res := a.get(groups+atlassim.SeedSecondGroupID+"/serverless/"+atlassim.SeedSecondClusterName+"/backup/restoreJobs",
		limited); res.Code != http.StatusOK {
		t.Errorf("its own project: %d", res.Code)
	}
	for _, target := range []string{groups + atlassim.SeedGroupID, jobs, groups + atlassim.SeedGroupID + "/clusters"} {
		wantError(t, a.get(target, limited), http.StatusForbidden, "USER_UNAUTHORIZED")
	}
	wantError(t, a.get(groups+"ffffffffffffffffffffffff", limited), http.StatusNotFound, "GROUP_NOT_FOUND")
}
