package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Upstream is what the metrics of one Atlas credential are read from: a client of Atlas, and the service that caches
// its results.
type Upstream struct {
	Client  interface{ Stats() atlas.Stats }
	Service interface{ Stats() restore.Stats }
}

// Watch adds the metrics of upstreams, which are read at each scrape. The label credential has the name of each; there
// is no such label when the name is empty. Upstreams may be added and removed at any time.
func (m *Metrics) Watch(upstreams func() map[string]Upstream) {
	m.registry.MustRegister(sources(upstreams))
}

// sources returns the upstreams by their names.
type sources func() map[string]Upstream

var _ prometheus.Collector = sources(nil)

// Describe names nothing: the upstreams can change.
func (sources) Describe(chan<- *prometheus.Desc) {}

// Collect reads the upstreams.
func (s sources) Collect(ch chan<- prometheus.Metric) {
	for name, one := range s() {
		for _, c := range [...]prometheus.Collector{atlasCollector{one.Client.Stats}, cacheCollector{one.Service.Stats}} {
			if name != "" {
				c = prometheus.WrapCollectorWith(prometheus.Labels{"credential": name}, c)
			}
			c.Collect(ch)
		}
	}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// metricSink receives metrics.
type metricSink chan<- prometheus.Metric

func (s metricSink) count(d *prometheus.Desc, n uint64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (s metricSink) gauge(d *prometheus.Desc, n float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
}
