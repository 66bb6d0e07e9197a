// Package model holds the values of the graph: gqlgen's models and the scalars
// that they are made of. Values only: nothing here asks anybody for anything.
package model

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// ClusterNameMaxLength is the longest name, in characters, that Atlas gives a
// cluster or a serverless instance.
const ClusterNameMaxLength = 64

const objectIDLength = 24

// ObjectID is the scalar ObjectID: 24 lower-case hexadecimal digits, the
// pattern ^([a-f0-9]{24})$ of the Atlas Administration API.
type ObjectID string

// UnmarshalGQL takes an argument. What is not an ObjectID is an *InputError.
func (id *ObjectID) UnmarshalGQL(v any) error {
	const want = "24 lower-case hexadecimal digits (^[a-f0-9]{24}$)"
	s, ok := v.(string)
	if !ok {
		return inputError("ObjectID", want, "got "+kindOf(v))
	}
	if n := utf8.RuneCountInString(s); n != objectIDLength {
		return inputError("ObjectID", want, "got "+characters(n))
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return inputError("ObjectID", want, fmt.Sprintf("character %d is something else", i+1))
		}
	}
	// It may be kept for longer than the document that it can be a part of.
	*id = ObjectID(strings.Clone(s))
	return nil
}

// MarshalGQL writes the id as it is; see Valid.
func (id ObjectID) MarshalGQL(w io.Writer) { writeString(w, string(id)) }

// ClusterName is the scalar ClusterName: the pattern ^[a-zA-Z0-9][a-zA-Z0-9-]*$
// of the Atlas Administration API, at most ClusterNameMaxLength characters.
type ClusterName string

// UnmarshalGQL takes an argument. What is not a cluster's name is an *InputError.
func (n *ClusterName) UnmarshalGQL(v any) error {
	const want = "1 to 64 letters, digits and hyphens that start with a letter or a digit (^[a-zA-Z0-9][a-zA-Z0-9-]*$)"
	s, ok := v.(string)
	if !ok {
		return inputError("ClusterName", want, "got "+kindOf(v))
	}
	if n := utf8.RuneCountInString(s); n < 1 || n > ClusterNameMaxLength {
		return inputError("ClusterName", want, "got "+characters(n))
	}
	for i := range len(s) {
		c := s[i]
		letterOrDigit := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letterOrDigit && (c != '-' || i == 0) {
			return inputError("ClusterName", want, fmt.Sprintf("character %d is something else", i+1))
		}
	}
	// As an ObjectID.
	*n = ClusterName(strings.Clone(s))
	return nil
}

// MarshalGQL writes the name as it is: what Atlas sends is served.
func (n ClusterName) MarshalGQL(w io.Writer) { writeString(w, string(n)) }

// DateTime is the scalar DateTime: a moment in UTC as RFC 3339 writes it, with
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
// a comma before the fraction, hours of one digit, offsets of a day. It knows neither
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

// MarshalGQL writes the moment in UTC.
func (d DateTime) MarshalGQL(w io.Writer) {
	b := make([]byte, 0, len(time.RFC3339Nano)+2)
	b = append(b, '"')
	b = d.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, '"')
	_, _ = w.Write(b)
}

// InputError says why an argument cannot be what its type demands. Its text
// never repeats the argument.
type InputError struct {
	// Scalar is the name of the type.
	Scalar string
	// Want says what would be right.
	Want string
	// Got says what was wrong.
	Got string
	// Argument is the argument, where a resolver found the mistake; empty where it
	// was the type's.
	Argument string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%s must be %s; %s", e.Scalar, e.Want, e.Got)
}

func inputError(scalar, want, got string) error {
	return &InputError{Scalar: scalar, Want: want, Got: got}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	default:
		return "a number"
	}
}

func writeString(w io.Writer, s string) { graphql.MarshalString(s).MarshalGQL(w) }
