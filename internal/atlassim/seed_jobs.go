package atlassim

import "time"

// jobFamily makes the jobs of one cluster of the seed: each has a number, which is the end of its id.
type jobFamily struct {
	family family
	// first is the day of job 0 of those that are long over; each has a day of its own.
	first   time.Time
	started time.Time // of the simulator; the others hang on it
	target  target
}

// id is the id of job n, which was created at that time.
func (f jobFamily) id(created time.Time, n int) string {
	return objectID(created, f.family, uint32(n)) //nolint:gosec // small
}

func (f jobFamily) created(n int) time.Time { return f.first.AddDate(0, 0, n) }

// settled is job n, a restore that is long over and has succeeded.
func (f jobFamily) settled(n int, sn *snapshot) *job {
	created := f.created(n)
	return &job{
		id:           f.id(created, n),
		created:      created,
		deliveryType: automated,
		snapshot:     sn,
		target:       f.target,
		life:         life{takes: 5*time.Minute + 27*time.Second, ends: succeeds, settled: true},
	}
}

// relative is job n, a restore that was asked for some time before the start. left is how long after the start it
// ends.
func (f jobFamily) relative(n int, sn *snapshot, before, left time.Duration, ends ending) *job {
	created := f.started.Add(-before)
	return &job{
		id:           f.id(created, n),
		created:      created,
		deliveryType: automated,
		snapshot:     sn,
		target:       f.target,
		life:         life{queued: 15 * time.Second, takes: before + left, ends: ends},
	}
}

// asDownload makes a restore a download, which can be fetched for a while from its end on.
func (j *job) asDownload(keeps time.Duration) {
	j.deliveryType, j.target = download, target{}
	j.life.ends, j.life.keeps = delivers, keeps
}

// asPointInTime makes a restore one of a point in time, an hour before it was asked for.
func (j *job) asPointInTime() {
	j.deliveryType = pointInTime
	j.point.utcSeconds = int32(j.created.Add(-time.Hour).Unix()) //nolint:gosec // until 2038, as in Atlas
}

// finishedJobs are count restores long over, one after each step of time from first on.
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
			life:         life{takes: 4*time.Minute + time.Duration(n%97)*time.Second, ends: succeeds, settled: true},
		}
		out[n] = &jobs[n]
	}
	return out
}

// dailySnapshots are count complete snapshots of the past, a day apart.
func dailySnapshots(count int, first time.Time, counter uint32) []*snapshot {
	out := make([]*snapshot, count)
	for i := range out {
		out[i] = dailySnapshot(first.AddDate(0, 0, i), counter+uint32(i))
	}
	return out
}
