package callcache

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"atlas-restore-gateway/internal/tracing"
)

func TestKind_addsAnEventForAHit(t *testing.T) {
	exported := tracetest.NewInMemoryExporter()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported)).Tracer("")
	e := newEnv(t, Options{MaxBytes: 1 << 20})
	defer e.Close()
	two := func(context.Context) (int, error) { return 2, nil }
	for _, tt := range []struct {
		name string
		do   func(ctx context.Context) error
		want int
	}{
		{name: "a miss", do: func(ctx context.Context) error { _, err := e.get(ctx, two); return err }},
		{name: "a hit", do: func(ctx context.Context) error { _, err := e.get(ctx, two); return err }, want: 1},
		{name: "no-cache", do: func(ctx context.Context) error { _, err := e.get(WithNoCache(ctx), two); return err }},
		{name: "found", do: func(ctx context.Context) error {
			e.numbers.Find(ctx, testKey{name: "a", page: 1}, func(int) bool { return true })
			return nil
		}, want: 1},
		{name: "found and of no use", do: func(ctx context.Context) error {
			e.numbers.Find(ctx, testKey{name: "a", page: 1}, func(int) bool { return false })
			return nil
		}},
	} {
		exported.Reset()
		ctx, span := tracer.Start(t.Context(), tt.name)
		if err := tt.do(ctx); err != nil {
			t.Fatal(err)
		}
		span.End()
		events := exported.GetSpans()[0].Events
		if len(events) != tt.want {
			t.Errorf("%s: the events are %v", tt.name, events)
			continue
		}
		for _, event := range events {
			if len(event.Attributes) != 1 || event.Name != "cache hit" ||
				event.Attributes[0] != tracing.KindKey.String("number") {
				t.Errorf("%s: the event is %v", tt.name, event)
			}
		}
	}
}
