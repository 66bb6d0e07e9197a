// Package tracing has what spans of this program have in common (https://opentelemetry.io/docs/specs/otel/trace/api/).
// Where nothing is traced its functions cost a look into the context.
//
// No attribute holds a document, a variable, an id, a URL or a secret: names of operations are bounded and without ids,
// everything else is of a fixed set.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Scope is the name of the instrumentation.
const Scope = "atlas-restore-gateway"

// The attributes that are not in the semantic conventions of OpenTelemetry.
const (
	OutcomeKey     = attribute.Key("restore_gateway.outcome")
	CodesKey       = attribute.Key("restore_gateway.error_codes")
	CallsKey       = attribute.Key("restore_gateway.atlas_requests")
	BatchSizeKey   = attribute.Key("restore_gateway.batch.size")
	KindKey        = attribute.Key("restore_gateway.kind")
	EndpointSetKey = attribute.Key("atlas.endpoint_set")
	// BudgetWaitKey is how long an attempt waited for the budget of calls, in seconds.
	BudgetWaitKey = attribute.Key("atlas.budget_wait")
)

// Child starts a span below that of ctx, if that is recorded. Otherwise it returns ctx, and a span that does nothing. The
// caller ends the span.
func Child(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return parent.TracerProvider().Tracer(Scope).Start(ctx, name, options...)
}

// Batch is Child for keys of one kind that are read together.
func Batch(ctx context.Context, kind string, size int) (context.Context, trace.Span) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return Child(ctx, "") // without attributes, which cost something
	}
	return Child(ctx, "batch", trace.WithAttributes(KindKey.String(kind), BatchSizeKey.Int(size)))
}

// Root starts a span without a parent. A nil tracer starts none.
func Root(ctx context.Context, tracer trace.Tracer, name string, kind trace.SpanKind) (context.Context, trace.Span) {
	if tracer == nil {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithSpanKind(kind))
}

// WithRemoteParent returns a context with the span of the caller (W3C Trace Context). The trace state of the caller is
// left out: it can hold anything.
func WithRemoteParent(ctx context.Context, header propagation.TextMapCarrier) context.Context {
	parent := RemoteParent(header)
	if !parent.IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, parent)
}

// RemoteParent returns the span of the caller; it is not valid where the header has none.
func RemoteParent(header propagation.TextMapCarrier) trace.SpanContext {
	if header.Get("Traceparent") == "" { // as most requests: the propagator allocates
		return trace.SpanContext{}
	}
	if header.Get("Traceparent") == "" { // most requests; a propagator allocates for each
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), header)
	return trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{})
}

// Fail marks the span as failed. The reason is of a fixed set.
func Fail(span trace.Span, reason string) {
	span.SetStatus(codes.Error, reason)
}
