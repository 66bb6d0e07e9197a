package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Replicas are the counters of the connection by which replicas share what they have.
type Replicas struct {
	Up       bool
	Live     int // replicas
	Messages uint64
	Waited   time.Duration
	// Commands are the commands by outcome, and Values those that were not of use, by reason.
	Commands, Values map[string]uint64
}

// WatchReplicas adds the metrics of the connection, which are read at each scrape.
func (m *Metrics) WatchReplicas(stats func() Replicas) {
	m.registry.MustRegister(replicaCollector(stats))
}

type replicaCollector func() Replicas

var _ prometheus.Collector = replicaCollector(nil)

var (
	replicaUp   = describe("replica_up", "1 while Redis answers, by which replicas share what they have.")
	replicaLive = describe("replica_live_replicas",
		"Replicas that were alive when Redis answered last, this one included.")
	replicaMessages = describe("replica_messages_total", "Messages that were received from replicas, this one included.")
	replicaCommands = describe("replica_commands_total",
		"Commands for Redis: answered, failed, skipped (not sent, because it does not answer: the replica goes on with what it has).",
		"outcome")
	replicaSeconds = describe("replica_command_seconds_total", "How long all commands took that were sent to Redis.")
	replicaValues  = describe("replica_values_lost_total",
		"Values that were not of use: dropped (not written, because too many waited), unreadable (sealed with no secret that is known).",
		"reason")
)

// Describe names what is collected.
func (replicaCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{replicaUp, replicaLive, replicaMessages, replicaCommands, replicaSeconds, replicaValues} {
		ch <- d
	}
}

// Collect reads the counters once.
func (c replicaCollector) Collect(ch chan<- prometheus.Metric) {
	s, out := c(), metricSink(ch)
	up := 0.0
	if s.Up {
		up = 1
	}
	out.gauge(replicaUp, up)
	out.gauge(replicaLive, float64(s.Live))
	out.count(replicaMessages, s.Messages)
	for outcome, n := range s.Commands {
		out.count(replicaCommands, n, outcome)
	}
	for reason, n := range s.Values {
		out.count(replicaValues, n, reason)
	}
	ch <- prometheus.MustNewConstMetric(replicaSeconds, prometheus.CounterValue, s.Waited.Seconds())
}
