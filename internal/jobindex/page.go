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
	// IDs are those that stand on the page, as far as is known: none when it is not worth reading.
	IDs []string
	// Certain is true when IDs are more than a guess.
	Certain bool
}

// Pick returns the page on which most of the ids stand. It is as small as that allows.
func (x *Index) Pick(ids []string) Pick {
	located := make([]location, 0, len(ids))
	for _, id := range ids {
		if !slices.Contains(x.missing, id) {
			located = append(located, location{x.locate(secondOf(id)), id})
		}
	}
	if x.isEmpty() {
		return Pick{Page: Newest, IDs: idsAt(located)}
	}
	slices.SortFunc(located, func(a, b location) int { return cmp.Compare(a.low, b.low) })
	best := located[:0]
	for i := range located {
		n := 0
		for n < len(located)-i && located[i+n].high-located[i].low < MaxPageSize {
			n++
		}
		if n > len(best) {
			best = located[i : i+n]
		}
	}
	if len(best) == 0 {
		return Pick{Page: Newest}
	}
	page := smallestPage(best, x.shift.margin())
	// There may be no page with all of them.
	best = slices.DeleteFunc(best, func(l location) bool {
		return l.high < page.start() || l.low >= page.start()+page.Size
	})
	return Pick{
		Page: page, IDs: idsAt(best),
		Certain: !slices.ContainsFunc(best, func(l location) bool { return l.isGuess() }),
	}
}

// location is where a job can stand.
type location struct {
	span

	id string
}

func idsAt(locations []location) []string {
	ids := make([]string, len(locations))
	for i, l := range locations {
		ids[i] = l.id
	}
	return ids
}

// smallestPage returns the smallest page with all spans on it and a margin behind them, or the one that has them
// nearest to its middle.
func smallestPage(spans []location, margin int) Page {
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
