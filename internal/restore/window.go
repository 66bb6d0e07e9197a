package restore

import (
	"cmp"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// smallestWindow is the smallest page that a batch asks for. A call costs the same whatever
// its size, so it may as well bring some neighbours; but each job on it costs its decoding.
const smallestWindow = 20

// window picks the page of the list that most of the ids stand on, as far as the
// timeline tells, and says how many those are, and whether that is more than a guess. It
// is small where that is enough.
func (t *timeline) window(ids []string) (o atlas.ListOptions, n int, sure bool) {
	spans := make([]span, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(t.absent, id) {
			spans = append(spans, t.locate(secondOf(id)))
		}
	}
	if !t.known() {
		return newestJobs, len(spans), false
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	best, most := spans[:0], 0
	for i := range spans {
		n := 0
		for n < len(spans)-i && spans[i+n].high+drift-spans[i].low < atlas.MaxItemsPerPage {
			n++
		}
		if n > most {
			best, most = spans[i:i+n], n
		}
	}
	if most == 0 {
		return newestJobs, 0, false
	}
	guessed := slices.ContainsFunc(best, func(s span) bool { return s.high-s.low > guessWidth })
	return around(best), most, !guessed
}

// around is the smallest page with all spans on it, or the one that has them nearest to
// its middle.
func around(spans []span) atlas.ListOptions {
	low, high := spans[0].low, 0
	for _, s := range spans {
		high = max(high, s.high+drift)
	}
	middle := (low + high) / 2
	best, least := newestJobs, -1
	for size := smallestWindow; size <= atlas.MaxItemsPerPage; size++ {
		o := atlas.ListOptions{PageNum: middle/size + 1, ItemsPerPage: size}
		if low/size == high/size {
			return o
		}
		if edge := min(middle%size, size-middle%size); edge > least {
			best, least = o, edge
		}
	}
	return best
}
