package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	prometheusbridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/tracing"
)

const (
	// closeTimeout bounds what is still sent at the end.
	closeTimeout = 3 * time.Second
	// errorInterval is the least time between two lines of the log about exports that fail.
	errorInterval = time.Minute
)

// Export sends traces and metrics by OpenTelemetry, as the variables OTEL_… say
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Unlike the specification it sends
// nothing where neither an exporter nor an endpoint is set.
type Export struct {
	// Tracer is nil where no traces are sent.
	Tracer trace.Tracer

	close []func(context.Context) error
}

// ExportsTraces and ExportsMetrics report whether the variables ask for an export.
func ExportsTraces(getenv func(string) string) bool { return exports(getenv, "TRACES") }

// ExportsMetrics is ExportsTraces for metrics.
func ExportsMetrics(getenv func(string) string) bool { return exports(getenv, "METRICS") }

func exports(getenv func(string) string, signal string) bool {
	exporter := strings.TrimSpace(getenv("OTEL_" + signal + "_EXPORTER"))
	switch {
	case strings.EqualFold(strings.TrimSpace(getenv("OTEL_SDK_DISABLED")), "true"), exporter == "none":
		return false
	case exporter != "":
		return true
	}
	return getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") != ""
}

// StartExport begins to send what the variables ask for. Metrics are those of m, which is not nil where they are sent. An
// export that fails is logged, at most once a minute, and changes nothing else. Close must be called.
func StartExport(
	ctx context.Context, getenv func(string) string, m *Metrics, logger *slog.Logger,
) (_ *Export, err error) {
	e := &Export{}
	if !ExportsTraces(getenv) && !ExportsMetrics(getenv) {
		return e, nil
	}
	defer func() {
		if err != nil {
			e.Close()
			err = fmt.Errorf("the export of OpenTelemetry cannot begin: %w (see the variables OTEL_…)", err)
		}
	}()
	otel.SetErrorHandler(&exportErrors{logger: logger})
	described, err := resource.New(ctx,
		resource.WithAttributes(
			attribute.String("service.name", tracing.Scope), attribute.String("service.version", CurrentBuild().Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	if ExportsTraces(getenv) {
		exporter, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, err
		}
		// The text of a panic can hold anything.
		provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described),
			sdktrace.WithoutPanicRecording())
		e.close = append(e.close, provider.Shutdown)
		e.Tracer = provider.Tracer(tracing.Scope)
	}
	if ExportsMetrics(getenv) {
		reader, err := newMetricReader(ctx, m)
		if err != nil {
			return nil, err
		}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(described))
		e.close = append(e.close, provider.Shutdown)
	}
	return e, nil
}

// producers is held while a reader takes its producer: autoexport has one for the process.
var producers sync.Mutex

// newMetricReader returns the reader that the variables name. It reads the metrics that Prometheus reads.
func newMetricReader(ctx context.Context, m *Metrics) (sdkmetric.Reader, error) {
	producers.Lock()
	defer producers.Unlock()
	autoexport.WithFallbackMetricProducer(func(context.Context) (sdkmetric.Producer, error) {
		return binaryIDs{prometheusbridge.NewMetricProducer(prometheusbridge.WithGatherer(m.registry))}, nil
	})
	return autoexport.NewMetricReader(ctx)
}

// binaryIDs makes the ids of traces in exemplars binary. The bridge leaves them as the text of their label, because of
// which a receiver rejects the metrics as a whole.
type binaryIDs struct{ sdkmetric.Producer }

// Produce returns the metrics.
func (p binaryIDs) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	scopes, err := p.Producer.Produce(ctx)
	for _, scope := range scopes {
		for _, metric := range scope.Metrics {
			histogram, ok := metric.Data.(metricdata.Histogram[float64])
			if !ok {
				continue // no other metric has exemplars
			}
			for _, point := range histogram.DataPoints {
				for i := range point.Exemplars {
					e := &point.Exemplars[i]
					if id, err := trace.TraceIDFromHex(string(e.TraceID)); err == nil {
						e.TraceID = id[:]
					}
				}
			}
		}
	}
	return scopes, err
}

// Close sends what is left, traces and metrics at the same time and for closeTimeout at most, and ends.
func (e *Export) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var closing sync.WaitGroup
	for _, shutdown := range e.close {
		closing.Go(func() {
			if err := shutdown(ctx); err != nil {
				otel.Handle(err)
			}
		})
	}
	closing.Wait()
}

// exportErrors logs errors of exports.
type exportErrors struct {
	logger *slog.Logger

	mu     sync.Mutex
	logged time.Time
}

// Handle logs the error, unless one was logged within errorInterval.
func (e *exportErrors) Handle(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil || errors.Is(err, context.Canceled) || time.Since(e.logged) < errorInterval && !e.logged.IsZero() {
		return
	}
	e.logged = time.Now()
	e.logger.LogAttrs(context.Background(), slog.LevelWarn,
		"traces or metrics were not exported: requests are served all the same", slog.String("error", err.Error()))
}
