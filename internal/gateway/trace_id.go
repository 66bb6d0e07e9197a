package gateway

import "strings"

const traceparentHeader = "Traceparent"

// parseTraceparent returns the trace-id of a traceparent (W3C Trace Context, section 3.2.2), or "" when that is
// malformed. Of an unknown version only the beginning is read, as the specification says. The gateway makes no spans;
// the id is logged.
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

// isHex reports whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
