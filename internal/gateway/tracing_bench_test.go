package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/tracing"
)

// discarded is an exporter for which nothing is sent.
type discarded struct{}

func (discarded) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discarded) Shutdown(context.Context) error                             { return nil }

// BenchmarkTracing asks for a cached project: the least work, beside which spans cost most.
func BenchmarkTracing(b *testing.B) {
	provider := func(sampler sdktrace.Sampler) trace.Tracer {
		p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(discarded{}), sdktrace.WithSampler(sampler))
		b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
		return p.Tracer(tracing.Scope)
	}
	for _, tt := range []struct {
		name   string
		tracer trace.Tracer
	}{
		{name: "off"},
		{name: "not sampled", tracer: provider(sdktrace.NeverSample())},
		{name: "sampled", tracer: provider(sdktrace.AlwaysSample())},
	} {
		b.Run(tt.name, func(b *testing.B) {
			g, _ := benchGateways(b, tt.tracer)
			body := benchBody(b, `{ project(groupId: "`+atlassim.SeedGroupID+`") { name } }`, nil)
			if got := benchPost(b, g, body); strings.Contains(got, `"errors"`) {
				b.Fatal(got)
			}
			start := cpuTime(b)
			b.ReportAllocs()
			for b.Loop() {
				_ = benchPost(b, g, body)
			}
			b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N), "cpu-ns/op")
		})
	}
}

func TestTraceRequest_allocatesNothingWithoutATracer(t *testing.T) {
	transport := &httpTransport{}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", http.NoBody)
	if n := testing.AllocsPerRun(100, func() {
		traced, span := transport.traceRequest(r)
		ctx, end := transport.traceOperation(traced.Context())
		nameSpan(ctx, nil)
		end()
		endSpan(ctx, span)
	}); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}
