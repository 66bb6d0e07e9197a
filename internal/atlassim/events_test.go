package atlassim_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// event is what the tests need of an event.
type event struct {
	ID, EventTypeName, ClusterName, GroupID string
	Username, PublicKey, UserID, APIKeyID   string
	Created                                 time.Time
}

func (a *atlas) events(query url.Values) []event {
	a.t.Helper()
	query.Set("itemsPerPage", "500")
	w := a.get(groups + atlassim.SeedGroupID + "/events?" + query.Encode())
	wantStatus(a.t, w, http.StatusOK)
	return decode[struct{ Results []event }](a.t, w).Results
}

func TestEvents_areFilteredAndNewestFirst(t *testing.T) {
	a := newAtlas(t, atlassim.WithCollectionRestores(), atlassim.WithRecentJobs())
	types := []string{"CPS_RESTORE_REQUESTED_AUDIT", "CPS_COLLECTION_RESTORE_FAILED"}
	from, to := noon.AddDate(0, 0, -20), noon.AddDate(0, 0, -1)
	got := a.events(url.Values{
		"eventType": types, "clusterNames": {atlassim.SeedReplicaSetClusterName, atlassim.SeedFlexClusterName},
		"minDate": {from.Format(time.RFC3339)}, "maxDate": {to.Format(time.RFC3339)},
	})
	if len(got) == 0 || !slices.IsSortedFunc(got, func(x, y event) int { return y.Created.Compare(x.Created) }) {
		t.Fatalf("got %+v", got)
	}
	for _, e := range got {
		if !slices.Contains(types, e.EventTypeName) || e.ClusterName != atlassim.SeedReplicaSetClusterName ||
			e.Created.Before(from) || e.Created.After(to) || e.GroupID != atlassim.SeedGroupID {
			t.Errorf("got %+v", e)
		}
	}
	wantStatus(t, a.get(groups+atlassim.SeedGroupID+"/events?minDate=yesterday"), http.StatusBadRequest)
}

func TestEvents_sayWhoAndHaveIDsOfTheirOwn(t *testing.T) {
	a := newAtlas(t, atlassim.WithCollectionRestores(), atlassim.WithRecentJobs())
	ids, users, keys, atlasItself := map[string]bool{}, 0, 0, 0
	for _, e := range a.events(url.Values{}) {
		if ids[e.ID] {
			t.Errorf("two events have the id %s", e.ID)
		}
		ids[e.ID] = true
		switch {
		case e.Username != "":
			users++
		case e.PublicKey != "":
			keys++
		default:
			atlasItself++
		}
	}
	if users == 0 || keys == 0 || atlasItself == 0 {
		t.Errorf("%d by users, %d by keys, %d by Atlas", users, keys, atlasItself)
	}
}
