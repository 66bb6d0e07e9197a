package tracing

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// newTracer returns a tracer, and where its spans go.
func newTracer(t *testing.T, options ...sdktrace.TracerProviderOption) (trace.Tracer, *tracetest.InMemoryExporter) {
	t.Helper()
	exported := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(append(options, sdktrace.WithSyncer(exported))...)
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider.Tracer(Scope), exported
}

func TestChild_isMadeOnlyBelowASpanThatIsRecorded(t *testing.T) {
	tracer, exported := newTracer(t)
	off, _ := newTracer(t, sdktrace.WithSampler(sdktrace.NeverSample()))
	parent, span := Root(t.Context(), tracer, "parent", trace.SpanKindServer)
	unsampled, unsampledSpan := Root(t.Context(), off, "unsampled", trace.SpanKindServer)
	defer unsampledSpan.End()
	remote := WithRemoteParent(t.Context(), propagation.HeaderCarrier(http.Header{
		"Traceparent": {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
	}))
	for name, ctx := range map[string]context.Context{
		"without a span": t.Context(), "below one that is not sampled": unsampled, "below that of a caller": remote,
	} {
		got, child := Child(ctx, "child")
		if got != ctx || child.IsRecording() {
			t.Errorf("%s: a span is made", name)
		}
		child.End()
	}
	ctx, child := Child(parent, "child")
	if trace.SpanFromContext(ctx) != child {
		t.Error("the context does not have the span")
	}
	child.End()
	span.End()
	if _, late := Child(parent, "late"); late.IsRecording() {
		t.Error("a span is made below one that has ended")
	}
	spans := exported.GetSpans()
	if len(spans) != 2 || spans[0].Name != "child" || spans[0].Parent.SpanID() != spans[1].SpanContext.SpanID() {
		t.Errorf("the spans are %v", spans)
	}
}

func TestRoot_hasNoParent(t *testing.T) {
	ctx, span := Root(t.Context(), nil, "poll", trace.SpanKindInternal)
	if ctx != t.Context() || span.IsRecording() {
		t.Error("without a tracer a span is made")
	}
	tracer, exported := newTracer(t)
	outer, outerSpan := Root(t.Context(), tracer, "outer", trace.SpanKindServer)
	_, span = Root(outer, tracer, "poll", trace.SpanKindInternal)
	span.End()
	outerSpan.End()
	spans := exported.GetSpans()
	if spans[0].Parent.IsValid() || spans[0].SpanContext.TraceID() == spans[1].SpanContext.TraceID() ||
		spans[0].SpanKind != trace.SpanKindInternal {
		t.Errorf("the spans are %v", spans)
	}
}

func TestRemoteParent_hasNoTraceState(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	header := http.Header{"Traceparent": {parent}, "Tracestate": {"vendor=secret"}}
	got := RemoteParent(propagation.HeaderCarrier(header))
	if !got.IsValid() || !got.IsSampled() || !got.IsRemote() || got.TraceState().Len() != 0 {
		t.Errorf("got %v", got)
	}
	if ctx := WithRemoteParent(t.Context(), propagation.HeaderCarrier(http.Header{"Traceparent": {"x"}})); ctx != t.Context() {
		t.Error("a malformed one is used")
	}
	tracer, exported := newTracer(t)
	_, span := tracer.Start(WithRemoteParent(t.Context(), propagation.HeaderCarrier(header)), "query")
	span.End()
	if s := exported.GetSpans()[0]; s.SpanContext.TraceState().Len() != 0 || s.SpanContext.TraceID() != got.TraceID() {
		t.Errorf("the span has %v", s.SpanContext)
	}
}

func TestFail_setsTheStatus(t *testing.T) {
	tracer, exported := newTracer(t)
	_, span := tracer.Start(t.Context(), "query")
	Fail(span, "NOT_FOUND")
	span.End()
	if got := exported.GetSpans()[0].Status; got.Code != codes.Error || got.Description != "NOT_FOUND" {
		t.Errorf("the status is %v", got)
	}
}

func TestBatch_hasItsKindAndSize(t *testing.T) {
	tracer, exported := newTracer(t)
	parent, span := Root(t.Context(), tracer, "query", trace.SpanKindServer)
	defer span.End()
	_, batch := Batch(parent, "job", 7)
	batch.End()
	got := exported.GetSpans()[0]
	if want := []attribute.KeyValue{KindKey.String("job"), BatchSizeKey.Int(7)}; got.Name != "batch" ||
		!slices.Equal(got.Attributes, want) {
		t.Errorf("the span is %s: %v", got.Name, got.Attributes)
	}
}

func TestTracing_allocatesNothingWhereNothingIsTraced(t *testing.T) {
	ctx, header := t.Context(), propagation.HeaderCarrier(http.Header{})
	for name, do := range map[string]func(){
		"Child":        func() { _, span := Child(ctx, "child"); span.End() },
		"Batch":        func() { _, span := Batch(ctx, "job", 7); span.End() },
		"Root":         func() { _, span := Root(ctx, nil, "poll", trace.SpanKindInternal); span.End() },
		"RemoteParent": func() { _ = RemoteParent(header) },
	} {
		if n := testing.AllocsPerRun(100, do); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
