package atlassim

import "time"

const (
	historyJobs = 600 // two a day
	historyDays = 320 // of snapshots; the days after the jobs are for the odd ones
)

// fillOrders gives the big instance its past, its odd jobs, those that are on their way, and a future.
func fillOrders(c *cluster, groupID, otherGroupID string, started time.Time) {
	first := date(2024, 6, 1, 0, 5, 0)
	c.snapshots = make([]*snapshot, 0, historyDays+4)
	for day := range historyDays {
		c.snapshots = append(c.snapshots, dailySnapshot(first.AddDate(0, 0, day), uint32(day)))
	}
	daily := c.snapshots
	targets := []target{
		newTarget(groupID, SeedClusterName),
		newTarget(groupID, "orders-staging"),
		newTarget(otherGroupID, "orders-audit"),
	}
	c.jobs.stored = make([]*job, 0, historyJobs+32)
	c.jobs.stored = append(c.jobs.stored, history(daily, targets)...)
	c.jobs.stored = append(c.jobs.stored, oddities(daily[historyJobs/2:], targets)...)

	fresh, others := relativeSnapshots(started)
	c.snapshots = append(c.snapshots, fresh)
	c.snapshots = append(c.snapshots, others...)
	c.jobs.stored = append(c.jobs.stored, relativeJobs(started, fresh, targets)...)
	c.jobs.live = &liveJobs{from: started, snapshot: fresh, targets: targets}
}

// history is 300 days with two restores each, long over: mostly successes, as in life.
func history(daily []*snapshot, targets []target) []*job {
	jobs := make([]job, historyJobs)
	out := make([]*job, historyJobs)
	for n := range historyJobs {
		created := date(2024, 6, 1, 8, 30, 17).Add(time.Duration(n) * 12 * time.Hour)
		j := &jobs[n]
		*j = job{
			id:           objectID(created, familyHistory, uint32(n)),
			created:      created,
			deliveryType: automated,
			snapshot:     daily[n/2],
			target:       targets[n%len(targets)],
			life:         life{takes: 4*time.Minute + time.Duration(n%97)*time.Second, ends: succeeds, settled: true},
		}
		switch {
		case n%29 == 28:
			j.life.ends = fails
		case n%31 == 30:
			j.life.ends, j.life.silent = isCancelled, n%2 == 0
		case n%7 == 6:
			j.deliveryType, j.target = download, target{}
			j.life.ends, j.life.keeps = delivers, time.Hour
		case n%11 == 10:
			j.deliveryType = pointInTime
			j.point.utcSeconds = int32(created.Add(-time.Hour).Unix()) //nolint:gosec // until 2038, as in Atlas
		}
		out[n] = j
	}
	return out
}

// The odd jobs: one of each kind that a client may stumble over, each with its own number. The first six are the
// plain ends of a job and stand here so that their ids can be quoted.
const (
	oddSucceeded = iota
	oddFailed
	oddCancelled
	oddExpired
	oddPointInTime
	oddOplog
	oddDesiredTimestamp
	oddFailedSilently
	oddFailedAndCancelled
	oddStreaming
	oddBare
	oddCount
)

func oddCreated(n int) time.Time { return date(2025, 4, 1+n, 9, 12, 33) }

func oddID(n int) string { return objectID(oddCreated(n), familyOddity, uint32(n)) } //nolint:gosec // small

func oddities(daily []*snapshot, targets []target) []*job {
	out := make([]*job, 0, oddCount)
	for n := range oddCount {
		created := oddCreated(n)
		j := &job{
			id:           oddID(n),
			created:      created,
			deliveryType: automated,
			snapshot:     daily[n+1],
			target:       targets[0],
			life:         life{takes: 5*time.Minute + 27*time.Second, ends: succeeds, settled: true},
		}
		wanted := created.Add(-8 * time.Hour)
		switch n {
		case oddFailed:
			j.life.ends = fails
		case oddFailedSilently:
			j.life.ends, j.life.silent = fails, true
		case oddCancelled:
			j.life.ends, j.life.silent = isCancelled, true
		case oddFailedAndCancelled:
			j.life.ends = failsAndIsCancelled
		case oddExpired:
			j.deliveryType, j.target = download, target{}
			j.life.ends, j.life.keeps = delivers, time.Hour
		case oddPointInTime:
			j.deliveryType = pointInTime
			j.point.utcSeconds = int32(wanted.Unix()) //nolint:gosec // until 2038, as in Atlas
		case oddOplog:
			j.deliveryType = pointInTime
			j.point.oplogTs, j.point.oplogInc = int32(wanted.Unix()), 7 //nolint:gosec // until 2038, as in Atlas
		case oddDesiredTimestamp:
			j.deliveryType = pointInTime
			j.point.desired, j.point.desiredIncrement = wanted, 3
		case oddStreaming:
			j.deliveryType = streaming
		case oddBare:
			j.bare, j.snapshot, j.target = true, nil, target{}
		}
		out = append(out, j)
	}
	return out
}
