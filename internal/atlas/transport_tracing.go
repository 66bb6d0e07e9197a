package atlas

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/tracing"
)

// The attributes of an attempt that are in the semantic conventions of OpenTelemetry for HTTP clients. Those of the URL
// are left out: it has ids.
const (
	methodKey      = attribute.Key("http.request.method")
	resendCountKey = attribute.Key("http.request.resend_count")
	statusKey      = attribute.Key("http.response.status_code")
	errorTypeKey   = attribute.Key("error.type")
)

// traceAttempts makes a span for each attempt of a call, whose name is that of Atlas's operation, and tells Atlas of it
// where that is asked for (WithTraceContext).
func (c *Client) traceAttempts(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		ctx := r.Context()
		info := callInfoFrom(ctx)
		if info == nil || !trace.SpanFromContext(ctx).IsRecording() {
			return next.RoundTrip(r)
		}
		resent := info.attempts
		info.attempts++
		ctx, span := tracing.Child(ctx, info.op, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			methodKey.String(r.Method), tracing.EndpointSetKey.String(info.set.String()),
		))
		defer span.End()
		if resent > 0 {
			span.SetAttributes(resendCountKey.Int(resent))
		}
		r = r.WithContext(ctx)
		if c.traceContext {
			r.Header = r.Header.Clone()
			propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
		}
		res, err := next.RoundTrip(r)
		if err != nil {
			failed(span, errorType(ctx, err))
			return res, err
		}
		span.SetAttributes(statusKey.Int(res.StatusCode))
		if res.StatusCode >= http.StatusBadRequest {
			failed(span, strconv.Itoa(res.StatusCode))
		}
		return res, err
	})
}

func failed(span trace.Span, errorType string) {
	span.SetAttributes(errorTypeKey.String(errorType))
	tracing.Fail(span, errorType)
}

// errorType returns the kind of the error of an attempt with this context: that of an *Error, or what happened to the
// connection.
func errorType(ctx context.Context, err error) string {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind.String()
	case errors.Is(context.Cause(ctx), errAttemptTimeout), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, new(attemptTimeoutError)):
		return KindTimeout.String()
	case errors.Is(err, context.Canceled):
		return KindCanceled.String()
	default:
		return KindUnavailable.String()
	}
}

// recordBudgetWait records how long an attempt waited for the budget, from when it began.
func recordBudgetWait(ctx context.Context, began time.Time) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(tracing.BudgetWaitKey.Float64(time.Since(began).Seconds()))
	}
}
