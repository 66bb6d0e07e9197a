package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"
)

// namespace is the prefix of all metrics of this program.
const namespace = "restore_gateway"

// maxScrapes is how many scrapes are served at a time; others get 503.
const maxScrapes = 4

// Metrics are the metrics of one gateway, in a registry of its own. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	inFlight          prometheus.Gauge
	httpRequests      *prometheus.CounterVec
	operations        *prometheus.CounterVec
	errors            *prometheus.CounterVec
	operationDuration *prometheus.HistogramVec
	atlasDuration     *prometheus.HistogramVec
}

// New returns metrics of the process and of operations and requests. Watch adds those of other packages.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "http_requests_in_flight",
			Help: "HTTP requests being answered.",
		}),
		httpRequests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total",
			Help: "HTTP requests answered, by route (graphql, health, other), method and status code.",
		}, []string{"route", "method", "code"}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "graphql_operations_total",
			Help: "GraphQL operations by outcome: ok, errors (executed, some fields failed), refused (never executed), " +
				"abandoned (the client left).",
		}, []string{"operation_type", "outcome"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "graphql_errors_total",
			Help: "GraphQL errors in answers, by extensions.code.",
		}, []string{"code"}),
		operationDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "graphql_operation_duration_seconds",
			Help:    "Time from the parsed GraphQL operation to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 60},
		}, []string{"operation_type"}),
		atlasDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "atlas_request_duration_seconds",
			Help:    "Time from a request to Atlas to the end of its answer, or to its failure.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"endpoint_set"}),
	}
	for _, outcome := range [...]string{"ok", "errors", "refused", "abandoned"} {
		m.operations.WithLabelValues("query", outcome)
	}
	m.registry.MustRegister(
		m.inFlight, m.httpRequests, m.operations, m.errors, m.operationDuration, m.atlasDuration,
		buildInfo(),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// WatchAnswers adds metrics of the answers that are being written: their bytes, and how many were cut, or refused for
// lack of memory, since the start.
func (m *Metrics) WatchAnswers(stats func() (bytes int64, cut, refused uint64)) {
	m.registry.MustRegister(answerCollector(stats))
}

type answerCollector func() (bytes int64, cut, refused uint64)

var _ prometheus.Collector = answerCollector(nil)

var (
	answerBytes = describe("http_answer_bytes",
		"Bytes of the answers to GraphQL requests that are being written.")
	answersEnded = describe("http_answers_ended_total",
		"Answers to GraphQL requests that were not written to their end for want of memory: cut (the client did not read, "+
			"and others needed the memory), refused (503).", "reason")
)

// Describe names what is collected.
func (answerCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- answerBytes
	ch <- answersEnded
}

// Collect reads the answers once.
func (c answerCollector) Collect(ch chan<- prometheus.Metric) {
	bytes, cut, refused := c()
	out := metricSink(ch)
	out.gauge(answerBytes, float64(bytes))
	out.count(answersEnded, cut, "cut")
	out.count(answersEnded, refused, "refused")
}

// WatchLog adds how many lines of the log were dropped, read at each scrape.
func (m *Metrics) WatchLog(dropped func() uint64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: namespace, Name: "log_dropped_lines_total",
		Help: "Lines of the log that were not written, because its reader did not keep up or the write failed.",
	}, func() float64 { return float64(dropped()) }))
}

// Operation counts one GraphQL operation. Its type is query, mutation or subscription, or unknown where the document
// could not be parsed; codes are those of its errors, which must be a fixed set. The duration has the trace of ctx as its
// exemplar.
func (m *Metrics) Operation(
	ctx context.Context, operationType, outcome string, codes []string, took time.Duration,
) {
	m.operations.WithLabelValues(operationType, outcome).Inc()
	observe(ctx, m.operationDuration.WithLabelValues(operationType), took)
	for _, code := range codes {
		m.errors.WithLabelValues(code).Inc()
	}
}

// AtlasRequest counts one request on the wire to Atlas.
func (m *Metrics) AtlasRequest(ctx context.Context, endpointSet string, took time.Duration) {
	observe(ctx, m.atlasDuration.WithLabelValues(endpointSet), took)
}

// observe adds a duration, with the trace of ctx, if that is exported, as its exemplar
// (https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars).
func observe(ctx context.Context, histogram prometheus.Observer, took time.Duration) {
	span := trace.SpanContextFromContext(ctx)
	withExemplar, can := histogram.(prometheus.ExemplarObserver)
	if !can || !span.IsSampled() || span.IsRemote() {
		histogram.Observe(took.Seconds())
		return
	}
	withExemplar.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": span.TraceID().String()})
}

// Instrument counts the requests that next answers.
func (m *Metrics) Instrument(next http.Handler) http.Handler {
	counted := promhttp.InstrumentHandlerCounter(m.httpRequests, next, promhttp.WithLabelFromRequest("route", route))
	return promhttp.InstrumentHandlerInFlight(m.inFlight, counted)
}

// route returns the label of a request's path. All paths that are not served have one label.
func route(r *http.Request) string {
	switch path := r.URL.Path; {
	case path == "/graphql":
		return "graphql"
	case strings.HasPrefix(path, "/health/"):
		return "health"
	default:
		return "other"
	}
}

// Handler serves all metrics, in Prometheus's text format or, for clients that accept it, OpenMetrics.
func (m *Metrics) Handler(logger *slog.Logger) http.Handler {
	return promhttp.InstrumentMetricHandler(m.registry, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(logger.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: maxScrapes,
		EnableOpenMetrics:   true,
	}))
}
