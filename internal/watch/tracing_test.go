package watch

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"atlas-restore-gateway/internal/tracing"
)

func TestPoller_makesATraceOfEachPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exported := tracetest.NewInMemoryExporter()
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported)).Tracer("")
		s := &source{}
		h := NewHub(s, tracer, slog.New(slog.DiscardHandler))
		defer h.Close()
		w := h.Watch(queryFor("a"))
		defer w.Close()
		<-time.After(time.Minute)
		s.set(func() { s.fingerprint = 1 })
		<-time.After(time.Minute)
		s.set(func() { s.err = errors.New("away") })
		<-time.After(time.Minute)
		synctest.Wait()
		outcomes, traces := make(map[string]bool), make(map[string]bool)
		spans := exported.GetSpans()
		for _, span := range spans {
			traces[span.SpanContext.TraceID().String()] = true
			if span.Name != "poll" || span.Parent.IsValid() || len(span.Attributes) != 1 ||
				span.Attributes[0].Key != tracing.OutcomeKey {
				t.Errorf("the span is %s: %v", span.Name, span.Attributes)
				continue
			}
			outcomes[span.Attributes[0].Value.AsString()] = true
		}
		if len(traces) != len(spans) || len(spans) == 0 {
			t.Errorf("%d polls have %d traces", len(spans), len(traces))
		}
		for _, want := range []string{"unchanged", "changed", "failed"} {
			if !outcomes[want] {
				t.Errorf("no poll is %s: %v", want, outcomes)
			}
		}
	})
}
