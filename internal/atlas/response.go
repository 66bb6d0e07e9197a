package atlas

import (
	"context"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Response is what came along with a value.
type Response struct {
	// Status is the HTTP status, or the one of the envelope.
	Status int
	// Version is the resource version that Atlas answered in, such as 2023-01-01;
	// empty where the Content-Type names none.
	Version string
	// Deprecation and Sunset say since when the operation is deprecated (RFC 9745)
	// and from when it may be gone (RFC 8594); zero where Atlas sent none.
	Deprecation time.Time
	Sunset      time.Time
	// RateLimit is the bucket that the call was taken from; nil where Atlas said nothing.
	RateLimit *RateLimit
}

// RateLimit is the state of one of Atlas's token buckets, in calls.
type RateLimit struct {
	Limit     int
	Remaining int
}

func newResponse(status int, header http.Header) *Response {
	r := &Response{Status: status, Version: resourceVersion(header.Get("Content-Type"))}
	r.Deprecation, _ = parseHTTPDate(header.Get("Deprecation"))
	r.Sunset, _ = parseHTTPDate(header.Get("Sunset"))
	limit, err := strconv.Atoi(header.Get("RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(header.Get("RateLimit-Remaining"))
	if err == nil && err2 == nil && limit >= 0 && remaining >= 0 {
		r.RateLimit = &RateLimit{Limit: limit, Remaining: remaining}
	}
	return r
}

// resourceVersion finds 2023-01-01 in application/vnd.atlas.2023-01-01+json;charset=utf-8.
func resourceVersion(contentType string) string {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	version, ok := strings.CutPrefix(mediaType, "application/vnd.atlas.")
	if !ok {
		return ""
	}
	version, _, _ = strings.Cut(version, "+")
	return version
}

// looseHTTPDate is an HTTP date whose day may have one digit, as Atlas writes it
// (Mon, 5 Aug 2024 00:00:00 GMT); http.ParseTime insists on two.
const looseHTTPDate = "Mon, _2 Jan 2006 15:04:05 GMT"

// parseHTTPDate reads a date of a header (RFC 9110, section 5.6.7) and reports whether
// it is one. RFC 9745 writes Deprecation as @ and Unix seconds; that is read too.
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

// reportDeprecation logs once for each operation that Atlas calls it deprecated.
func (c *Client) reportDeprecation(ctx context.Context, op operation, r *Response) {
	if r.Deprecation.IsZero() && r.Sunset.IsZero() {
		return
	}
	if _, reported := c.reported.LoadOrStore(op.name, true); reported {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "atlas calls this operation deprecated",
		slog.String("operation", op.name), slog.String("path", op.path),
		slog.Time("deprecation", r.Deprecation), slog.Time("sunset", r.Sunset))
}
