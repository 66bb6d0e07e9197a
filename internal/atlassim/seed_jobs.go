package atlassim

import "time"

// jobFamily is jobs of one cluster of the seed. Each has a number, its index, which is the end of its id.
type jobFamily struct {
	family family
	// first is the day of job 0 of those that are long over; each has a day of its own.
	first   time.Time
	started time.Time // of the simulator; the others hang on it
	target  target
	jobs    []seedJob
}

// seedJob is a job of the seed: a restore that succeeds, changed.
type seedJob struct {
	label  string        // see [Simulator.Examples]; it is none without
	before time.Duration // how long before the start it was created; 0: it has ended long ago
	change func(*job)    // may be nil
}

// id returns the id of job n, and when it was created.
func (f jobFamily) id(n int) (id string, created time.Time) {
	created = f.first.AddDate(0, 0, n)
	if before := f.jobs[n].before; before > 0 {
		created = f.started.Add(-before)
	}
	return objectID(created, f.family, uint32(n)), created //nolint:gosec // small
}

// all returns the jobs: those that have ended long ago of a snapshot each, the others of the fresh one.
func (f jobFamily) all(past []*snapshot, fresh *snapshot) []*job {
	jobs := make([]*job, len(f.jobs))
	for n, s := range f.jobs {
		id, created := f.id(n)
		j := &job{id: id, created: created, deliveryType: automated, target: f.target}
		if s.before > 0 {
			j.snapshot, j.schedule = fresh, schedule{queued: 15 * time.Second, takes: s.before, ends: succeeds}
		} else {
			j.snapshot = past[n]
			j.schedule = schedule{takes: 5*time.Minute + 27*time.Second, ends: succeeds, ended: true}
		}
		if s.change != nil {
			s.change(j)
		}
		jobs[n] = j
	}
	return jobs
}

// The changes of a seedJob.

func endsAs(e ending) func(*job) { return func(j *job) { j.schedule.ends = e } }

// endsIn has a job end some time after the start.
func endsIn(left time.Duration, e ending) func(*job) {
	return func(j *job) { j.schedule.takes, j.schedule.ends = j.schedule.takes+left, e }
}

func fetchableForAnHour(j *job) { j.asDownload(time.Hour) }

func readySoon(j *job) {
	j.schedule.takes += 20 * time.Second
	j.asDownload(time.Hour)
}

// startsInAMinute has a job be queued for a minute after the start, and then run for four.
func startsInAMinute(j *job) {
	j.schedule.queued, j.schedule.takes = j.schedule.takes+time.Minute, j.schedule.takes+5*time.Minute
}

func cancelledSilently(j *job) { j.schedule.ends, j.schedule.omitsFinishedAt = isCancelled, true }

// pointInTimeBefore has a job restore to a point in time before it was requested.
func pointInTimeBefore(d time.Duration) func(*job) {
	return func(j *job) {
		j.deliveryType = pointInTime
		j.point.utcSeconds = int32(j.created.Add(-d).Unix()) //nolint:gosec // until 2038, as in Atlas
	}
}

func oplogBefore(d time.Duration, increment int32) func(*job) {
	return func(j *job) {
		j.deliveryType = pointInTime
		j.point.oplogTs, j.point.oplogInc = int32(j.created.Add(-d).Unix()), increment //nolint:gosec // until 2038, as in Atlas
	}
}

// asDownload changes a restore to a download, which can be fetched for a time after its end.
func (j *job) asDownload(keeps time.Duration) {
	j.deliveryType, j.target = download, target{}
	j.schedule.ends, j.schedule.fetchableFor = delivers, keeps
}

// finishedJobs returns count restores that have ended long ago, one for each step of time from first on.
func finishedJobs(f family, count int, first time.Time, step time.Duration, snapshots []*snapshot, to target) []*job {
	jobs := make([]job, count)
	out := make([]*job, count)
	for n := range count {
		created := first.Add(time.Duration(n) * step)
		jobs[n] = job{
			id:           objectID(created, f, uint32(n)),
			created:      created,
			deliveryType: automated,
			snapshot:     snapshots[n*len(snapshots)/count],
			target:       to,
			schedule:     schedule{takes: 4*time.Minute + time.Duration(n%97)*time.Second, ends: succeeds, ended: true},
		}
		out[n] = &jobs[n]
	}
	return out
}

// dailySnapshots returns count complete snapshots of the past, one a day.
func dailySnapshots(count int, first time.Time, counter uint32) []*snapshot {
	out := make([]*snapshot, count)
	for i := range out {
		out[i] = dailySnapshot(first.AddDate(0, 0, i), counter+uint32(i))
	}
	return out
}
