package atlassim

import "time"

const (
	// livePeriod is how often somebody asks for a restore in a running demo.
	livePeriod = 2 * time.Minute
	// maxLive bounds the jobs that the passing of time has added; older ones are gone from Atlas.
	maxLive = 240
)

// liveJobs are the jobs that appear while a simulator runs: one at its start and one each livePeriod. None is stored.
// Job n is computed from its number, so any number of them costs nothing, and they are a pure function of the clock.
type liveJobs struct {
	from     time.Time // whole seconds
	snapshot *snapshot
	targets  []target
}

// latest is the number of the newest job at a moment, or -1 before the first.
func (l *liveJobs) latest(now time.Time) int {
	if now.Before(l.from) {
		return -1
	}
	return int(now.Sub(l.from) / livePeriod)
}

// numbers lists the jobs at a moment by their numbers, newest first, without those that were removed.
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

// find reads a job's number out of its id; ok says whether there is such a job at that moment.
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

// job makes job n. The lives take turns, and are chosen so that every stage is to be seen at any moment.
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
		j.life = life{queued: queued, takes: 5*time.Minute + 17*time.Second, ends: succeeds}
	case 1:
		j.life = life{queued: queued, takes: 3*time.Minute + 8*time.Second, keeps: 40 * time.Minute, ends: delivers}
		j.deliveryType, j.target = download, target{}
	case 2:
		j.life = life{queued: queued, takes: 9*time.Minute + 41*time.Second, ends: succeeds}
		j.deliveryType = pointInTime
		j.point.utcSeconds = int32(created.Add(-90 * time.Minute).Unix()) //nolint:gosec // until 2038, as in Atlas
	case 3:
		j.life = life{queued: queued, takes: 4*time.Minute + 2*time.Second, ends: fails}
	case 5:
		j.life = life{queued: queued, takes: 2*time.Minute + 30*time.Second, ends: isCancelled, silent: true}
	default:
		j.life = life{queued: queued, takes: 6 * time.Minute, keeps: 12 * time.Minute, ends: delivers}
		j.deliveryType, j.target = download, target{}
	}
	return j
}
