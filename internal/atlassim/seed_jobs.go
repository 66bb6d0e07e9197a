package atlassim

import "time"

// jobFamily makes the jobs of one cluster of the seed. Each has a number, which is the end of its id.
type jobFamily struct {
	family family
	// first is the day of job 0 of those that are long over; each has a day of its own.
	first   time.Time
	started time.Time // of the simulator; the others hang on it
	target  target
}

// id returns the id of job n, which was created at a time.
func (f jobFamily) id(created time.Time, n int) string {
	return objectID(created, f.family, uint32(n)) //nolint:gosec // small
}

func (f jobFamily) created(n int) time.Time { return f.first.AddDate(0, 0, n) }

// ended returns job n, a restore that has succeeded long ago.
func (f jobFamily) ended(n int, sn *snapshot) *job {
	created := f.created(n)
	return &job{
		id:           f.id(created, n),
		created:      created,
		deliveryType: automated,
		snapshot:     sn,
		target:       f.target,
		schedule:     schedule{takes: 5*time.Minute + 27*time.Second, ends: succeeds, ended: true},
	}
}

// relative returns job n, a restore that was requested some time before the start. left is how long after the start it
// ends.
func (f jobFamily) relative(n int, sn *snapshot, before, left time.Duration, ends ending) *job {
	created := f.started.Add(-before)
	return &job{
		id:           f.id(created, n),
		created:      created,
		deliveryType: automated,
		snapshot:     sn,
		target:       f.target,
		schedule:     schedule{queued: 15 * time.Second, takes: before + left, ends: ends},
	}
}

// asDownload changes a restore to a download, which can be fetched for a time after its end.
func (j *job) asDownload(keeps time.Duration) {
	j.deliveryType, j.target = download, target{}
	j.schedule.ends, j.schedule.fetchableFor = delivers, keeps
}

// asPointInTime changes a restore to one of a point in time, an hour before it was requested.
func (j *job) asPointInTime() {
	j.deliveryType = pointInTime
	j.point.utcSeconds = int32(j.created.Add(-time.Hour).Unix()) //nolint:gosec // until 2038, as in Atlas
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
