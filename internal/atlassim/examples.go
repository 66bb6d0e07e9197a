package atlassim

// The tiers of an [Example]: which API serves it.
const (
	TierServerless = "SERVERLESS"
	TierFlex       = "FLEX"
	TierDedicated  = "DEDICATED"
	TierFree       = "FREE"
)

// Example names a restore job in one state.
type Example struct {
	// Label names the state; see [Simulator.Examples].
	Label                              string
	GroupID, ClusterName, RestoreJobID string
	// Tier is the one of the cluster at the time of the call: a serverless instance has another one after the sunset.
	Tier string
}

// Examples returns a job in each state; none without the seed.
//
// First come those of [SeedClusterName], an instance that becomes a Flex cluster. These are the same in every run:
// "succeeded", "failed", "cancelled", "expired", "pointInTime" (with pointInTimeUTCSeconds), "pointInTimeOplog" (with
// oplogTs and oplogInc), "pointInTimeDesired" (with a desiredTimestamp), "failedWithoutFinishedAt",
// "failedAndCancelled", "unknownDeliveryType", "missingFields".
//
// The times of these are relative to when the simulator was made: "running" (it never ends), "ready" (for a day), and,
// within the first minute, "queued" (runs after 60 s, succeeds after 300 s), "readySoon" (after 20 s), "succeedsSoon"
// (30 s), "failsSoon" (45 s), "cancelledSoon" (50 s), "expiresSoon" (60 s). "newest" is the newest job at the time of
// the call.
//
// Then come those of clusters of other tiers. The same in every run:
//
//   - of the Flex cluster [SeedFlexClusterName]: "flex" (it succeeded), "flexFailed", "flexExpired", "flexElsewhere"
//     (into another project), "flexClosed" (a status that no client knows);
//   - of the replica set [SeedReplicaSetClusterName]: "dedicated" (it succeeded), "dedicatedFailed",
//     "dedicatedCancelled", "dedicatedFailedAndCancelled", "dedicatedExpired", "dedicatedPointInTime",
//     "dedicatedOplog", "dedicatedElsewhere" (into another project);
//   - of the sharded [SeedDedicatedClusterName]: "sharded" (it succeeded), "shardedFailed", "shardedExpired",
//     "shardedPointInTime";
//   - of clusters that were serverless instances until the simulator was made: "migratedToFlex",
//
// "migratedToFlexCancelled",
//
//	  "migratedToFlexExpired", "migratedToDedicated", "migratedToDedicatedCancelled", "migratedToDedicatedExpired";
//	- of [SeedSecondClusterName], an instance that becomes a Dedicated cluster: "becomesDedicated".
//
// And relative to when the simulator was made: "flexPending", "flexQueued", "flexRunning" (these three for ever),
// "flexReady", "flexReadySoon" (after 20 s), "flexSucceedsSoon" (30 s), "flexFailsSoon" (45 s), "dedicatedQueued" (runs
// after 60 s, succeeds after 300 s), "dedicatedRunning" (for ever), "dedicatedReady" (with a private endpoint),
// "dedicatedReadySoon" (20 s), "dedicatedSucceedsSoon" (30 s), "dedicatedFailsSoon" (45 s), "shardedRunning" (for
// ever), "shardedReady", "shardedReadySoon" (20 s).
func (s *Simulator) Examples() []Example {
	p := s.store.projects[SeedGroupID]
	if p == nil || p.byName[SeedClusterName] == nil {
		return nil
	}
	var out []Example
	retired := s.serverlessIsRetired()
	add := func(groupID, clusterName, label, id string) {
		c := s.findCluster(groupID, clusterName)
		out = append(out, Example{label, groupID, clusterName, id, c.tierNow(retired).tierName()})
	}
	family := func(f jobFamily) {
		for n, j := range f.jobs {
			if j.label != "" {
				id, _ := f.id(n)
				add(SeedGroupID, f.target.clusterName, j.label, id)
			}
		}
	}
	family(sampleJobs())
	family(relativeJobs(s.started))
	live := p.byName[SeedClusterName].jobs.live
	if n := live.latest(s.now()); n >= 0 {
		add(SeedGroupID, SeedClusterName, "newest", live.id(n))
	}
	for _, f := range append([]jobFamily{
		flexJobs(s.started, ""), dedicatedJobs(s.started, ""), shardedJobs(s.started),
	}, migrated()...) {
		family(f)
	}
	add(SeedSecondGroupID, SeedSecondClusterName, "becomesDedicated", ticketsID(2))
	return out
}
