package model

import (
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// DateTime is the scalar DateTime: a date-time of RFC 3339 in UTC, with
// fractions of a second where there are any.
type DateTime struct{ time.Time }

// UnmarshalGQL accepts a date-time of RFC 3339, section 5.6, of any offset. Digits of a
// fraction beyond nanoseconds are dropped. A leap second, 23:59:60 in UTC at the end of a
// month, is the second that follows, because time.Time has no other for it. Anything else
// is an *InputError.
func (d *DateTime) UnmarshalGQL(v any) error {
	const want = "a date and time as RFC 3339 writes it, such as 2025-05-04T09:42:00Z"
	s, ok := v.(string)
	if !ok {
		return inputError("DateTime", want, "got "+kindOf(v))
	}
	t, ok := parseRFC3339(s)
	if !ok {
		return inputError("DateTime", want, "got "+characters(utf8.RuneCountInString(s))+" of something else")
	}
	d.Time = t
	return nil
}

// dateTime is the grammar of a date-time (RFC 3339, section 5.6). time.Parse accepts more:
// a comma before the fraction, hours of one digit, offsets of a day. It accepts neither
// small letters nor leap seconds.
var dateTime = regexp.MustCompile(
	`^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$`)

// parseRFC3339 parses a date-time; see DateTime.UnmarshalGQL.
func parseRFC3339(s string) (time.Time, bool) {
	part := dateTime.FindStringSubmatch(s)
	if part == nil {
		return time.Time{}, false
	}
	date, minute, second, fraction, offset := part[1], part[2], part[3], part[4], strings.ToUpper(part[5])
	leap := second == "60"
	if leap {
		second = "59"
	}
	t, err := time.Parse(time.RFC3339, date+"T"+minute+second+fraction+offset)
	if err != nil || !leap {
		return t, err == nil
	}
	t = t.Add(time.Second)
	next := t.UTC()
	return t, next.Day() == 1 && next.Hour() == 0 && next.Minute() == 0 && next.Second() == 0
}

// MarshalGQL writes the date-time in UTC.
func (d DateTime) MarshalGQL(w io.Writer) {
	b := make([]byte, 0, len(time.RFC3339Nano)+2)
	b = append(b, '"')
	b = d.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, '"')
	_, _ = w.Write(b)
}
