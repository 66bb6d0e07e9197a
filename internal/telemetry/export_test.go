package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	prometheusbridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"
)

func getenvOf(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestExports_needAnExporterOrAnEndpoint(t *testing.T) {
	for _, tt := range []struct {
		name            string
		env             map[string]string
		traces, metrics bool
	}{
		{name: "nothing"},
		{name: "other variables", env: map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_TRACES_SAMPLER": "always_on"}},
		{name: "an endpoint", env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, traces: true, metrics: true},
		{name: "one for traces", env: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a"}, traces: true},
		{name: "one for metrics", env: map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://a"}, metrics: true},
		{name: "an exporter of traces", env: map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, traces: true},
		{name: "an exporter of metrics", env: map[string]string{"OTEL_METRICS_EXPORTER": "console"}, metrics: true},
		{
			name:    "no exporter of traces",
			env:     map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_TRACES_EXPORTER": "none"},
			metrics: true,
		},
		{
			name: "no exporter of metrics, though with its endpoint",
			env: map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://a",
				"OTEL_METRICS_EXPORTER": " none ",
			},
			traces: true,
		},
		{
			name: "switched off",
			env: map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "TRUE",
			},
		},
		{
			name:   "not switched off",
			env:    map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "no"},
			traces: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			getenv := getenvOf(tt.env)
			if traces, metrics := ExportsTraces(getenv), ExportsMetrics(getenv); traces != tt.traces || metrics != tt.metrics {
				t.Errorf("traces %t, metrics %t; want %t, %t", traces, metrics, tt.traces, tt.metrics)
			}
		})
	}
}

// setenv sets variables also for the libraries, which read them by themselves.
func setenv(t *testing.T, env map[string]string) func(string) string {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	return getenvOf(env)
}

func TestStartExport_startsNothingWithoutVariables(t *testing.T) {
	e, err := StartExport(t.Context(), getenvOf(nil), nil, slog.New(slog.DiscardHandler))
	if err != nil || e.Tracer != nil || len(e.close) != 0 {
		t.Errorf("got %+v, %v", e, err)
	}
	e.Close()
}

func TestStartExport_rejectsAnExporterThatIsUnknown(t *testing.T) {
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		t.Run(name, func(t *testing.T) {
			env := setenv(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", name: "carrier-pigeon"})
			_, err := StartExport(t.Context(), env, New(), slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), "OTEL_") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A panic can hold anything.
func TestStartExport_recordsNoTextOfAPanic(t *testing.T) {
	var sent atomic.Pointer[[]byte]
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		text := body.Bytes()
		sent.Store(&text)
	}))
	defer receiver.Close()
	env := setenv(t, map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": receiver.URL})
	e, err := StartExport(t.Context(), env, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, span := e.Tracer.Start(t.Context(), "poll")
		defer span.End()
		panic("secret")
	}()
	e.Close()
	got := sent.Load()
	if got == nil || !bytes.Contains(*got, []byte("poll")) || bytes.Contains(*got, []byte("secret")) {
		t.Errorf("sent %q", got)
	}
}

func TestMetricReader_hasBinaryIDsInExemplars(t *testing.T) {
	m := New()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3}, TraceFlags: 1})
	m.AtlasRequest(trace.ContextWithSpanContext(t.Context(), span), "root", time.Second)
	reader := binaryIDs{prometheusbridge.NewMetricProducer(prometheusbridge.WithGatherer(m.registry))}
	scopes, err := reader.Produce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, metric := range scopes[0].Metrics {
		histogram, ok := metric.Data.(metricdata.Histogram[float64])
		if !ok || metric.Name != namespace+"_atlas_request_duration_seconds" {
			continue
		}
		for _, e := range histogram.DataPoints[0].Exemplars {
			found++
			if want := span.TraceID(); !bytes.Equal(e.TraceID, want[:]) {
				t.Errorf("the id is %q, want %q", e.TraceID, want)
			}
		}
	}
	if found != 1 {
		t.Errorf("there are %d exemplars", found)
	}
}

func TestExportErrors_areLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := &exportErrors{logger: slog.New(slog.NewTextHandler(&log, nil))}
		lines := func() int { return strings.Count(log.String(), "level=WARN") }
		failed := errors.New("connection refused")
		for _, tt := range []struct {
			name  string
			after time.Duration
			err   error
			want  int
		}{
			{name: "nothing", want: 0},
			{name: "the end of the program", err: fmt.Errorf("exporting: %w", context.Canceled), want: 0},
			{name: "the first", err: failed, want: 1},
			{name: "another at once", err: failed, want: 1},
			{name: "within the minute", after: errorInterval - time.Second, err: errors.New("another"), want: 1},
			{name: "a minute after the first", after: time.Second, err: failed, want: 2},
			{name: "and at once", err: failed, want: 2},
		} {
			<-time.After(tt.after)
			if e.Handle(tt.err); lines() != tt.want {
				t.Errorf("%s: %d lines, want %d", tt.name, lines(), tt.want)
			}
		}
		if !strings.Contains(log.String(), "connection refused") {
			t.Errorf("the log has %s", log.String())
		}
	})
}

func TestExport_closesAllAtOnceAndWithinItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Int32
		slow := func(ctx context.Context) error {
			<-ctx.Done()
			closed.Add(1)
			return nil
		}
		fast := func(ctx context.Context) error {
			if ctx.Err() == nil {
				closed.Add(1)
			}
			return nil
		}
		began := time.Now()
		(&Export{close: []func(context.Context) error{slow, fast}}).Close()
		if took := time.Since(began); took != closeTimeout || closed.Load() != 2 {
			t.Errorf("%d are closed, after %v", closed.Load(), took)
		}
	})
}
