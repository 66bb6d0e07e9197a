package gateway

import (
	"context"
	"net/http"
	"strings"
)

const traceparentHeader = "Traceparent"

type traceIDKey struct{}

// traceID keeps the id of the caller's trace, so that the log can be found by it. The
// gateway makes no spans of its own.
func traceID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id := parseTraceparent(r.Header.Get(traceparentHeader)); id != "" {
			r = r.WithContext(context.WithValue(r.Context(), traceIDKey{}, id))
		}
		next.ServeHTTP(w, r)
	})
}

// traceIDOf is the id of the trace that the request of ctx belongs to, or "".
func traceIDOf(ctx context.Context) string {
	id, _ := ctx.Value(traceIDKey{}).(string)
	return id
}

// parseTraceparent is the trace-id of a traceparent (W3C Trace Context, section 3.2.2),
// or "" when that is malformed. Of a version that is not known only the beginning is
// read, as the specification says.
func parseTraceparent(header string) string {
	parts := strings.SplitN(header, "-", 5)
	if len(parts) < 4 || parts[0] == "00" && len(parts) != 4 || parts[0] == "ff" {
		return ""
	}
	version, trace, parent, flags := parts[0], parts[1], parts[2], parts[3]
	if !isHex(version, 2) || !isHex(trace, 32) || !isHex(parent, 16) || !isHex(flags, 2) {
		return ""
	}
	if strings.Trim(trace, "0") == "" || strings.Trim(parent, "0") == "" {
		return ""
	}
	return trace
}

// isHex is whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
