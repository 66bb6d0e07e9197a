package atlassim

import "time"

const (
	// livePeriod is the time between two live jobs.
	livePeriod = 2 * time.Minute
	// maxLive bounds the live jobs; older ones do not exist any more.
	maxLive = 240
)

// liveJobs are the jobs that appear while a simulator runs: one at its start and one each livePeriod. They are not
// stored: job n is a pure function of its number.
type liveJobs struct {
	from     time.Time // whole seconds
	snapshot *snapshot
	targets  []target
}

// latest returns the number of the newest job at a time, or -1 before the first one.
func (l *liveJobs) latest(now time.Time) int {
	if now.Before(l.from) {
		return -1
	}
	return int(now.Sub(l.from) / livePeriod)
}

// numbers returns the numbers of the jobs at a time, newest first, without those that were removed.
func (l *liveJobs) numbers(now time.Time, removed map[int]bool) []int {
	if l == nil {
		return nil
	}
	latest := l.latest(now)
	count := min(latest+1, maxLive)
	out := make([]int, 0, count)
	for n := latest; n > latest-count; n-- {
		if !removed[n] {
			out = append(out, n)
		}
	}
	return out
}

// find returns the number of the job with an id, and reports whether there is such a job at that time.
func (l *liveJobs) find(id string, now time.Time) (n int, ok bool) {
	if l == nil {
		return 0, false
	}
	seconds, f, _ := splitObjectID(id)
	if f != familyLive {
		return 0, false
	}
	since := time.Duration(seconds-l.from.Unix()) * time.Second
	n = int(since / livePeriod)
	latest := l.latest(now)
	if since < 0 || n > latest || n <= latest-maxLive {
		return 0, false
	}
	return n, l.id(n) == id
}

func (l *liveJobs) created(n int) time.Time { return l.from.Add(time.Duration(n) * livePeriod) }

func (l *liveJobs) id(n int) string {
	return objectID(l.created(n), familyLive, uint32(n)) //nolint:gosec // n is not negative
}

// job returns job n. The schedules alternate so that jobs of every state exist at any time.
func (l *liveJobs) job(n int) *job {
	created := l.created(n)
	j := &job{
		id:           l.id(n),
		created:      created,
		deliveryType: automated,
		snapshot:     l.snapshot,
		target:       l.targets[n%len(l.targets)],
	}
	queued := 20 * time.Second
	switch n % 7 {
	case 0, 4:
		j.schedule = schedule{queued: queued, takes: 5*time.Minute + 17*time.Second, ends: succeeds}
	case 1:
		j.schedule = schedule{
			queued: queued, takes: 3*time.Minute + 8*time.Second, fetchableFor: 40 * time.Minute, ends: delivers,
		}
		j.deliveryType, j.target = download, target{}
	case 2:
		j.schedule = schedule{queued: queued, takes: 9*time.Minute + 41*time.Second, ends: succeeds}
		j.deliveryType = pointInTime
		j.point.utcSeconds = int32(created.Add(-90 * time.Minute).Unix()) //nolint:gosec // until 2038, as in Atlas
	case 3:
		j.schedule = schedule{queued: queued, takes: 4*time.Minute + 2*time.Second, ends: fails}
	case 5:
		j.schedule = schedule{queued: queued, takes: 2*time.Minute + 30*time.Second, ends: isCancelled, omitsFinishedAt: true}
	default:
		j.schedule = schedule{queued: queued, takes: 6 * time.Minute, fetchableFor: 12 * time.Minute, ends: delivers}
		j.deliveryType, j.target = download, target{}
	}
	return j
}
