package gateway

import (
	"net/http"
	"strings"
	"testing"
)

func TestTraceIDOf_acceptsWhatTheSpecificationSays(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for header, want := range map[string]string{
		"00-" + trace + "-00f067aa0ba902b7-01":                   trace,
		"00-" + trace + "-00f067aa0ba902b7-00":                   trace,
		"01-" + trace + "-00f067aa0ba902b7-01-what comes later":  trace,
		"00-" + trace + "-00f067aa0ba902b7-01-what comes later":  "",
		"ff-" + trace + "-00f067aa0ba902b7-01":                   "",
		"00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01":  "",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01": "",
		"00-" + trace + "-0000000000000000-01":                   "",
		"00-" + trace[1:] + "-00f067aa0ba902b7-01":               "",
		"00-" + trace[:31] + "\n-00f067aa0ba902b7-01":            "",
		"00-" + trace + "-00f067aa0ba902b7":                      "",
		trace:                                                    "", "": "", "----": "",
	} {
		if got := traceIDOf(http.Header{"Traceparent": {header}}); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestTraceID_isInTheLog(t *testing.T) {
	e := newEnv(t)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	e.send(t, "GET", "/graphql?query={__typename}", "", "Traceparent: 00-"+trace+"-00f067aa0ba902b7-01")
	e.send(t, "GET", "/graphql?query={__typename}", "", "Traceparent: forged trace_id=1")
	var lines []string
	for line := range strings.Lines(e.log.String()) {
		if strings.Contains(line, "msg=request") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[0], " trace_id="+trace) || strings.Contains(lines[1], "trace_id") {
		t.Errorf("the log: %q", lines)
	}
}
