package atlas

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reportDeprecation logs, once for each operation, that Atlas calls it deprecated since a time
// (RFC 9745) or that it may be gone from a time on (RFC 8594).
func (c *Client) reportDeprecation(ctx context.Context, op operation, header http.Header) {
	deprecation, _ := parseHTTPDate(header.Get("Deprecation"))
	sunset, _ := parseHTTPDate(header.Get("Sunset"))
	if deprecation.IsZero() && sunset.IsZero() {
		return
	}
	if _, reported := c.deprecationsLogged.LoadOrStore(op.name, true); reported {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "atlas calls this operation deprecated",
		slog.String("operation", op.name), slog.String("path", op.path),
		slog.Time("deprecation", deprecation), slog.Time("sunset", sunset))
}

// looseHTTPDate is an HTTP date whose day may have one digit, as Atlas writes it
// (Mon, 5 Aug 2024 00:00:00 GMT); http.ParseTime insists on two.
const looseHTTPDate = "Mon, _2 Jan 2006 15:04:05 GMT"

// parseHTTPDate parses a date of a header (RFC 9110, section 5.6.7), or one of the form @ and
// Unix seconds, as RFC 9745 has it for Deprecation. It reports whether value is a date.
func parseHTTPDate(value string) (time.Time, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return time.Time{}, false
	}
	if digits, ok := strings.CutPrefix(value, "@"); ok {
		seconds, err := strconv.ParseUint(digits, 10, 40)
		return time.Unix(int64(seconds), 0).UTC(), err == nil && digits != ""
	}
	if t, err := http.ParseTime(value); err == nil {
		return t.UTC(), true
	}
	if t, err := time.Parse(looseHTTPDate, value); err == nil {
		return t.UTC(), true
	}
	return time.Time{}, false
}
