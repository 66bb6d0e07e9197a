package atlassim

import "time"

// relativeJobs returns jobs in each state, of which some change their state within the first minute.
func relativeJobs(started time.Time) jobFamily {
	return jobFamily{
		family: familyRelative, started: started, target: newTarget(SeedGroupID, SeedClusterName),
		jobs: []seedJob{
			{label: "running", before: 95 * time.Second, change: endsAs(neverEnds)},
			{label: "queued", before: 2 * time.Second, change: startsInAMinute},
			{label: "succeedsSoon", before: 3*time.Minute + 45*time.Second, change: endsIn(30*time.Second, succeeds)},
			{label: "failsSoon", before: 2*time.Minute + 11*time.Second, change: endsIn(45*time.Second, fails)},
			{label: "cancelledSoon", before: 70 * time.Second, change: endsIn(50*time.Second, isCancelled)},
			{label: "readySoon", before: 3*time.Minute + 5*time.Second, change: readySoon},
			{label: "ready", before: 25 * time.Minute, change: func(j *job) {
				j.schedule.takes -= 10 * time.Minute
				j.asDownload(24 * time.Hour)
			}},
			{label: "expiresSoon", before: time.Hour, change: func(j *job) {
				j.schedule.takes = 4 * time.Minute
				j.asDownload(time.Hour - j.schedule.takes + time.Minute)
			}},
		},
	}
}

// relativeSnapshots returns the newest complete snapshot, which the jobs restore, and one each that is queued, in
// progress and failed.
func relativeSnapshots(started time.Time) (fresh *snapshot, others []*snapshot) {
	make1 := func(counter uint32, scheduled time.Time, wait, takes time.Duration) *snapshot {
		return &snapshot{
			id:        objectID(scheduled, familySnapshot, 0x900000+counter),
			scheduled: scheduled,
			started:   scheduled.Add(wait),
			finished:  scheduled.Add(wait + takes),
			expires:   scheduled.AddDate(0, 0, 35),
			frequency: "daily",
			version:   mongoDBVersion,
			bytes:     4_983_947_264,
		}
	}
	fresh = make1(0, started.Add(-2*time.Hour), 20*time.Second, 100*time.Second)
	failed := make1(1, started.Add(-26*time.Hour), 20*time.Second, 40*time.Second)
	failed.failed = true
	taking := make1(2, started.Add(-time.Minute), 10*time.Second, 5*time.Minute)
	taking.onDemand, taking.description = true, "before the migration"
	waiting := make1(3, started.Add(-time.Second), time.Minute, 3*time.Minute)
	waiting.onDemand, waiting.description = true, "before the migration"
	return fresh, []*snapshot{failed, taking, waiting}
}
