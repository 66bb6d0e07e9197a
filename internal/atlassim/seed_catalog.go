package atlassim

import "time"

// The jobs of the Flex cluster, beside its history. The first ones have ended long ago, the others are relative to the
// start.
const (
	flexSucceeded = iota
	flexFailed
	flexExpired
	flexElsewhere
	flexClosed
	flexPending
	flexQueued
	flexRunning
	flexReady
	flexReadySoon
	flexSucceedsSoon
	flexFailsSoon
	flexEnd
)

const (
	flexHistory = 120 // two a day; with the others more than the page of 100 that a list has by default
	// flexKeeps is how long after its creation the URL of a download works.
	flexKeeps = 6 * time.Hour
)

// flexBefore is how long before the start such a job was created.
var flexBefore = [flexEnd]time.Duration{
	flexPending:      40 * time.Second,
	flexQueued:       6 * time.Minute,
	flexRunning:      95 * time.Second,
	flexReady:        25 * time.Minute,
	flexReadySoon:    3*time.Minute + 5*time.Second,
	flexSucceedsSoon: 2*time.Minute + 45*time.Second,
	flexFailsSoon:    2*time.Minute + 11*time.Second,
}

func flexJobs(started time.Time) jobFamily {
	return jobFamily{
		family:  familyFlex,
		first:   date(2025, 4, 12, 10, 24, 51),
		started: started,
		target:  newTarget(SeedGroupID, SeedFlexClusterName),
	}
}

// fillCatalog adds two months of restores to the Flex cluster, and a job for each status, also unusual ones.
func fillCatalog(c *cluster, otherGroupID string, started time.Time) {
	f := flexJobs(started)
	c.snapshots = dailySnapshots(70, date(2025, 2, 10, 17, 5, 10), 0xa00000)
	c.jobs.stored = finishedJobs(familyHistory, flexHistory, date(2025, 2, 11, 9, 12, 8), 12*time.Hour, c.snapshots[:60],
		f.target)
	for n := range flexPending {
		j := f.ended(n, c.snapshots[60+n])
		switch n {
		case flexFailed:
			j.schedule.ends = fails
		case flexExpired:
			j.asDownload(flexKeeps - j.schedule.takes)
		case flexElsewhere:
			j.target = newTarget(otherGroupID, "catalog-audit")
		case flexClosed:
			// The public description speaks of this status, but does not list it: a client must survive it.
			j.flexStatus = "CLOSED"
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}

	fresh, others := relativeSnapshots(started)
	for _, sn := range append(others, fresh) {
		sn.id = objectID(sn.scheduled, familyFlex, 0x900000+uint32(len(c.snapshots))) //nolint:gosec // small
		sn.expires = sn.scheduled.AddDate(0, 0, 8)
		c.snapshots = append(c.snapshots, sn)
	}
	for n := flexPending; n < flexEnd; n++ {
		before := flexBefore[n]
		j := f.relative(n, fresh, before, 0, succeeds)
		switch n {
		case flexPending:
			j.schedule = schedule{queued: 1 << 62, ends: neverStarts}
		case flexQueued:
			j.schedule = schedule{ends: neverStarts}
		case flexRunning:
			j.schedule.ends = neverEnds
		case flexReady:
			j.schedule.takes = 4 * time.Minute
			j.asDownload(flexKeeps - j.schedule.takes)
		case flexReadySoon:
			j.schedule.takes = before + 20*time.Second
			j.asDownload(flexKeeps - j.schedule.takes)
		case flexSucceedsSoon:
			j.schedule.takes = before + 30*time.Second
		case flexFailsSoon:
			j.schedule.takes, j.schedule.ends = before+45*time.Second, fails
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
}
