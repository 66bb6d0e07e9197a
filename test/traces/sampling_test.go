package traces

import (
	"net/http"
	"strings"
	"testing"
)

// policy lets the token named "router" read everything.
const policy = "rules:\n- subject: {token: router}\n  projects: all\n  permissions: [jobs:read, downloads:read]\n"

// The ids of a caller's trace and span.
const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
)

func traceparent(flags string) string {
	return "Traceparent: 00-" + callersTrace + "-" + callersSpan + "-" + flags
}

func TestSampling_followsTheCallerThatWasLetIn(t *testing.T) {
	t.Parallel()
	token, tokens := newToken(t, "router", "tokens.yaml")
	for _, tt := range []struct {
		name       string
		token      string // "" for none
		flags      string
		env        []string
		wantStatus int
		want       int // spans of operations
	}{
		{name: "without a token", flags: "01", wantStatus: http.StatusUnauthorized},
		{name: "a token that is unknown", token: "arg_unknown", flags: "01", wantStatus: http.StatusUnauthorized},
		{name: "not sampled", token: token, flags: "00", wantStatus: http.StatusOK},
		{name: "sampled", token: token, flags: "01", wantStatus: http.StatusOK, want: 1},
		{
			name: "sampled, and all are off", token: token, flags: "01", env: []string{"OTEL_TRACES_SAMPLER=always_off"},
			wantStatus: http.StatusOK,
		},
		{
			name: "not sampled, and all are on", token: token, flags: "00", env: []string{"OTEL_TRACES_SAMPLER=always_on"},
			wantStatus: http.StatusOK, want: 1,
		},
		{
			name: "sampled, and only such are on", token: token, flags: "01",
			env: []string{"OTEL_TRACES_SAMPLER=parentbased_always_off"}, wantStatus: http.StatusOK, want: 1,
		},
		{
			name: "sampled, and a ratio of nothing", token: token, flags: "01",
			env: []string{"OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0"}, wantStatus: http.StatusOK,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := startReceiver(t)
			g := startGateway(t, append(r.env(), tt.env...), "--demo", "--auth=token", "--token-file="+tokens,
				"--policy="+write(t, "policy.yaml", policy))
			name, value, _ := strings.Cut(traceparent(tt.flags), ": ")
			headers := map[string]string{name: value}
			if tt.token != "" {
				headers["Authorization"] = "Bearer " + tt.token
			}
			status, answer := g.send(t, request{body: body(t, map[string]any{"query": project}), headers: headers})
			if status != tt.wantStatus {
				t.Errorf("got %d %s", status, answer)
			}
			g.stop(t)
			spans := r.named("query")
			if len(spans) != tt.want || tt.want == 0 && len(r.spans(gatewayService)) > 0 {
				t.Errorf("the spans are %v", r.spans(gatewayService))
			}
			for _, s := range spans {
				if s.TraceID().String() != callersTrace || s.ParentSpanID().String() != callersSpan {
					t.Errorf("it is not below the caller's span: %s", s)
				}
			}
			if len(r.latestMetrics()) == 0 {
				t.Error("there are no metrics")
			}
			if !strings.Contains(g.log.String(), "trace_id="+callersTrace) {
				t.Error("the log does not name the trace of the caller")
			}
		})
	}
}

func TestAtlas_getsTheTraceContextOnlyWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want bool
	}{
		{name: "by default"},
		{name: "asked for", args: []string{"--atlas-trace-context"}, want: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, a := startReceiver(t), startAtlas(t)
			g := startBefore(t, a, r, nil, tt.args...)
			g.query(t, project, traceparent("01"), "Tracestate: vendor=caller", "Baggage: user=caller")
			g.stop(t)
			attempts := make(map[string]bool)
			for _, s := range r.spans(gatewayService) {
				if isAttempt(s) {
					attempts["00-"+callersTrace+"-"+s.SpanID().String()+"-01"] = true
				}
			}
			var sent int
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, header := range a.headers {
				parent := header.Get("Traceparent")
				if parent != "" {
					sent++
				}
				if parent != "" && !attempts[parent] {
					t.Errorf("Atlas gets %q; the attempts are %v", parent, attempts)
				}
				if header.Get("Tracestate") != "" || header.Get("Baggage") != "" {
					t.Errorf("Atlas gets %v", header)
				}
			}
			if len(attempts) == 0 || (sent > 0) != tt.want {
				t.Errorf("%d requests have a trace context, of %d attempts", sent, len(attempts))
			}
		})
	}
}
