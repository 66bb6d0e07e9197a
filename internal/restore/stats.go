package restore

import (
	"strings"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Stats is what a Service has asked for and what it keeps. Its size is bounded.
type Stats struct {
	// Kinds are the kinds of answers, always all of them and in the same order.
	Kinds []KindStats
	// Bytes is about how much is kept, and MaxBytes the most that is; both are 0 when
	// nothing is kept.
	Bytes, MaxBytes uint64
	// Overflowed and Expired count answers that are kept no longer: because there was no
	// room for them, and because their time was up.
	Overflowed, Expired uint64
}

// KindStats is one kind of answer: a job, a list of jobs and so on.
type KindStats struct {
	Name string
	// Hits is how many answers were kept ones, and Misses how many were not there.
	Hits, Misses uint64
	// Bypassed is how many were not looked for, because they were wanted fresh.
	Bypassed uint64
	// Coalesced is how many of those that were not there came from the same call of
	// somebody else, which was under way.
	Coalesced uint64
	// Entries is how many are kept now.
	Entries uint64
}

// KindNotFound is the kind of answer that says that something does not exist. It is
// counted among the entries alone.
const KindNotFound = "missing"

// kind is what an answer is about.
type kind int

const (
	kindJob kind = iota
	kindJobs
	kindSnapshot
	kindSnapshots
	kindCluster
	kindClusters
	kindProject
	kindProjects
	kindMissing

	kindCount = iota
)

var kindNames = [kindCount]string{
	"job", "job list", "snapshot", "snapshot list", "cluster", "cluster list", "project", "project list", KindNotFound,
}

// kindOf reads the kind off the name of a call (keyOf).
func kindOf(key string) kind {
	what, _, _ := strings.Cut(key, "/")
	switch strings.TrimRight(what, "0123456789") {
	case "jobs":
		return kindJobs
	case "snapshot", "shardedSnapshot":
		return kindSnapshot
	case "snapshots", "sharded":
		return kindSnapshots
	case "cluster":
		return kindCluster
	case "clusters":
		return kindClusters
	case "project":
		return kindProject
	case "projects":
		return kindProjects
	default:
		return kindJob
	}
}

// counters is what is counted as it happens.
type counters struct {
	kinds               [kindCount]kindCounters
	overflowed, expired atomic.Uint64
}

type kindCounters struct {
	hits, misses, bypassed, shared atomic.Uint64
	entries                        atomic.Int64
}

func (c *counters) of(key string) *kindCounters { return &c.kinds[kindOf(key)] }

// entries is the number of kept answers that this one belongs to.
func (c *counters) entries(key string, a *answer) *atomic.Int64 {
	if a.err != nil {
		return &c.kinds[kindMissing].entries
	}
	return &c.of(key).entries
}

// dropped counts an answer that is kept no longer.
func (c *counters) dropped(e otter.DeletionEvent[string, *answer]) {
	c.entries(e.Key, e.Value).Add(-1)
	switch e.Cause {
	case otter.CauseOverflow:
		c.overflowed.Add(1)
	case otter.CauseExpiration:
		c.expired.Add(1)
	case otter.CauseInvalidation, otter.CauseReplacement:
	}
}

// Stats reads the counters. It may be called at any time, and some times a second.
func (s *Service) Stats() Stats {
	counted := &s.calls.stats
	out := Stats{
		Kinds:      make([]KindStats, 0, kindCount),
		Overflowed: counted.overflowed.Load(),
		Expired:    counted.expired.Load(),
	}
	for i := range counted.kinds {
		k := &counted.kinds[i]
		out.Kinds = append(out.Kinds, KindStats{
			Name: kindNames[i],
			Hits: k.hits.Load(), Misses: k.misses.Load(), Bypassed: k.bypassed.Load(), Coalesced: k.shared.Load(),
			Entries: uint64(max(0, k.entries.Load())),
		})
	}
	if kept := s.calls.kept; kept != nil {
		out.Bytes, out.MaxBytes = kept.WeightedSize(), kept.GetMaximum()
	}
	return out
}
