package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/restore"
)

var (
	cacheLookups = describe("cache_lookups_total",
		"Answers of Atlas looked for among those kept, by what they are: hit, miss, or bypass where a client wanted a fresh one.", "kind", "result")
	cacheShared = describe("shared_calls_total",
		"Lookups without a hit that were answered by the same call of somebody else, which was under way.", "kind")
	cacheEntries   = describe("cache_entries", "Answers kept, by what they are; missing is that something does not exist.", "kind")
	cacheBytes     = describe("cache_bytes", "About how much is kept, in bytes.")
	cacheMaxBytes  = describe("cache_max_bytes", "How much may be kept, in bytes; 0 when nothing is.")
	cacheEvictions = describe("cache_evictions_total",
		"Answers kept no longer: overflow (no room) or expired (their time was up).", "reason")
)

// cacheCollector reads the counters of a restore.Service.
type cacheCollector struct{ stats func() restore.Stats }

var _ prometheus.Collector = cacheCollector{}

// Describe names the metrics.
func (cacheCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{cacheLookups, cacheShared, cacheEntries, cacheBytes, cacheMaxBytes, cacheEvictions} {
		ch <- d
	}
}

// Collect reads them.
func (c cacheCollector) Collect(ch chan<- prometheus.Metric) {
	s, out := c.stats(), metricSink(ch)
	for _, k := range s.Kinds {
		out.gauge(cacheEntries, float64(k.Entries), k.Name)
		if k.Name == restore.KindNotFound {
			continue // nobody looks for that
		}
		out.count(cacheLookups, k.Hits, k.Name, "hit")
		out.count(cacheLookups, k.Misses, k.Name, "miss")
		out.count(cacheLookups, k.Bypassed, k.Name, "bypass")
		out.count(cacheShared, k.Coalesced, k.Name)
	}
	out.gauge(cacheBytes, float64(s.Bytes))
	out.gauge(cacheMaxBytes, float64(s.MaxBytes))
	out.count(cacheEvictions, s.Overflowed, "overflow")
	out.count(cacheEvictions, s.Expired, "expired")
}
