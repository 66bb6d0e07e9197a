package atlassim

import "time"

// privateEndpoint is that of downloads.
const privateEndpoint = "vpce-0c41f7a29be83d605"

// dedicatedJobs returns the jobs of the replica set.
func dedicatedJobs(started time.Time, otherGroupID string) jobFamily {
	return jobFamily{
		family: familyReplicaSet, first: date(2025, 4, 2, 11, 3, 9), started: started,
		target: newTarget(SeedGroupID, SeedReplicaSetClusterName),
		jobs: []seedJob{
			{label: "dedicated"},
			{label: "dedicatedFailed", change: endsAs(fails)},
			{label: "dedicatedCancelled", change: cancelledSilently},
			{label: "dedicatedFailedAndCancelled", change: endsAs(failsAndIsCancelled)},
			{label: "dedicatedExpired", change: fetchableForAnHour},
			{label: "dedicatedPointInTime", change: pointInTimeBefore(time.Hour)},
			{label: "dedicatedOplog", change: oplogBefore(time.Hour, 4)},
			{label: "dedicatedElsewhere", change: func(j *job) { j.target = newTarget(otherGroupID, "billing-audit") }},
			{label: "dedicatedQueued", before: 3 * time.Second, change: startsInAMinute},
			{label: "dedicatedRunning", before: 95 * time.Second, change: endsAs(neverEnds)},
			{label: "dedicatedReady", before: 35 * time.Minute, change: func(j *job) {
				j.schedule.takes = 6 * time.Minute
				j.asDownload(24 * time.Hour)
				j.endpoint = privateEndpoint
			}},
			{label: "dedicatedReadySoon", before: 4*time.Minute + 12*time.Second, change: readySoon},
			{label: "dedicatedSucceedsSoon", before: 5*time.Minute + 8*time.Second, change: endsIn(30*time.Second, succeeds)},
			{label: "dedicatedFailsSoon", before: 3*time.Minute + 31*time.Second, change: endsIn(45*time.Second, fails)},
		},
	}
}

// shardedJobs returns the jobs of the sharded cluster.
func shardedJobs(started time.Time) jobFamily {
	return jobFamily{
		family: familySharded, first: date(2025, 4, 6, 14, 37, 22), started: started,
		target: newTarget(SeedGroupID, SeedDedicatedClusterName),
		jobs: []seedJob{
			{label: "sharded"},
			{label: "shardedFailed", change: endsAs(fails)},
			{label: "shardedExpired", change: fetchableForAnHour},
			{label: "shardedPointInTime", change: pointInTimeBefore(time.Hour)},
			{label: "shardedRunning", before: 2*time.Minute + 14*time.Second, change: endsAs(neverEnds)},
			{label: "shardedReady", before: 50 * time.Minute, change: func(j *job) {
				j.schedule.takes = 9 * time.Minute
				j.asDownload(24 * time.Hour)
				j.endpoint = privateEndpoint
			}},
			{label: "shardedReadySoon", before: 6*time.Minute + 40*time.Second, change: readySoon},
		},
	}
}

// fillDedicated adds snapshots, the oldest of which no job restores, and jobs to a Dedicated cluster.
func fillDedicated(c *cluster, f jobFamily, past []*snapshot) {
	fresh, others := relativeSnapshots(f.started)
	c.snapshots = past
	for i, sn := range append(others, fresh) {
		sn.id = objectID(sn.scheduled, f.family, 0x900000+uint32(i))
		c.snapshots = append(c.snapshots, sn)
	}
	c.jobs.stored = f.all(past[1:], fresh)
}
