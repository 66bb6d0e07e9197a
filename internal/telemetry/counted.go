package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Watch adds what a client and a service count by themselves. It is read when the
// metrics are asked for.
func (m *Metrics) Watch(client interface{ Stats() atlas.Stats }, service interface{ Stats() restore.Stats }) error {
	if err := m.registry.Register(atlasCollector{client.Stats}); err != nil {
		return err
	}
	return m.registry.Register(cacheCollector{service.Stats})
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// sink takes values of descriptions.
type sink chan<- prometheus.Metric

func (s sink) count(d *prometheus.Desc, n uint64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (s sink) gauge(d *prometheus.Desc, n float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
}
