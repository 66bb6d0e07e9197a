package restore

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTTLMap_doesNotFollowTheWallClock looks for the monotonic reading of times: by that they are compared (package
// time), so that setting the clock moves nothing.
func TestTTLMap_doesNotFollowTheWallClock(t *testing.T) {
	e := newEnv(t, ServerlessAuto)
	if _, err := e.Job(t.Context(), AnyTier, e.succeeded(t)); err != nil {
		t.Fatal(err)
	}
	p, err := e.listJobs(t.Context(), Serverless, orders, newestPages[1])
	if err != nil {
		t.Fatal(err)
	}
	e.tiers.setServerlessRetired(orders.GroupID)
	tier, _ := e.tiers.tiers.entries.GetIfPresent(orders)
	retired, _ := e.tiers.noServerless.entries.GetIfPresent(orders.GroupID)
	index, ok := e.indexes.lists.entries.GetIfPresent(jobList{tier: Serverless, cluster: orders})
	if !ok {
		t.Fatal("nothing was learned of the list")
	}
	for what, at := range map[string]time.Time{
		"the tier of a cluster": tier.until, "that an API was retired": retired.until, "a job index": index.until,
		"when a job was read": p.items[0].readAt,
	} {
		if !strings.Contains(at.String(), " m=") {
			t.Errorf("%s: %s has no monotonic reading", what, at)
		}
	}
}

func TestTTLMap_forgetsWhatHasExpiredAndWhatItHasNoSpaceFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTTLMap[int, string](100, time.Minute)
		m.set(1, "a")
		<-time.After(time.Minute - time.Millisecond)
		if got, ok := m.get(1); got != "a" || !ok {
			t.Errorf("before its TTL is over: got %q, %t", got, ok)
		}
		<-time.After(time.Millisecond)
		if got, ok := m.get(1); got != "" || ok {
			t.Errorf("after its TTL is over: got %q, %t", got, ok)
		}
		m.set(1, "b")
		if got, ok := m.get(1); got != "b" || !ok {
			t.Errorf("set again: got %q, %t", got, ok)
		}
		m.remove(1)
		if _, ok := m.get(1); ok {
			t.Error("it was not removed")
		}
		for i := range 1000 {
			m.set(i, "c")
		}
		m.entries.CleanUp()
		if n := m.entries.EstimatedSize(); n > 100 || n == 0 {
			t.Errorf("it has %d entries", n)
		}
	})
}
