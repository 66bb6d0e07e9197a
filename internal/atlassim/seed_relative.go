package atlassim

import "time"

// The jobs that have not ended when a simulator starts.
const (
	relRunning = iota
	relQueued
	relSucceedsSoon
	relFailsSoon
	relCancelledSoon
	relReadySoon
	relReady
	relExpiresSoon
	relCount
)

// relative is how long before the start such a job was created.
func relativeCreated(n int, started time.Time) time.Time {
	before := [relCount]time.Duration{
		relRunning:       95 * time.Second,
		relQueued:        2 * time.Second,
		relSucceedsSoon:  3*time.Minute + 45*time.Second,
		relFailsSoon:     2*time.Minute + 11*time.Second,
		relCancelledSoon: 70 * time.Second,
		relReadySoon:     3*time.Minute + 5*time.Second,
		relReady:         25 * time.Minute,
		relExpiresSoon:   time.Hour,
	}
	return started.Add(-before[n])
}

func relativeID(n int, started time.Time) string {
	return objectID(relativeCreated(n, started), familyRelative, uint32(n)) //nolint:gosec // small
}

// relativeJobs returns jobs in each state, of which some change their state within the first minute.
func relativeJobs(started time.Time, sn *snapshot, targets []target) []*job {
	out := make([]*job, 0, relCount)
	for n := range relCount {
		created := relativeCreated(n, started)
		sofar := started.Sub(created)
		j := &job{
			id:           relativeID(n, started),
			created:      created,
			deliveryType: automated,
			snapshot:     sn,
			target:       targets[n%len(targets)],
			schedule:     schedule{queued: 15 * time.Second, ends: succeeds},
		}
		switch n {
		case relRunning:
			j.schedule.ends = neverEnds
		case relQueued:
			j.schedule.queued, j.schedule.takes = sofar+time.Minute, sofar+5*time.Minute
		case relSucceedsSoon:
			j.schedule.takes = sofar + 30*time.Second
		case relFailsSoon:
			j.schedule.takes, j.schedule.ends = sofar+45*time.Second, fails
		case relCancelledSoon:
			j.schedule.takes, j.schedule.ends = sofar+50*time.Second, isCancelled
		case relReadySoon:
			j.schedule.takes, j.schedule.fetchableFor = sofar+20*time.Second, time.Hour
		case relReady:
			j.schedule.takes, j.schedule.fetchableFor = sofar-10*time.Minute, 24*time.Hour
		case relExpiresSoon:
			j.schedule.takes, j.schedule.fetchableFor = 4*time.Minute, sofar-4*time.Minute+time.Minute
		}
		if j.schedule.fetchableFor > 0 {
			j.deliveryType, j.target, j.schedule.ends = download, target{}, delivers
		}
		out = append(out, j)
	}
	return out
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
	taking.onDemand = true
	waiting := make1(3, started.Add(-time.Second), time.Minute, 3*time.Minute)
	waiting.onDemand = true
	return fresh, []*snapshot{failed, taking, waiting}
}
