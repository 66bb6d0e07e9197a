package atlas

import (
	"net/http"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// capacities are those of new buckets, by the names of the sets.
func (c *Client) capacities() map[string]float64 {
	out := make(map[string]float64)
	for set := range endpointSet(endpointSetCount) {
		out[set.String()] = c.budget.bucket(set, testGroup, time.Now()).capacity
	}
	return out
}

func TestSeedRateLimits_takesWhatAtlasSays(t *testing.T) {
	c := newClientFor(t, testKey, simulator(t, atlassim.WithRateLimit(77, 6)))
	before := c.capacities() // buckets that exist are changed, too
	if before["cloud backups"] != 1200 || before["clusters"] != 10000 {
		t.Fatalf("documented: %v", before)
	}
	if n, err := c.SeedRateLimits(t.Context()); n != endpointSetCount || err != nil {
		t.Errorf("%d sets are known, error %v", n, err)
	}
	after := c.capacities()
	if after["cloud backups"] != 77 || after["flex backups"] != 77 || after["clusters"] != 10000 {
		t.Errorf("got %v", after)
	}
	if b := c.budget.bucket(setCloudBackups, "another", time.Now()); b.capacity != 77 || b.perSecond != 0.1 {
		t.Errorf("a new bucket has %v, and gets %v a second", b.capacity, b.perSecond)
	}
}

func TestSeedRateLimits_prefersTheValueInForce(t *testing.T) {
	body := `{"results":[{"endpointSetId":"s","capacity":{"defaultValue":1200,"value":300},"refillRate":{"defaultValue":60},` +
		`"refillDurationSeconds":{"value":30},"endpoints":[{"method":"GET",` +
		`"path":"/api/atlas/v2/groups/{id}/flexClusters/{flexName}"},{"method":"POST",` +
		`"path":"/api/atlas/v2/groups/{groupId}/clusters"},{"method":"GET","path":"/api/atlas/v2/unknown"}]},` +
		// A second limit for the same set, which is higher.
		`{"endpointSetId":"t","capacity":{"value":900},"refillRate":{"value":60},"refillDurationSeconds":{"value":60},` +
		`"endpoints":[{"method":"GET","path":"/api/atlas/v2/groups/{groupId}/flexClusters"}]}]}`
	c := newClient(t, answering(http.StatusOK, "application/json", body))
	if n, err := c.SeedRateLimits(t.Context()); n != 1 || err != nil {
		t.Errorf("%d sets are known, error %v", n, err)
	}
	if b := c.budget.bucket(setFlexClusters, testGroup, time.Now()); b.capacity != 300 || b.perSecond != 2 {
		t.Errorf("got %v, %v", b.capacity, b.perSecond)
	}
}

func TestSeedRateLimits_neverChangesAnythingByAFailure(t *testing.T) {
	limit := func(capacity, refill, seconds string) string {
		return `{"results":[{"endpointSetId":"s","capacity":` + capacity + `,"refillRate":` + refill +
			`,"refillDurationSeconds":` + seconds + `,"endpoints":[{"method":"GET","path":"/api/atlas/v2/groups"}]}]}`
	}
	for name, handler := range map[string]http.Handler{
		"forbidden":        answering(http.StatusForbidden, "application/json", `{"error":403}`),
		"not there":        answering(http.StatusNotFound, "application/json", `{"error":404,"errorCode":"RESOURCE_NOT_FOUND"}`),
		"a page":           answering(http.StatusOK, "text/html", "<html>"),
		"nonsense":         answering(http.StatusOK, "application/json", `{"results":[7,null,{}]}`),
		"no limit":         answering(http.StatusOK, "application/json", limit("null", "{}", "{}")),
		"a negative limit": answering(http.StatusOK, "application/json", limit(`{"value":-1}`, `{"value":1}`, `{"value":1}`)),
		"a giant limit":    answering(http.StatusOK, "application/json", limit(`{"value":9999999}`, `{"value":1}`, `{"value":1}`)),
		"no refill":        answering(http.StatusOK, "application/json", limit(`{"value":10}`, `{"value":0}`, `{"value":1}`)),
		"refill in no time": answering(http.StatusOK, "application/json", limit(`{"value":10}`, `{"value":5}`,
			`{"value":0}`)),
	} {
		c := newClient(t, handler, WithRetries(0))
		if n, _ := c.SeedRateLimits(t.Context()); n != 0 || c.capacities()["projects"] != 1200 {
			t.Errorf("%s: %d sets are known, %v", name, n, c.capacities())
		}
	}
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }),
		WithBudget(false))
	if n, err := c.SeedRateLimits(t.Context()); n != 0 || err != nil {
		t.Errorf("without a budget %d sets are known, error %v", n, err)
	}
}
