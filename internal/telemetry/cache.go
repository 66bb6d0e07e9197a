package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/restore"
)

var (
	cacheLookups = describe("cache_lookups_total",
		"Lookups in the cache of Atlas's results, by result: hit, shared where another replica had the result, miss, or bypass where a client sent no-cache.", "kind",
		"result")
	cacheShared = describe("shared_calls_total",
		"Cache misses that joined an identical call in flight.", "kind")
	cacheEntries = describe("cache_entries", "Cached results, by kind; missing is that a resource does not exist.",
		"kind")
	cacheBytes     = describe("cache_bytes", "About how many bytes the cached results take.")
	cacheMaxBytes  = describe("cache_max_bytes", "Size limit of the cache in bytes; 0 when the cache is off.")
	cacheEvictions = describe("cache_evictions_total",
		"Results removed from the cache: overflow (size limit) or expired (TTL).", "reason")
)

// cacheCollector reads the counters of a restore.Service.
type cacheCollector struct{ stats func() restore.Stats }

var _ prometheus.Collector = cacheCollector{}

// Describe names the metrics.
func (cacheCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		cacheLookups, cacheShared, cacheEntries, cacheBytes, cacheMaxBytes, cacheEvictions,
	} {
		ch <- d
	}
}

// Collect reads them.
func (c cacheCollector) Collect(ch chan<- prometheus.Metric) {
	s, out := c.stats(), metricSink(ch)
	for _, k := range s.Kinds {
		out.gauge(cacheEntries, float64(k.Entries), k.Name)
		if k.Name == restore.KindNotFound {
			continue // it is not looked up by itself
		}
		out.count(cacheLookups, k.Hits, k.Name, "hit")
		out.count(cacheLookups, k.Misses-k.Shared, k.Name, "miss")
		out.count(cacheLookups, k.Bypassed, k.Name, "bypass")
		out.count(cacheLookups, k.Shared, k.Name, "shared")
		out.count(cacheShared, k.Coalesced, k.Name)
	}
	out.gauge(cacheBytes, float64(s.Bytes))
	out.gauge(cacheMaxBytes, float64(s.MaxBytes))
	out.count(cacheEvictions, s.Overflowed, "overflow")
	out.count(cacheEvictions, s.Expired, "expired")
}
