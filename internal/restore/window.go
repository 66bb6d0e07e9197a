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
		for n < len(spans)-i && spans[i+n].high-spans[i].low < atlas.MaxItemsPerPage {
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
	return around(best, t.drift.places()), most, !guessed
}

// around is the smallest page with all spans on it, and room for drift behind them, or the
// one that has them nearest to its middle.
func around(spans []span, drift int) atlas.ListOptions {
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

// drift is how far jobs move back, because others come, between when a list is read and
// when what it told is used. Nobody knows before it was seen.
type drift struct {
	moved int // of late, at most
	seen  bool
}

const (
	unseenDrift = 8
	maxDrift    = 50
)

// saw takes in how far the jobs of a page have moved: what is more counts at once, what is
// less little by little.
func (d *drift) saw(places int) {
	d.moved = min(max(places, d.moved*3/4), maxDrift)
	d.seen = true
}

// places is how many to leave room for.
func (d *drift) places() int {
	if !d.seen {
		return unseenDrift
	}
	return min(2*d.moved+1, maxDrift)
}
