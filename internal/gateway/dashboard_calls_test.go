package gateway

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// dashboardOperation returns an operation of the dashboard, with the fragment that it needs.
func dashboardOperation(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile("../../examples/dashboard/src/queries.ts")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, document := range regexp.MustCompile("(?s)graphql\\(`(.*?)`\\)").FindAllSubmatch(source, -1) {
		text := string(document[1])
		if strings.Contains(text, "query "+name) || strings.Contains(text, "fragment JobPage") && name == "Jobs" {
			found = append(found, text)
		}
	}
	return strings.Join(found, "\n")
}

// TestDashboard_costsAtMostTwelveCallsAMinute has the page read the jobs of a project of seven clusters as it does
// without a stream while nothing runs: every 75 seconds (test/web holds that).
func TestDashboard_costsAtMostTwelveCallsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble, withCache(restore.DefaultCacheSettings))
		jobs := dashboardOperation(t, "Jobs")
		variables := map[string]any{
			"groupId": atlassim.SeedGroupID, "startedAfter": time.Now().Add(-30 * 24 * time.Hour).UTC().Format(time.RFC3339),
		}
		for _, name := range []string{"Projects", "Organizations"} {
			if r := e.post(t, dashboardOperation(t, name), nil); len(r.Errors) > 0 {
				t.Fatal(r.Raw)
			}
		}
		const polls, interval = 10, 75 * time.Second
		before := len(e.sim.Calls())
		for range polls {
			if r := e.post(t, jobs, variables); len(r.Errors) > 0 || !strings.Contains(r.Raw, `"nodes":[{`) {
				t.Fatal(r.Raw)
			}
			<-time.After(interval)
		}
		calls := len(e.sim.Calls()) - before
		perMinute := float64(calls) / (polls * interval).Minutes()
		if t.Logf("%.1f calls a minute", perMinute); perMinute > 12 || calls < polls {
			t.Errorf("%d calls in %s", calls, polls*interval)
		}
	})
}
