package gateway

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/execution"
	"atlas-restore-gateway/internal/tracing"
)

// traceIDOf returns the trace id of the caller's traceparent (W3C Trace Context, section 3.2.2); "" where there is none, or
// a malformed one.
func traceIDOf(header http.Header) string {
	if parent := tracing.RemoteParent(propagation.HeaderCarrier(header)); parent.IsValid() {
		return parent.TraceID().String()
	}
	return ""
}

// The attributes of a span that are in the semantic conventions of OpenTelemetry for GraphQL. The document, which is in
// them, too, is left out. The name of an operation is an attribute alone, bounded and without ids: clients choose it.
const (
	operationTypeKey = attribute.Key("graphql.operation.type")
	operationNameKey = attribute.Key("graphql.operation.name")
)

// spanName is the name of the span of a request whose operation is not known.
const spanName = "graphql"

// traceRequest starts the span of an HTTP request of a caller who was let in: only then it counts that the caller's span is
// sampled. It returns the request with the span; the caller of traceRequest ends it.
func (t *httpTransport) traceRequest(r *http.Request) (*http.Request, trace.Span) {
	ctx := r.Context()
	if t.tracer == nil {
		return r, trace.SpanFromContext(ctx)
	}
	parent := tracing.WithRemoteParent(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(parent, spanName, trace.WithSpanKind(trace.SpanKindServer))
	recordTrace(ctx, span)
	return r.WithContext(ctx), span
}

// traceOperation starts the span of an operation that has none of its request: one of a WebSocket, or an event of a
// subscription, which is a short span and no part of the long one that the subscription would be.
func (t *httpTransport) traceOperation(ctx context.Context) (_ context.Context, end func()) {
	if t.tracer == nil || trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func() {}
	}
	kind := trace.SpanKindServer
	if execution.IsEvent(ctx) {
		kind = trace.SpanKindInternal
	}
	ctx, span := tracing.Root(ctx, t.tracer, spanName, kind)
	recordTrace(ctx, span)
	return ctx, func() { endSpan(ctx, span) }
}

// recordTrace has the log name the trace.
func recordTrace(ctx context.Context, span trace.Span) {
	if x := requestInfoFrom(ctx); x != nil && span.IsRecording() {
		x.traceID = span.SpanContext().TraceID().String()
	}
}

// nameSpan names the span of ctx by the type of its operation.
func nameSpan(ctx context.Context, op *operation) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	operationType := string(op.document.Definition.Operation)
	span.SetName(operationType)
	span.SetAttributes(operationTypeKey.String(operationType))
	if name := loggedName(op.document.Definition.Name); name != "" {
		span.SetAttributes(operationNameKey.String(name))
	}
}

// endSpan ends a span with what the log has of the request.
func endSpan(ctx context.Context, span trace.Span) {
	defer span.End()
	x := requestInfoFrom(ctx)
	if x == nil || !span.IsRecording() {
		return
	}
	if x.executed {
		span.SetAttributes(tracing.CallsKey.Int(x.calls))
	}
	if len(x.codes) > 0 {
		span.SetAttributes(tracing.CodesKey.StringSlice(x.codes))
		tracing.Fail(span, x.codes[0])
	}
}
