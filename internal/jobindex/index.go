package jobindex

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"sort"
)

// Index is what is known of the list of one cluster. The zero value knows nothing. An Index is not safe for
// concurrent use.
type Index struct {
	samples []sample // by index; their seconds fall
	end     int      // about the index behind the last job; 0 if it is not known
	// guessError is by how many indexes recent guesses were wrong.
	guessError int
	shift      shift
	missing    []string // ids that did not stand where they would have to, the oldest first
}

// sample says that a job of this second stands at this index.
type sample struct {
	index  int
	second int64 // since the Unix epoch
}

const (
	// sampleEvery is the distance of the samples of a page.
	sampleEvery = 8
	// maxSamples bounds an index, at 16 bytes each.
	maxSamples = 512
	// maxMissing bounds the ids that are remembered as missing.
	maxMissing = 256
	// guessDistance is the distance of two samples from which an index between them counts as a guess.
	guessDistance = 3 * sampleEvery
	// maxGuessError bounds guessError, and is its value before the first guess: a page that reaches further to both
	// sides would be too large.
	maxGuessError = 200
	// maxIndex bounds the indexes that are guessed.
	maxIndex = 1 << 20
)

// Learn takes a page of the list into account: the ids that stand on it, and whether there are more behind it. total is
// Atlas's estimate of the length of the list, or nil.
func (x *Index) Learn(p Page, ids []string, more bool, total *int64) {
	start, behind := p.start(), p.start()+len(ids)
	switch {
	case !more:
		x.end = behind
	case total != nil:
		x.end = max(int(min(*total, maxIndex)), behind+1)
	case x.end > 0:
		x.end = max(x.end, behind+1)
	}
	if len(ids) == 0 {
		return
	}
	seconds := make([]int64, len(ids))
	for i, id := range ids {
		seconds[i] = secondOf(id)
	}
	if !slices.IsSortedFunc(seconds, func(a, b int64) int { return cmp.Compare(b, a) }) {
		// Not newest first: nothing can be told from such a list.
		*x = Index{}
		return
	}
	x.measureShift(start, seconds)
	x.renumber(start, seconds)
	x.measureGuess(start, seconds[0])
	x.addSamples(start, seconds)
}

// addSamples puts samples of a page in the place of those that it replaces or contradicts.
func (x *Index) addSamples(start int, seconds []int64) {
	last := len(seconds) - 1
	rest := slices.DeleteFunc(x.samples, func(s sample) bool {
		return s.index >= start && s.index <= start+last ||
			s.index < start && s.second < seconds[0] || s.index > start+last && s.second > seconds[last]
	})
	added := make([]sample, 0, last/sampleEvery+2)
	for i := 0; i < last; i += sampleEvery {
		added = append(added, sample{start + i, seconds[i]})
	}
	added = append(added, sample{start + last, seconds[last]})
	behind := sort.Search(len(rest), func(i int) bool { return rest[i].index > start })
	x.samples = slices.Insert(rest, behind, added...)
	for len(x.samples) > maxSamples {
		x.thin()
	}
}

// thin drops every other sample, but for the first and the last.
func (x *Index) thin() {
	out := x.samples[:0]
	for i, s := range x.samples {
		if i%2 == 0 || i == len(x.samples)-1 {
			out = append(out, s)
		}
	}
	x.samples = out
}

// measureShift measures how far jobs have moved since their samples were taken.
func (x *Index) measureShift(start int, seconds []int64) {
	first, _ := x.around(seconds[0])
	most, seen := 0, false
	for _, s := range x.samples[first:] {
		i := sort.Search(len(seconds), func(i int) bool { return seconds[i] <= s.second })
		if i == len(seconds) {
			break
		}
		if seconds[i] == s.second {
			most, seen = max(most, start+i-s.index), true
		}
	}
	if seen {
		x.shift.add(most)
	}
}

// renumber moves all samples when the beginning of the list shows that new jobs have come.
func (x *Index) renumber(start int, seconds []int64) {
	if start != 0 || len(x.samples) == 0 || x.samples[0].index != 0 {
		return
	}
	newest := x.samples[0].second
	came := sort.Search(len(seconds), func(i int) bool { return seconds[i] <= newest })
	if came == len(seconds) || seconds[came] != newest {
		return
	}
	for i := range x.samples {
		x.samples[i].index += came
	}
}

// measureGuess compares the index of a job with the one that would have been guessed. A larger error counts at once,
// a smaller one by and by.
func (x *Index) measureGuess(index int, second int64) {
	if len(x.samples) == 0 {
		x.guessError = maxGuessError
	} else if guess, guessed := x.guess(second); guessed {
		x.guessError = min(max(x.guessError/4, guess-index, index-guess), maxGuessError)
	}
}

// Miss takes into account that ids are not on a page that was learned: those that would have to stand there are
// missing, and Pick does not look for them again. ids of the page are those of Learn.
func (x *Index) Miss(missed []string, p Page, ids []string, more bool) {
	if len(ids) == 0 && p.Number > 1 {
		return
	}
	// Jobs of the oldest second of the page can go on on the next page, and those of its newest second can have begun
	// on the one before.
	oldest, newest := int64(math.MinInt64), int64(math.MaxInt64)
	if len(ids) > 0 && more {
		oldest = secondOf(ids[len(ids)-1])
	}
	if len(ids) > 0 && p.Number > 1 {
		newest = secondOf(ids[0])
	}
	for _, id := range missed {
		if second := secondOf(id); second > oldest && second < newest && !slices.Contains(x.missing, id) {
			x.missing = append(x.missing, id)
		}
	}
	x.missing = x.missing[max(0, len(x.missing)-maxMissing):]
}

// isEmpty reports whether nothing is known.
func (x *Index) isEmpty() bool { return len(x.samples) == 0 && x.end == 0 }

// span is from the lowest to the highest index at which a job can stand.
type span struct{ low, high int }

func (s span) isGuess() bool { return s.high-s.low > guessDistance }

// locate returns where a job of a second stands: between two samples if they are close, and otherwise around the index
// that is guessed.
func (x *Index) locate(second int64) span {
	bounds := x.bounds(second)
	if !bounds.isGuess() {
		return bounds
	}
	guess, _ := x.guess(second)
	return span{max(bounds.low, guess-x.guessError), min(bounds.high, guess+x.guessError)}
}

// bounds returns the span from the last sample that is newer to the first one that is older.
func (x *Index) bounds(second int64) span {
	newer, older := x.around(second)
	s := span{high: x.end - 1}
	if newer > 0 {
		s.low = x.samples[newer-1].index
	}
	if older < len(x.samples) {
		s.high = x.samples[older].index
	} else if x.end == 0 {
		s.high = maxIndex
	}
	return span{s.low, max(s.high, s.low)}
}

// around returns how many samples are newer than a second, and the position of the first one that is older.
func (x *Index) around(second int64) (newer, older int) {
	newer = sort.Search(len(x.samples), func(i int) bool { return x.samples[i].second <= second })
	older = sort.Search(len(x.samples), func(i int) bool { return x.samples[i].second < second })
	return newer, older
}

// guess returns about where a job of a second stands, as if jobs were made evenly between the two samples around it, or
// behind the last one at the average pace of all. It reports whether it had to guess.
func (x *Index) guess(second int64) (index int, guessed bool) {
	bounds := x.bounds(second)
	newer, older := x.around(second)
	if newer == 0 || !bounds.isGuess() {
		return bounds.low, false
	}
	a, b := x.samples[0], x.samples[newer-1]
	if older < len(x.samples) {
		a, b = b, x.samples[older]
	}
	pace := float64(b.index-a.index) / float64(max(a.second-b.second, 1))
	index = a.index + int(min(pace*float64(a.second-second), maxIndex))
	return min(max(index, bounds.low), bounds.high), true
}

// secondOf returns the second in which a job was made, by its id; one before all others where it is no ObjectID.
func secondOf(id string) int64 {
	var seconds [4]byte
	if len(id) != 24 {
		return -1
	}
	if _, err := hex.Decode(seconds[:], []byte(id[:8])); err != nil {
		return -1
	}
	return int64(binary.BigEndian.Uint32(seconds[:]))
}
