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
	c.jobs.stored = append(c.jobs.stored, sampleJobs().all(daily[historyJobs/2+1:], nil)...)

	fresh, others := relativeSnapshots(started)
	c.snapshots = append(c.snapshots, fresh)
	c.snapshots = append(c.snapshots, others...)
	for n, j := range relativeJobs(started).all(nil, fresh) {
		if j.target != (target{}) {
			j.target = targets[n%len(targets)]
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
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

// sampleJobs returns one job of each kind that a client may handle wrongly. The first six are usual outcomes of a job,
// and are here so that documents can use their ids.
func sampleJobs() jobFamily {
	const before = 8 * time.Hour
	return jobFamily{
		family: familySample, first: date(2025, 4, 1, 9, 12, 33), target: newTarget(SeedGroupID, SeedClusterName),
		jobs: []seedJob{
			{label: "succeeded"},
			{label: "failed", change: endsAs(fails)},
			{label: "cancelled", change: cancelledSilently},
			{label: "expired", change: fetchableForAnHour},
			{label: "pointInTime", change: pointInTimeBefore(before)},
			{label: "pointInTimeOplog", change: oplogBefore(before, 7)},
			{label: "pointInTimeDesired", change: func(j *job) {
				j.deliveryType = pointInTime
				j.point.desired, j.point.desiredIncrement = j.created.Add(-before), 3
			}},
			{label: "failedWithoutFinishedAt", change: func(j *job) {
				j.schedule.ends, j.schedule.omitsFinishedAt = fails, true
			}},
			{label: "failedAndCancelled", change: endsAs(failsAndIsCancelled)},
			{label: "unknownDeliveryType", change: func(j *job) { j.deliveryType = streaming }},
			{label: "missingFields", change: func(j *job) { j.minimal, j.snapshot, j.target = true, nil, target{} }},
		},
	}
}
