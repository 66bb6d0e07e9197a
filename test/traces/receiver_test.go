package traces

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// otlp is a receiver of the OpenTelemetry Collector.
type otlp struct {
	http, grpc string // host:port
	traces     consumertest.TracesSink
	metrics    consumertest.MetricsSink
}

// startReceiver starts a receiver, which ends with the test.
func startReceiver(t *testing.T) *otlp {
	t.Helper()
	r := &otlp{http: "127.0.0.1:" + freePort(t), grpc: "127.0.0.1:" + freePort(t)}
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	err := confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{
		"grpc": map[string]any{"endpoint": r.grpc}, "http": map[string]any{"endpoint": r.http},
	}}).Unmarshal(config)
	if err != nil {
		t.Fatal(err)
	}
	// Both are one receiver, because their configuration is one.
	settings := receivertest.NewNopSettings(factory.Type())
	traces, err := factory.CreateTraces(t.Context(), settings, config, &r.traces)
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := factory.CreateMetrics(t.Context(), settings, config, &r.metrics)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []receiver.Metrics{traces, metrics} {
		if err := each.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := each.Shutdown(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	return r
}

// env returns the variables by which a program exports to the receiver, over HTTP. Spans that have ended and metrics are
// sent at once, and what is left when the program ends.
func (r *otlp) env() []string { return exportTo("http://" + r.http) }

func exportTo(endpoint string) []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_METRIC_EXPORT_INTERVAL=200",
	}
}

// span is a span that was received.
type span struct {
	ptrace.Span

	service string
}

func (s span) String() string {
	return fmt.Sprintf("%s %s of %s, trace %s, parent %s, %v", s.SpanID(), s.Name(), s.service, s.TraceID(), s.ParentSpanID(),
		s.Attributes().AsRaw())
}

// attribute returns a value as a text; "" where the span has none.
func (s span) attribute(name string) string {
	value, ok := s.Attributes().Get(name)
	if !ok {
		return ""
	}
	return value.AsString()
}

// cacheHits returns the kinds of what was found in the cache.
func (s span) cacheHits() (kinds []string) {
	for _, event := range s.Events().All() {
		if kind, ok := event.Attributes().Get("restore_gateway.kind"); ok && event.Name() == "cache hit" {
			kinds = append(kinds, kind.Str())
		}
	}
	return kinds
}

// linked returns the ids of the traces to which the span is linked.
func (s span) linked() (traces []string) {
	for _, link := range s.Links().All() {
		traces = append(traces, link.TraceID().String())
	}
	return traces
}

// spans returns all spans of a service, in the order in which they began.
func (r *otlp) spans(service string) (all []span) {
	for _, received := range r.traces.AllTraces() {
		for _, resource := range received.ResourceSpans().All() {
			name, _ := resource.Resource().Attributes().Get("service.name")
			for _, scope := range resource.ScopeSpans().All() {
				for _, s := range scope.Spans().All() {
					if service == name.Str() || service == "" {
						all = append(all, span{Span: s, service: name.Str()})
					}
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b span) int { return a.StartTimestamp().AsTime().Compare(b.StartTimestamp().AsTime()) })
	return all
}

// The names of the services.
const (
	gatewayService = "atlas-restore-gateway"
	hiveService    = "hive"
)

// named returns the spans of the gateway with a name.
func (r *otlp) named(name string) []span {
	return slices.DeleteFunc(r.spans(gatewayService), func(s span) bool { return s.Name() != name })
}

// ofTrace returns those spans that belong to a trace.
func ofTrace(all []span, trace string) []span {
	return slices.DeleteFunc(slices.Clone(all), func(s span) bool { return s.TraceID().String() != trace })
}

// text returns everything that was received.
func (r *otlp) text(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, traces := range r.traces.AllTraces() {
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	for _, metrics := range r.metrics.AllMetrics() {
		text, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(metrics)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	return out.String()
}

// latestMetrics returns the metrics that were received last, by name and labels as in the text format of Prometheus.
// Those that are neither counters nor gauges are left out.
func (r *otlp) latestMetrics() map[string]float64 {
	values := make(map[string]float64)
	all := r.metrics.AllMetrics()
	if len(all) == 0 {
		return values
	}
	for _, resource := range all[len(all)-1].ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				for _, point := range numbers(m) {
					values[m.Name()+labels(point.Attributes())] = point.DoubleValue()
				}
			}
		}
	}
	return values
}

func numbers(m pmetric.Metric) (points []pmetric.NumberDataPoint) {
	var slice pmetric.NumberDataPointSlice
	switch m.Type() {
	case pmetric.MetricTypeSum:
		slice = m.Sum().DataPoints()
	case pmetric.MetricTypeGauge:
		slice = m.Gauge().DataPoints()
	default:
		return nil
	}
	for _, point := range slice.All() {
		points = append(points, point)
	}
	return points
}

func labels(attributes pcommon.Map) string {
	var all []string
	for name, value := range attributes.All() {
		all = append(all, fmt.Sprintf("%s=%q", name, value.AsString()))
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return "{" + strings.Join(all, ",") + "}"
}

// freePort returns a port of loopback at which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	listener := listenOn(t, "127.0.0.1:0")
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func listenOn(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// waitFor waits until something holds, for which there is no signal.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("it does not happen that %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
