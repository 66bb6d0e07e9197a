package atlassim

import "time"

const (
	historyJobs = 600 // two a day
	historyDays = 320 // of snapshots; the days after the jobs are for the samples
)

// fillOrders adds the history of the big instance, the sample jobs, the relative jobs and the live jobs.
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

// history returns 300 days with two restores each that have ended long ago, mostly successes.
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
			schedule:     schedule{takes: 4*time.Minute + time.Duration(n%97)*time.Second, ends: succeeds, ended: true},
		}
		switch {
		case n%29 == 28:
			j.schedule.ends = fails
		case n%31 == 30:
			j.schedule.ends, j.schedule.omitsFinishedAt = isCancelled, n%2 == 0
		case n%7 == 6:
			j.deliveryType, j.target = download, target{}
			j.schedule.ends, j.schedule.fetchableFor = delivers, time.Hour
		case n%11 == 10:
			j.deliveryType = pointInTime
			j.point.utcSeconds = int32(created.Add(-time.Hour).Unix()) //nolint:gosec // until 2038, as in Atlas
		}
		out[n] = j
	}
	return out
}

// The sample jobs: one of each kind that a client may handle wrongly, each with its own number. The first six are usual
// outcomes of a job, and are here so that documents can use their ids.
const (
	sampleSucceeded = iota
	sampleFailed
	sampleCancelled
	sampleExpired
	samplePointInTime
	sampleOplog
	sampleDesiredTimestamp
	sampleFailedSilently
	sampleFailedAndCancelled
	sampleStreaming
	sampleBare
	sampleCount
)

func sampleCreated(n int) time.Time { return date(2025, 4, 1+n, 9, 12, 33) }

func sampleID(n int) string { return objectID(sampleCreated(n), familySample, uint32(n)) } //nolint:gosec // small

func oddities(daily []*snapshot, targets []target) []*job {
	out := make([]*job, 0, sampleCount)
	for n := range sampleCount {
		created := sampleCreated(n)
		j := &job{
			id:           sampleID(n),
			created:      created,
			deliveryType: automated,
			snapshot:     daily[n+1],
			target:       targets[0],
			schedule:     schedule{takes: 5*time.Minute + 27*time.Second, ends: succeeds, ended: true},
		}
		wanted := created.Add(-8 * time.Hour)
		switch n {
		case sampleFailed:
			j.schedule.ends = fails
		case sampleFailedSilently:
			j.schedule.ends, j.schedule.omitsFinishedAt = fails, true
		case sampleCancelled:
			j.schedule.ends, j.schedule.omitsFinishedAt = isCancelled, true
		case sampleFailedAndCancelled:
			j.schedule.ends = failsAndIsCancelled
		case sampleExpired:
			j.deliveryType, j.target = download, target{}
			j.schedule.ends, j.schedule.fetchableFor = delivers, time.Hour
		case samplePointInTime:
			j.deliveryType = pointInTime
			j.point.utcSeconds = int32(wanted.Unix()) //nolint:gosec // until 2038, as in Atlas
		case sampleOplog:
			j.deliveryType = pointInTime
			j.point.oplogTs, j.point.oplogInc = int32(wanted.Unix()), 7 //nolint:gosec // until 2038, as in Atlas
		case sampleDesiredTimestamp:
			j.deliveryType = pointInTime
			j.point.desired, j.point.desiredIncrement = wanted, 3
		case sampleStreaming:
			j.deliveryType = streaming
		case sampleBare:
			j.minimal, j.snapshot, j.target = true, nil, target{}
		}
		out = append(out, j)
	}
	return out
}
