package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Upstream is what counts by itself: a client of Atlas, and the service that keeps its
// answers.
type Upstream struct {
	Client  interface{ Stats() atlas.Stats }
	Service interface{ Stats() restore.Stats }
}

// Watch adds what these count, which is read whenever the metrics are asked for. Each is
// told from the others by the label credential, or has no such label when its name is
// empty. Others may come, and go, at any time.
func (m *Metrics) Watch(upstreams func() map[string]Upstream) {
	m.registry.MustRegister(sources(upstreams))
}

type sources func() map[string]Upstream

var _ prometheus.Collector = sources(nil)

// Describe names nothing: there is no telling which will be there.
func (sources) Describe(chan<- *prometheus.Desc) {}

// Collect reads what is there.
func (w sources) Collect(ch chan<- prometheus.Metric) {
	for name, one := range w() {
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

// sink takes values of descriptions.
type metricSink chan<- prometheus.Metric

func (s metricSink) count(d *prometheus.Desc, n uint64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (s metricSink) gauge(d *prometheus.Desc, n float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
}
