package restore

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// timeline is what lists have told of where the jobs of one cluster stand in its list,
// newest first. A job's id tells when it was made, so a timeline tells on which page to
// look for it, without a call.
//
// It is kept as marks: at this index stands a job of that second. Jobs that come move
// all others back, and jobs that go move them on, so what it tells is where to look
// and never whether something is there.
type timeline struct {
	marks  []mark // by index; the seconds fall
	end    int    // about the index behind the last job; 0 when nobody knows
	off    int    // how many places the guesses of late were off
	drift  drift
	absent []string // ids that did not stand where they would have to, the oldest first
	until  time.Time
}

type mark struct {
	index  int
	second int64 // since the Unix epoch
}

const (
	// markEvery is how far apart the marks of a page are: a place is known to so many jobs.
	markEvery = 8
	// maxMarks bounds a timeline, at 16 bytes each.
	maxMarks = 512
	// maxAbsent bounds the ids that are remembered as not there.
	maxAbsent = 256
	// guessWidth is how far apart marks are when a place between them is guessed.
	guessWidth = 3 * markEvery
	// farOff is how far off guesses are taken to be before one was tried, and at most: a
	// page that reaches further to both sides would be too large.
	farOff = 200
)

func secondOf(id string) int64 { return createdAt(id).Unix() }

// learn takes in a page of the list: the jobs that begin at the index, and whether there
// are more behind them. Total is Atlas's estimate of how many there are, or nil.
func (t *timeline) learn(index int, jobs []*Job, more bool, total *int64) {
	switch {
	case !more:
		t.end = index + len(jobs)
	case total != nil:
		t.end = max(int(min(*total, maxSeekPage)), index+len(jobs)+1)
	case t.end > 0:
		t.end = max(t.end, index+len(jobs)+1)
	}
	if len(jobs) == 0 {
		return
	}
	seconds := make([]int64, len(jobs))
	for i, j := range jobs {
		seconds[i] = secondOf(j.JobID)
	}
	if !slices.IsSortedFunc(seconds, func(a, b int64) int { return cmp.Compare(b, a) }) {
		// Not newest first: nothing can be told from such a list.
		*t = timeline{until: t.until}
		return
	}
	t.watch(index, seconds)
	t.shift(index, seconds)
	t.judge(index, seconds[0])
	last := len(jobs) - 1
	kept := slices.DeleteFunc(t.marks, func(m mark) bool {
		return m.index >= index && m.index <= index+last ||
			m.index < index && m.second < seconds[0] || m.index > index+last && m.second > seconds[last]
	})
	made := make([]mark, 0, last/markEvery+2)
	for i := 0; i < last; i += markEvery {
		made = append(made, mark{index + i, seconds[i]})
	}
	made = append(made, mark{index + last, seconds[last]})
	behind := sort.Search(len(kept), func(i int) bool { return kept[i].index > index })
	t.marks = slices.Insert(kept, behind, made...)
	for len(t.marks) > maxMarks {
		t.thin()
	}
}

// watch takes in how far jobs have moved since their marks were made.
func (t *timeline) watch(index int, seconds []int64) {
	first, _ := t.between(seconds[0])
	most, seen := 0, false
	for _, m := range t.marks[first:] {
		i := sort.Search(len(seconds), func(i int) bool { return seconds[i] <= m.second })
		if i == len(seconds) {
			break
		}
		if seconds[i] == m.second {
			most, seen = max(most, index+i-m.index), true
		}
	}
	if seen {
		t.drift.saw(most)
	}
}

// shift moves the marks on when the beginning of the list shows that jobs have come.
func (t *timeline) shift(index int, seconds []int64) {
	if index != 0 || len(t.marks) == 0 || t.marks[0].index != 0 {
		return
	}
	newest := t.marks[0].second
	came := sort.Search(len(seconds), func(i int) bool { return seconds[i] <= newest })
	if came == len(seconds) || seconds[came] != newest {
		return
	}
	for i := range t.marks {
		t.marks[i].index += came
	}
}

// judge compares what is known now with what would have been guessed: a guess that was
// far off is remembered at once, and good ones make up for it one by one.
func (t *timeline) judge(index int, second int64) {
	if len(t.marks) == 0 {
		t.off = farOff
	} else if guess, guessed := t.guess(second); guessed {
		t.off = min(max(t.off/4, guess-index, index-guess), farOff)
	}
}

// thin drops every other mark, but for the first and the last.
func (t *timeline) thin() {
	out := t.marks[:0]
	for i, m := range t.marks {
		if i%2 == 0 || i == len(t.marks)-1 {
			out = append(out, m)
		}
	}
	t.marks = out
}

// miss remembers which of the ids would have to stand on a page and do not: they are not
// looked for in lists again.
func (t *timeline) miss(ids []string, o atlas.ListOptions, jobs []*Job, more bool) {
	if len(jobs) == 0 && o.PageNum > 1 {
		return
	}
	// Jobs of the page's oldest second can go on on the next one, those of its newest second
	// can have begun on the one before.
	oldest, newest := int64(math.MinInt64), int64(math.MaxInt64)
	if len(jobs) > 0 && more {
		oldest = secondOf(jobs[len(jobs)-1].JobID)
	}
	if len(jobs) > 0 && o.PageNum > 1 {
		newest = secondOf(jobs[0].JobID)
	}
	for _, id := range ids {
		if second := secondOf(id); second > oldest && second < newest && !slices.Contains(t.absent, id) {
			t.absent = append(t.absent, id)
		}
	}
	t.absent = t.absent[max(0, len(t.absent)-maxAbsent):]
}

// known is whether the timeline tells anything at all.
func (t *timeline) known() bool { return len(t.marks) > 0 || t.end > 0 }

// span is where in the list a job of one second stands, from low to high.
type span struct{ low, high int }

// locate tells where a job of that second stands, if it is there: for sure between two
// marks that are close, and else about there, as far as guesses were good of late.
func (t *timeline) locate(second int64) span {
	around := t.bracket(second)
	if around.high-around.low <= guessWidth {
		return around
	}
	guess, _ := t.guess(second)
	return span{max(around.low, guess-t.off), min(around.high, guess+t.off)}
}

// bracket is from the last mark that is newer to the first that is older.
func (t *timeline) bracket(second int64) span {
	newer, older := t.between(second)
	s := span{high: t.end - 1}
	if newer > 0 {
		s.low = t.marks[newer-1].index
	}
	if older < len(t.marks) {
		s.high = t.marks[older].index
	} else if t.end == 0 {
		s.high = maxSeekPage
	}
	return span{s.low, max(s.high, s.low)}
}

// between is how many marks are newer than that second, and the number of the first
// that is older.
func (t *timeline) between(second int64) (newer, older int) {
	newer = sort.Search(len(t.marks), func(i int) bool { return t.marks[i].second <= second })
	older = sort.Search(len(t.marks), func(i int) bool { return t.marks[i].second < second })
	return newer, older
}

// guess is about where a job of that second stands, as if jobs were made evenly between
// the two marks around it or, behind the last one, at the pace of all before. Guessed
// is whether it had to be.
func (t *timeline) guess(second int64) (index int, guessed bool) {
	around := t.bracket(second)
	newer, older := t.between(second)
	if newer == 0 || around.high-around.low <= guessWidth {
		return around.low, false
	}
	a, b := t.marks[0], t.marks[newer-1]
	if older < len(t.marks) {
		a, b = b, t.marks[older]
	}
	pace := float64(b.index-a.index) / float64(max(a.second-b.second, 1))
	index = a.index + int(min(pace*float64(a.second-second), maxSeekPage))
	return min(max(index, around.low), around.high), true
}
