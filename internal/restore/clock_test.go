package restore

import (
	"strings"
	"testing"
	"time"
)

// TestWhatIsRememberedDoesNotFollowTheWallClock: a time that has a monotonic reading is
// compared by that (package time), so a clock that is set moves nothing of it.
func TestWhatIsRememberedDoesNotFollowTheWallClock(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	if _, err := e.Job(t.Context(), AnyTier, e.succeeded(t)); err != nil {
		t.Fatal(err)
	}
	p, err := e.listJobs(t.Context(), Serverless, orders, newestJobs)
	if err != nil {
		t.Fatal(err)
	}
	e.memory.learnGone(orders.GroupID)
	api, _ := e.memory.clusters.Peek(orders)
	gone, _ := e.memory.gone.Peek(orders.GroupID)
	line, ok := e.memory.lines.Peek(lineKey{Serverless, orders})
	if !ok {
		t.Fatal("nothing was learned of the list")
	}
	for what, at := range map[string]time.Time{
		"which API has a cluster": api.until, "that an API is gone": gone, "where jobs stand": line.until, "when a job was read": p.items[0].readAt,
	} {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("%s is kept until %s", what, at)
		}
	}
}
