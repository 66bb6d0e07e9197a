package jobindex

import (
	"cmp"
	"slices"
)

// MaxPageSize is the most that Atlas puts on one page (itemsPerPage).
const MaxPageSize = 500

// minPageSize is the smallest page that is picked. A call costs the same whatever its size, so it may as well bring
// some neighbours; but each job on it costs its decoding.
const minPageSize = 20

// Page names a page of a list: its number from 1 (pageNum), and how many jobs a page holds (itemsPerPage).
type Page struct{ Number, Size int }

// Newest is the page that is picked where nothing is known.
var Newest = Page{Number: 1, Size: MaxPageSize}

func (p Page) start() int { return (p.Number - 1) * p.Size }

// Pick is a page to read, and what to expect of it.
type Pick struct {
	Page
	// Expected is how many of the ids stand on the page, as far as is known: 0 when it is not worth reading.
	Expected int
	// Certain is true when Expected is more than a guess.
	Certain bool
}

// Pick returns the page on which most of the ids stand. It is as small as that allows.
func (x *Index) Pick(ids []string) Pick {
	spans := make([]span, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(x.missing, id) {
			spans = append(spans, x.locate(secondOf(id)))
		}
	}
	if x.isEmpty() {
		return Pick{Page: Newest, Expected: len(spans)}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	best := spans[:0]
	for i := range spans {
		n := 0
		for n < len(spans)-i && spans[i+n].high-spans[i].low < MaxPageSize {
			n++
		}
		if n > len(best) {
			best = spans[i : i+n]
		}
	}
	if len(best) == 0 {
		return Pick{Page: Newest}
	}
	return Pick{
		Page: smallestPage(best, x.shift.margin()), Expected: len(best),
		Certain: !slices.ContainsFunc(best, span.isGuess),
	}
}

// smallestPage returns the smallest page with all spans on it and a margin behind them, or the one that has them
// nearest to its middle.
func smallestPage(spans []span, margin int) Page {
	low, high := spans[0].low, 0
	for _, s := range spans {
		high = max(high, s.high+margin)
	}
	middle := (low + high) / 2
	best, farthest := Newest, -1
	for size := minPageSize; size <= MaxPageSize; size++ {
		p := Page{Number: middle/size + 1, Size: size}
		if low/size == high/size {
			return p
		}
		if edge := min(middle%size, size-middle%size); edge > farthest {
			best, farthest = p, edge
		}
	}
	return best
}
