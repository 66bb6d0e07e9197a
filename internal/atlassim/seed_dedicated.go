package atlassim

import "time"

// The jobs of the replica set. The first ones have ended long ago, the others are relative to the start.
const (
	dedicatedSucceeded = iota
	dedicatedFailed
	dedicatedCancelled
	dedicatedFailedAndCancelled
	dedicatedExpired
	dedicatedPointInTime
	dedicatedOplog
	dedicatedElsewhere
	dedicatedQueued
	dedicatedRunning
	dedicatedReady
	dedicatedReadySoon
	dedicatedSucceedsSoon
	dedicatedFailsSoon
	dedicatedEnd
)

// dedicatedBefore is how long before the start such a job was created.
var dedicatedBefore = [dedicatedEnd]time.Duration{
	dedicatedQueued:       3 * time.Second,
	dedicatedRunning:      95 * time.Second,
	dedicatedReady:        35 * time.Minute,
	dedicatedReadySoon:    4*time.Minute + 12*time.Second,
	dedicatedSucceedsSoon: 5*time.Minute + 8*time.Second,
	dedicatedFailsSoon:    3*time.Minute + 31*time.Second,
}

func dedicatedJobs(started time.Time) jobFamily {
	return jobFamily{
		family:  familyReplicaSet,
		first:   date(2025, 4, 2, 11, 3, 9),
		started: started,
		target:  newTarget(SeedGroupID, SeedReplicaSetClusterName),
	}
}

// fillBilling adds a job in each state to the replica set.
func fillBilling(c *cluster, otherGroupID string, started time.Time) {
	f := dedicatedJobs(started)
	c.snapshots = dailySnapshots(14, date(2025, 3, 28, 2, 40, 0), 0xb00000)
	for n := range dedicatedQueued {
		j := f.ended(n, c.snapshots[n+1])
		switch n {
		case dedicatedFailed:
			j.schedule.ends = fails
		case dedicatedCancelled:
			j.schedule.ends, j.schedule.omitsFinishedAt = isCancelled, true
		case dedicatedFailedAndCancelled:
			j.schedule.ends = failsAndIsCancelled
		case dedicatedExpired:
			j.asDownload(time.Hour)
		case dedicatedPointInTime:
			j.asPointInTime()
		case dedicatedOplog:
			j.deliveryType = pointInTime
			j.point.oplogTs, j.point.oplogInc = int32(j.created.Add(-time.Hour).Unix()), 4 //nolint:gosec // until 2038, as in Atlas
		case dedicatedElsewhere:
			j.target = newTarget(otherGroupID, "billing-audit")
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}

	fresh := freshSnapshots(c, started, familyReplicaSet)
	for n := dedicatedQueued; n < dedicatedEnd; n++ {
		before := dedicatedBefore[n]
		j := f.relative(n, fresh, before, 0, succeeds)
		switch n {
		case dedicatedQueued:
			j.schedule.queued, j.schedule.takes = before+time.Minute, before+5*time.Minute
		case dedicatedRunning:
			j.schedule.ends = neverEnds
		case dedicatedReady:
			j.schedule.takes = 6 * time.Minute
			j.asDownload(24 * time.Hour)
			j.endpoint = "vpce-0c41f7a29be83d605"
		case dedicatedReadySoon:
			j.schedule.takes = before + 20*time.Second
			j.asDownload(time.Hour)
		case dedicatedSucceedsSoon:
			j.schedule.takes = before + 30*time.Second
		case dedicatedFailsSoon:
			j.schedule.takes, j.schedule.ends = before+45*time.Second, fails
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
}

// freshSnapshots adds the newest snapshots to a cluster, and returns the complete one.
func freshSnapshots(c *cluster, started time.Time, f family) *snapshot {
	fresh, others := relativeSnapshots(started)
	for i, sn := range append(others, fresh) {
		sn.id = objectID(sn.scheduled, f, 0x900000+uint32(i))
		c.snapshots = append(c.snapshots, sn)
	}
	return fresh
}

// The jobs of the sharded cluster. The first ones have ended long ago, the others are relative to the start.
const (
	shardedSucceeded = iota
	shardedFailed
	shardedExpired
	shardedPointInTime
	shardedRunning
	shardedReady
	shardedReadySoon
	shardedEnd
)

// shardedBefore is how long before the start such a job was created.
var shardedBefore = [shardedEnd]time.Duration{
	shardedRunning:   2*time.Minute + 14*time.Second,
	shardedReady:     50 * time.Minute,
	shardedReadySoon: 6*time.Minute + 40*time.Second,
}

func shardedJobs(started time.Time) jobFamily {
	return jobFamily{
		family:  familySharded,
		first:   date(2025, 4, 6, 14, 37, 22),
		started: started,
		target:  newTarget(SeedGroupID, SeedDedicatedClusterName),
	}
}

// fillReporting adds snapshots and jobs to the sharded cluster.
func fillReporting(c *cluster, started time.Time) {
	f := shardedJobs(started)
	c.snapshots = dailySnapshots(8, date(2025, 4, 4, 3, 15, 0), 0xc00000)
	for n := range shardedRunning {
		j := f.ended(n, c.snapshots[n+1])
		switch n {
		case shardedFailed:
			j.schedule.ends = fails
		case shardedExpired:
			j.asDownload(time.Hour)
		case shardedPointInTime:
			j.asPointInTime()
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}

	fresh := freshSnapshots(c, started, familySharded)
	for n := shardedRunning; n < shardedEnd; n++ {
		before := shardedBefore[n]
		j := f.relative(n, fresh, before, 0, succeeds)
		switch n {
		case shardedRunning:
			j.schedule.ends = neverEnds
		case shardedReady:
			j.schedule.takes = 9 * time.Minute
			j.asDownload(24 * time.Hour)
			j.endpoint = "vpce-0c41f7a29be83d605"
		case shardedReadySoon:
			j.schedule.takes = before + 20*time.Second
			j.asDownload(time.Hour)
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
}
