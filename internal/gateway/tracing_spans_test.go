package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/tracing"
)

// newTracer returns a tracer, as one of the program is by default, and what ends spans are recorded in.
func newTracer(t *testing.T) (trace.Tracer, *tracetest.SpanRecorder) {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	return provider.Tracer(tracing.Scope), spans
}

func withTracer(tracer trace.Tracer) envOption {
	return withConfig(func(c *Config) { c.Tracer = tracer })
}

// named returns the ended spans of a name.
func named(spans *tracetest.SpanRecorder, name string) (all []sdktrace.ReadOnlySpan) {
	for _, s := range spans.Ended() {
		if s.Name() == name {
			all = append(all, s)
		}
	}
	return all
}

// attributesOf returns the attributes of a span.
func attributesOf(s sdktrace.ReadOnlySpan) map[attribute.Key]string {
	all := make(map[attribute.Key]string)
	for _, a := range s.Attributes() {
		all[a.Key] = a.Value.String()
	}
	return all
}

const remoteTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

func traceparent(sampled string) string {
	return "Traceparent: 00-" + remoteTrace + "-00f067aa0ba902b7-" + sampled
}

// ask queries jobs of one cluster, by an operation with a name.
func (e *env) askTraced(t *testing.T, x atlassim.Example, ids []string, headers ...string) result {
	t.Helper()
	var fields strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&fields, `j%d: serverlessRestoreJob(groupId: \"%s\", clusterName: \"%s\", restoreJobId: \"%s\") { id } `,
			i, x.GroupID, x.ClusterName, id)
	}
	return e.send(t, http.MethodPost, "/graphql", `{"query":"query Jobs_`+x.RestoreJobID+` { `+fields.String()+`}"}`,
		append(headers, "Content-Type: application/json")...)
}

func TestTrace_hasTheOperationItsBatchAndItsAttempts(t *testing.T) {
	tracer, spans := newTracer(t)
	e := newEnv(t, withTracer(tracer))
	x := e.example(t, "succeeded")
	ids := []string{x.RestoreJobID, "67ebae01a6713bc8f40fffff"}
	e.askTraced(t, x, ids, traceparent("01"), "Tracestate: vendor=opensesame")
	operations, batches := named(spans, "query"), named(spans, "batch")
	if len(operations) != 1 || len(batches) != 1 {
		t.Fatalf("%d operations and %d batches", len(operations), len(batches))
	}
	operation, batch := operations[0], batches[0]
	if operation.Parent().SpanID().String() != "00f067aa0ba902b7" || operation.SpanKind() != trace.SpanKindServer ||
		operation.SpanContext().TraceState().Len() > 0 {
		t.Errorf("the operation is %+v below %+v", operation.SpanContext(), operation.Parent())
	}
	got := attributesOf(operation)
	if name := got["graphql.operation.name"]; name != "Jobs_…" || got[tracing.CallsKey] == "0" ||
		got[tracing.CodesKey] != `["NOT_FOUND"]` {
		t.Errorf("the operation has %v", got)
	}
	if batch.Parent().SpanID() != operation.SpanContext().SpanID() || attributesOf(batch)[tracing.BatchSizeKey] != "2" {
		t.Errorf("the batch has %v", attributesOf(batch))
	}
	attempts := 0
	for _, s := range spans.Ended() {
		if s.SpanContext().TraceID().String() != remoteTrace {
			t.Errorf("%s is of another trace", s.Name())
		}
		if s.SpanKind() != trace.SpanKindClient {
			continue
		}
		attempts++
		got := attributesOf(s)
		if got[tracing.EndpointSetKey] == "" || got["http.response.status_code"] == "" || got["http.request.method"] != "GET" {
			t.Errorf("the attempt %s has %v", s.Name(), got)
		}
		if _, waited := got[tracing.BudgetWaitKey]; !waited {
			t.Errorf("the attempt %s does not say how long it waited for the budget", s.Name())
		}
	}
	if attempts < 2 {
		t.Errorf("%d attempts", attempts)
	}
	if !strings.Contains(e.log.String(), "trace_id="+remoteTrace) {
		t.Error("the log has no trace id")
	}
}

func TestTrace_honoursTheSampledFlag(t *testing.T) {
	for name, tt := range map[string]struct {
		headers []string
		sampled bool
	}{
		"sampled":      {headers: []string{traceparent("01")}, sampled: true},
		"not sampled":  {headers: []string{traceparent("00")}},
		"without one":  {sampled: true},
		"a broken one": {headers: []string{"Traceparent: 00-nothing-01"}, sampled: true},
	} {
		tracer, spans := newTracer(t)
		e := newEnv(t, withTracer(tracer))
		x := e.example(t, "succeeded")
		if r := e.askTraced(t, x, []string{x.RestoreJobID}, tt.headers...); r.Status != http.StatusOK {
			t.Fatalf("%s: got %s", name, r.Raw)
		}
		if got := len(spans.Ended()) > 0; got != tt.sampled {
			t.Errorf("%s: %d spans", name, len(spans.Ended()))
		}
		if tt.sampled && !strings.Contains(e.log.String(), "trace_id=") {
			t.Errorf("%s: the log has no trace id", name)
		}
	}
}

func TestTrace_hasAnEventForACacheHit(t *testing.T) {
	tracer, spans := newTracer(t)
	e := newEnv(t, withTracer(tracer))
	x := e.example(t, "succeeded")
	for range 2 {
		e.askTraced(t, x, []string{x.RestoreJobID})
	}
	operations := named(spans, "query")
	if len(operations) != 2 {
		t.Fatalf("%d operations", len(operations))
	}
	hit := func(s sdktrace.ReadOnlySpan) bool {
		return slices.ContainsFunc(s.Events(), func(e sdktrace.Event) bool { return e.Name == "cache hit" })
	}
	if hit(operations[0]) || !hit(operations[1]) {
		t.Errorf("the events are %v and %v", operations[0].Events(), operations[1].Events())
	}
}

func TestTrace_ofARejectedRequestHasItsCode(t *testing.T) {
	tracer, spans := newTracer(t)
	e := newEnv(t, withTracer(tracer))
	e.post(t, "{ opensesame }", nil)
	rejected := named(spans, spanName)
	if len(rejected) != 1 || attributesOf(rejected[0])[tracing.CodesKey] != `["GRAPHQL_VALIDATION_FAILED"]` {
		t.Errorf("got %v", spans.Ended())
	}
}

func TestTrace_ofNothingWithoutATracer(t *testing.T) {
	e := newEnv(t)
	x := e.example(t, "succeeded")
	e.askTraced(t, x, []string{x.RestoreJobID})
	if strings.Contains(e.log.String(), "trace_id") {
		t.Error("the log has a trace id")
	}
}
