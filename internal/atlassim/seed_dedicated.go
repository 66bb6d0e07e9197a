package atlassim

import "time"

// The jobs of the replica set. The first ones are long over, the others hang on the start.
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

// dedicatedBefore says how long before the start such a job was created.
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

// fillBilling gives the replica set a job for each stage.
func fillBilling(c *cluster, otherGroupID string, started time.Time) {
	f := dedicatedJobs(started)
	c.snapshots = dailySnapshots(14, date(2025, 3, 28, 2, 40, 0), 0xb00000)
	for n := range dedicatedQueued {
		j := f.settled(n, c.snapshots[n+1])
		switch n {
		case dedicatedFailed:
			j.life.ends = fails
		case dedicatedCancelled:
			j.life.ends, j.life.silent = isCancelled, true
		case dedicatedFailedAndCancelled:
			j.life.ends = failsAndIsCancelled
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
			j.life.queued, j.life.takes = before+time.Minute, before+5*time.Minute
		case dedicatedRunning:
			j.life.ends = neverEnds
		case dedicatedReady:
			j.life.takes = 6 * time.Minute
			j.asDownload(24 * time.Hour)
			j.endpoint = "vpce-0c41f7a29be83d605"
		case dedicatedReadySoon:
			j.life.takes = before + 20*time.Second
			j.asDownload(time.Hour)
		case dedicatedSucceedsSoon:
			j.life.takes = before + 30*time.Second
		case dedicatedFailsSoon:
			j.life.takes, j.life.ends = before+45*time.Second, fails
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
}

// freshSnapshots gives a cluster the newest snapshots, of which it returns the complete one.
func freshSnapshots(c *cluster, started time.Time, f family) *snapshot {
	fresh, others := relativeSnapshots(started)
	for i, sn := range append(others, fresh) {
		sn.id = objectID(sn.scheduled, f, 0x900000+uint32(i))
		c.snapshots = append(c.snapshots, sn)
	}
	return fresh
}

// The jobs of the sharded cluster. The first ones are long over, the others hang on the start.
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

// shardedBefore says how long before the start such a job was created.
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

// fillReporting gives the sharded cluster snapshots and jobs, whose parts follow from its shards.
func fillReporting(c *cluster, started time.Time) {
	f := shardedJobs(started)
	c.snapshots = dailySnapshots(8, date(2025, 4, 4, 3, 15, 0), 0xc00000)
	for n := range shardedRunning {
		j := f.settled(n, c.snapshots[n+1])
		switch n {
		case shardedFailed:
			j.life.ends = fails
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
			j.life.ends = neverEnds
		case shardedReady:
			j.life.takes = 9 * time.Minute
			j.asDownload(24 * time.Hour)
			j.endpoint = "vpce-0c41f7a29be83d605"
		case shardedReadySoon:
			j.life.takes = before + 20*time.Second
			j.asDownload(time.Hour)
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
}
