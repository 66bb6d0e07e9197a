package flight

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestGroup_linksTheSpansOfThoseWhoWaitToThatOfTheFirst(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, waiter sdktrace.Sampler
		want          bool
	}{
		{name: "both are sampled", first: sdktrace.AlwaysSample(), waiter: sdktrace.AlwaysSample(), want: true},
		{name: "the first is not sampled", first: sdktrace.NeverSample(), waiter: sdktrace.AlwaysSample()},
		{name: "the waiter is not sampled", first: sdktrace.AlwaysSample(), waiter: sdktrace.NeverSample()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var g Group[string, int]
				defer g.Close()
				var calls atomic.Int32
				exported := tracetest.NewInMemoryExporter()
				var callers sync.WaitGroup
				call := func(name string, sampler sdktrace.Sampler) {
					tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported), sdktrace.WithSampler(sampler)).Tracer("")
					ctx, span := tracer.Start(context.WithoutCancel(t.Context()), name)
					callers.Go(func() {
						defer span.End()
						if _, err := g.Do(ctx, "a", sleep(time.Second, &calls)); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				call("first", tt.first)
				call("waiter", tt.waiter)
				callers.Wait()
				spans := make(map[string]tracetest.SpanStub)
				for _, s := range exported.GetSpans() {
					spans[s.Name] = s
				}
				first, waiter := spans["first"], spans["waiter"]
				if len(first.Links) != 0 || (len(waiter.Links) == 1) != tt.want || len(waiter.Links) > 1 {
					t.Fatalf("the links are %v and %v", first.Links, waiter.Links)
				}
				if tt.want && !waiter.Links[0].SpanContext.Equal(first.SpanContext) {
					t.Errorf("it is linked to %v, not to %v", waiter.Links[0].SpanContext, first.SpanContext)
				}
			})
		})
	}
}
