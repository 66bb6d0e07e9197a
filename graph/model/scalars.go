package model

import (
	"fmt"
	"io"
	"strings"
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

// UnmarshalGQL reads an argument. The error is an *InputError.
func (id *ObjectID) UnmarshalGQL(v any) error {
	const want = "24 lower-case hexadecimal digits (^[a-f0-9]{24}$)"
	s, ok := v.(string)
	if !ok {
		return inputError("ObjectID", want, "got "+kindOf(v))
	}
	if n := utf8.RuneCountInString(s); n != objectIDLength {
		return inputError("ObjectID", want, "got "+characters(n))
	}
	if i := notHex(s); i >= 0 {
		return inputError("ObjectID", want, fmt.Sprintf("character %d is something else", i+1))
	}
	// A copy, because the id may be cached for longer than the document that it is part of.
	*id = ObjectID(strings.Clone(s))
	return nil
}

// MarshalGQL writes the id as Atlas sent it; see Valid.
func (id ObjectID) MarshalGQL(w io.Writer) { writeString(w, string(id)) }

// Valid reports whether the id is an ObjectID, as each id that the graph returns has to be.
func (id ObjectID) Valid() bool { return len(id) == objectIDLength && notHex(string(id)) < 0 }

// notHex returns the index of the first byte that is not a lower-case hexadecimal digit, or -1.
func notHex(s string) int {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return i
		}
	}
	return -1
}

// ClusterName is the scalar ClusterName: the pattern ^[a-zA-Z0-9][a-zA-Z0-9-]*$
// of the Atlas Administration API, at most ClusterNameMaxLength characters.
type ClusterName string

// UnmarshalGQL reads an argument. The error is an *InputError.
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
	// A copy, as of an ObjectID.
	*n = ClusterName(strings.Clone(s))
	return nil
}

// MarshalGQL writes the name as Atlas sent it; see Valid.
func (n ClusterName) MarshalGQL(w io.Writer) { writeString(w, string(n)) }

// Valid reports whether the name can be that of a cluster, which any text but the empty one can: old
// clusters may have names that Atlas does not allow today.
func (n ClusterName) Valid() bool { return n != "" }

func writeString(w io.Writer, s string) { graphql.MarshalString(s).MarshalGQL(w) }
