package atlas

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/tracing"
)

// traced returns a context with a span that is recorded, and what returns the spans below it.
func traced(t *testing.T) (context.Context, func() tracetest.SpanStubs) {
	t.Helper()
	exported := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported))
	ctx, span := provider.Tracer(tracing.Scope).Start(t.Context(), "operation")
	t.Cleanup(func() { span.End() })
	return ctx, exported.GetSpans
}

// attributesOf returns the attributes of a span as texts. For the wait for the budget, which varies, it has the unit.
func attributesOf(s tracetest.SpanStub) map[string]string {
	all := make(map[string]string)
	for _, a := range s.Attributes {
		all[string(a.Key)] = a.Value.String()
		if a.Key == tracing.BudgetWaitKey && a.Value.Type() == attribute.FLOAT64 {
			all[string(a.Key)] = "seconds"
		}
	}
	return all
}

func TestTraceAttempts_makesASpanForEachAttempt(t *testing.T) {
	const op = "getGroupServerlessBackupRestoreJob"
	common := func(more ...string) map[string]string {
		all := map[string]string{
			"http.request.method": "GET", "atlas.endpoint_set": setCloudBackups.String(), "atlas.budget_wait": "seconds",
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for _, tt := range []struct {
		name string
		s    *script
		want []map[string]string
	}{
		{name: "one that succeeds", s: inTurn(200), want: []map[string]string{common("http.response.status_code", "200")}},
		{
			name: "one that is not found", s: inTurn(404),
			want: []map[string]string{common("http.response.status_code", "404", "error.type", "404")},
		},
		{
			name: "one that is retried", s: inTurn(503, 200),
			want: []map[string]string{
				common("http.response.status_code", "503", "error.type", "503"),
				common("http.response.status_code", "200", "http.request.resend_count", "1"),
			},
		},
		{
			name: "one without a response", s: &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
				if n == 1 {
					return nil, io.ErrUnexpectedEOF
				}
				return answer(200), nil
			}},
			want: []map[string]string{
				common("error.type", KindUnavailable.String()),
				common("http.response.status_code", "200", "http.request.resend_count", "1"),
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := tt.s.client(t)
				ctx, spans := traced(t)
				_ = ask(ctx, c, project(1))
				var got []map[string]string
				for _, s := range spans() {
					got = append(got, attributesOf(s))
					_, failed := attributesOf(s)["error.type"]
					if s.Name != op || s.SpanKind != trace.SpanKindClient || (s.Status.Code == codes.Error) != failed ||
						s.Parent.SpanID() != trace.SpanContextFromContext(ctx).SpanID() {
						t.Errorf("the span is %s, %v, %v", s.Name, s.SpanKind, s.Status)
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestTraceAttempts_makesASpanForWhatTheBudgetRejects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := always(429, "Retry-After: 60").client(t, WithRetries(0))
		ctx, spans := traced(t)
		_ = ask(t.Context(), c, project(1))
		if n := len(spans()); n != 0 {
			t.Errorf("%d spans of a call without one", n)
		}
		wantKind := asError(t, ask(ctx, c, project(1))).Kind
		all := spans()
		if wantKind != KindBudget || len(all) != 1 {
			t.Fatalf("%v has %d spans", wantKind, len(all))
		}
		got := attributesOf(all[0])
		if got["error.type"] != KindBudget.String() || got["http.response.status_code"] != "" ||
			all[0].Status.Code != codes.Error {
			t.Errorf("the span is %v, %v", got, all[0].Status)
		}
	})
}

func TestTraceAttempts_hasTheKindOfAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		c := s.client(t, WithRetries(1))
		ctx, spans := traced(t)
		_ = ask(ctx, c, project(1))
		for _, s := range spans() {
			if got := attributesOf(s)["error.type"]; got != KindTimeout.String() {
				t.Errorf("it is %q", got)
			}
		}
		if len(spans()) == 0 {
			t.Error("there is no span")
		}
	})
}

func TestTraceAttempts_hasNoURLAndNoID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, s := range []*script{inTurn(200), inTurn(404), {answer: func(int, *http.Request) (*http.Response, error) {
			return nil, io.EOF
		}}} {
			c := s.client(t)
			ctx, spans := traced(t)
			_ = ask(ctx, c, project(1))
			text, err := json.Marshal(spans())
			if err != nil {
				t.Fatal(err)
			}
			for _, forbidden := range []string{project(1), testCluster, testJob, "http://", "https://", "/api/"} {
				if strings.Contains(string(text), forbidden) {
					t.Errorf("%q is in %s", forbidden, text)
				}
			}
		}
	})
}

func TestTraceContext_isSentOnlyWhereThatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, on := range []bool{false, true} {
			var parents []string
			s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
				parents = append(parents, r.Header.Get("Traceparent"))
				return answer([]int{503, 200, 200}[n-1]), nil
			}}
			c := s.client(t, WithTraceContext(on))
			ctx, spans := traced(t)
			mustAskIn(ctx, t, c)
			mustAsk(t, c, project(2)) // without a span
			want := []string{"", "", ""}
			if on {
				for i, span := range spans() {
					want[i] = "00-" + span.SpanContext.TraceID().String() + "-" + span.SpanContext.SpanID().String() + "-01"
				}
			}
			if diff := cmp.Diff(want, parents); diff != "" || len(spans()) != 2 {
				t.Errorf("%t: %s", on, diff)
			}
		}
	})
}

func mustAskIn(ctx context.Context, t *testing.T, c *Client) {
	t.Helper()
	if err := ask(ctx, c, project(1)); err != nil {
		t.Fatal(err)
	}
}
