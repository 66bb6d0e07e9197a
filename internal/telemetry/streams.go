package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Streams are the counters of subscriptions.
type Streams struct {
	Open                   map[string]int    // by transport
	Ended                  map[string]uint64 // by reason
	Polls                  map[string]uint64 // by outcome
	Events, Stale, Dropped uint64
	Pollers                int
}

// WatchStreams adds the metrics of subscriptions, which are read at each scrape.
func (m *Metrics) WatchStreams(stats func() Streams) { m.registry.MustRegister(streamCollector(stats)) }

type streamCollector func() Streams

var _ prometheus.Collector = streamCollector(nil)

var (
	streamsOpen = describe("streams_open",
		"Subscriptions that are being served, by transport (sse, multipart, websocket, callback).", "transport")
	streamsEnded = describe("streams_ended_total",
		"Subscriptions that have ended: completed, client (it left), unreachable (it did not take an event), shutdown, life, "+
			"expired (the caller's credential), forbidden, error.", "reason")
	streamEvents = describe("stream_events_total",
		"Events of subscriptions that were sent.")
	streamStale = describe("stream_stale_events_total",
		"Events that said that Atlas does not answer.")
	streamDropped = describe("stream_dropped_events_total",
		"Events that a newer one has replaced before their client took them.")
	watchPollers = describe("watch_pollers",
		"Clusters, and lists of clusters, that are polled because their jobs are watched.")
	watchPolls = describe("watch_polls_total",
		"Polls: changed, unchanged, failed, deferred (not made, because the calls are left to others).", "outcome")
)

// Describe names what is collected.
func (streamCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		streamsOpen, streamsEnded, streamEvents, streamStale, streamDropped, watchPollers, watchPolls,
	} {
		ch <- d
	}
}

// Collect reads the counters once.
func (c streamCollector) Collect(ch chan<- prometheus.Metric) {
	s, out := c(), metricSink(ch)
	for transport, n := range s.Open {
		out.gauge(streamsOpen, float64(n), transport)
	}
	for reason, n := range s.Ended {
		out.count(streamsEnded, n, reason)
	}
	for outcome, n := range s.Polls {
		out.count(watchPolls, n, outcome)
	}
	out.count(streamEvents, s.Events)
	out.count(streamStale, s.Stale)
	out.count(streamDropped, s.Dropped)
	out.gauge(watchPollers, float64(s.Pollers))
}
