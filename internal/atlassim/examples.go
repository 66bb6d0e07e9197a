package atlassim

// Example points at a restore job that shows one stage of a job's life.
type Example struct {
	// Label names the stage, see [Simulator.Examples].
	Label                              string
	GroupID, ClusterName, RestoreJobID string
}

// Examples lists a job for each stage of life, all of [SeedClusterName]; none without the seed.
//
// These are the same in every run: "succeeded", "failed", "cancelled", "expired", "pointInTime" (with
// pointInTimeUTCSeconds), "pointInTimeOplog" (with oplogTs and oplogInc), "pointInTimeDesired" (with a
// desiredTimestamp), "failedWithoutFinishedAt", "failedAndCancelled", "unknownDeliveryType", "missingFields".
//
// These hang on the moment that the simulator was made: "running" (it never ends), "ready" (for a day), and, within
// the first minute, "queued" (runs after 60 s, succeeds after 300 s), "readySoon" (after 20 s), "succeedsSoon" (30 s),
// "failsSoon" (45 s), "cancelledSoon" (50 s), "expiresSoon" (60 s). "newest" is the job that came last, at the moment
// of the call.
func (s *Simulator) Examples() []Example {
	p := s.store.projects[SeedGroupID]
	if p == nil {
		return nil
	}
	var out []Example
	add := func(label, id string) {
		out = append(out, Example{Label: label, GroupID: SeedGroupID, ClusterName: SeedClusterName, RestoreJobID: id})
	}
	for _, e := range []struct {
		label string
		n     int
	}{
		{"succeeded", oddSucceeded},
		{"failed", oddFailed},
		{"cancelled", oddCancelled},
		{"expired", oddExpired},
		{"pointInTime", oddPointInTime},
		{"pointInTimeOplog", oddOplog},
		{"pointInTimeDesired", oddDesiredTimestamp},
		{"failedWithoutFinishedAt", oddFailedSilently},
		{"failedAndCancelled", oddFailedAndCancelled},
		{"unknownDeliveryType", oddStreaming},
		{"missingFields", oddBare},
	} {
		add(e.label, oddID(e.n))
	}
	for _, e := range []struct {
		label string
		n     int
	}{
		{"running", relRunning},
		{"ready", relReady},
		{"queued", relQueued},
		{"readySoon", relReadySoon},
		{"succeedsSoon", relSucceedsSoon},
		{"failsSoon", relFailsSoon},
		{"cancelledSoon", relCancelledSoon},
		{"expiresSoon", relExpiresSoon},
	} {
		add(e.label, relativeID(e.n, s.started))
	}
	live := p.byName[SeedClusterName].live
	if n := live.latest(s.now()); n >= 0 {
		add("newest", live.job(n).id)
	}
	return out
}
