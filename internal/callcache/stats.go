package callcache

import (
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Stats are the counters of a Cache. Their number is bounded by that of its kinds.
type Stats struct {
	// Kinds are the kinds of results in the order of NewKind, and KindMissing behind them.
	Kinds []KindStats
	// Bytes is about how much is stored, and MaxBytes the bound; both are 0 when nothing is stored.
	Bytes, MaxBytes uint64
	// Overflowed and Expired count results that are not stored any more: because there was no space for them, and
	// because their TTL is over.
	Overflowed, Expired uint64
}

// KindStats are the counters of one kind of result.
type KindStats struct {
	Name string
	// Hits counts results that were stored, and Misses those that were not.
	Hits, Misses uint64
	// Bypassed counts results that were asked for with WithNoCache.
	Bypassed uint64
	// Coalesced counts those misses that were answered by a call that was running for another caller.
	Coalesced uint64
	// Shared counts those misses for which the shared store had the result.
	Shared uint64
	// Entries is how many results are stored.
	Entries uint64
}

// KindMissing is the name of the kind of the errors that are stored (Options.IsMissing). It has no counter but
// Entries: hits and misses count for the kind that was asked for.
const KindMissing = "missing"

// counters are the counters of a cache.
type counters struct {
	kinds               []*kindCounters
	missing             atomic.Int64
	overflowed, expired atomic.Uint64
}

type kindCounters struct {
	name                                      string
	hits, misses, bypassed, coalesced, shared atomic.Uint64
	entries                                   atomic.Int64
}

// kind returns the counters of a name.
func (c *counters) kind(name string) *kindCounters {
	for _, k := range c.kinds {
		if k.name == name {
			return k
		}
	}
	k := &kindCounters{name: name}
	c.kinds = append(c.kinds, k)
	return k
}

// entries returns the number of stored results that an entry belongs to.
func (c *counters) entries(e *entry) *atomic.Int64 {
	if e.err != nil {
		return &c.missing
	}
	return &e.kind.entries
}

// deleted counts a result that is not stored any more.
func (c *counters) deleted(e *entry, cause otter.DeletionCause) {
	c.entries(e).Add(-1)
	switch cause {
	case otter.CauseOverflow:
		c.overflowed.Add(1)
	case otter.CauseExpiration:
		c.expired.Add(1)
	case otter.CauseInvalidation, otter.CauseReplacement:
	}
}

// Stats returns the counters. It is cheap enough to be called several times a second.
func (c *Cache[K]) Stats() Stats {
	out := Stats{
		Kinds:      make([]KindStats, 0, len(c.counts.kinds)+1),
		Overflowed: c.counts.overflowed.Load(),
		Expired:    c.counts.expired.Load(),
	}
	for _, k := range c.counts.kinds {
		shared := k.shared.Load() // before the misses, which are never fewer
		out.Kinds = append(out.Kinds, KindStats{
			Name: k.name, Shared: shared,
			Hits: k.hits.Load(), Misses: k.misses.Load(), Bypassed: k.bypassed.Load(), Coalesced: k.coalesced.Load(),
			Entries: uint64(max(0, k.entries.Load())),
		})
	}
	out.Kinds = append(out.Kinds, KindStats{Name: KindMissing, Entries: uint64(max(0, c.counts.missing.Load()))})
	if c.store != nil {
		out.Bytes, out.MaxBytes = c.store.WeightedSize(), c.store.GetMaximum()
	}
	return out
}
