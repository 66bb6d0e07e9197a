package atlassim

import "time"

const (
	flexHistory = 120 // two a day; with the others more than the page of 100 that a list has by default
	// flexKeeps is how long after its creation the URL of a download works.
	flexKeeps = 6 * time.Hour
)

func (j *job) asFlexDownload() { j.asDownload(flexKeeps - j.schedule.takes) }

// flexJobs returns the jobs of the Flex cluster, beside its history.
func flexJobs(started time.Time, otherGroupID string) jobFamily {
	return jobFamily{
		family: familyFlex, first: date(2025, 4, 12, 10, 24, 51), started: started,
		target: newTarget(SeedGroupID, SeedFlexClusterName),
		jobs: []seedJob{
			{label: "flex"},
			{label: "flexFailed", change: endsAs(fails)},
			{label: "flexExpired", change: (*job).asFlexDownload},
			{label: "flexElsewhere", change: func(j *job) { j.target = newTarget(otherGroupID, "catalog-audit") }},
			// The public description speaks of this status, but does not list it: a client must survive it.
			{label: "flexClosed", change: func(j *job) { j.flexStatus = "CLOSED" }},
			{label: "flexPending", before: 40 * time.Second, change: func(j *job) {
				j.schedule = schedule{queued: 1 << 62, ends: neverStarts}
			}},
			{label: "flexQueued", before: 6 * time.Minute, change: func(j *job) { j.schedule = schedule{ends: neverStarts} }},
			{label: "flexRunning", before: 95 * time.Second, change: endsAs(neverEnds)},
			{label: "flexReady", before: 25 * time.Minute, change: func(j *job) {
				j.schedule.takes = 4 * time.Minute
				j.asFlexDownload()
			}},
			{label: "flexReadySoon", before: 3*time.Minute + 5*time.Second, change: func(j *job) {
				j.schedule.takes += 20 * time.Second
				j.asFlexDownload()
			}},
			{label: "flexSucceedsSoon", before: 2*time.Minute + 45*time.Second, change: endsIn(30*time.Second, succeeds)},
			{label: "flexFailsSoon", before: 2*time.Minute + 11*time.Second, change: endsIn(45*time.Second, fails)},
		},
	}
}

// fillCatalog adds two months of restores to the Flex cluster, and a job for each status, also unusual ones.
func fillCatalog(c *cluster, otherGroupID string, started time.Time) {
	f := flexJobs(started, otherGroupID)
	c.snapshots = dailySnapshots(70, date(2025, 2, 10, 17, 5, 10), 0xa00000)
	past := c.snapshots[60:]
	fresh, others := relativeSnapshots(started)
	for _, sn := range append(others, fresh) {
		sn.id = objectID(sn.scheduled, familyFlex, 0x900000+uint32(len(c.snapshots))) //nolint:gosec // small
		sn.expires = sn.scheduled.AddDate(0, 0, 8)
		c.snapshots = append(c.snapshots, sn)
	}
	c.jobs.stored = append(
		finishedJobs(familyHistory, flexHistory, date(2025, 2, 11, 9, 12, 8), 12*time.Hour, c.snapshots[:60], f.target),
		f.all(past, fresh)...)
}
