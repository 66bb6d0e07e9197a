package atlas

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MalformedResult is a result of a list that cannot be decoded, or is not one of the list. The other results of
// the list are valid.
type MalformedResult struct {
	// Index is the index of the result among all results of the page, from 0.
	Index int
	// ID and Name are those of the resource: 24 hexadecimal digits, and the name of a cluster. Each is
	// empty where it cannot be read.
	ID, Name string
	// Err is of KindMalformed.
	Err *Error
}

// maxNameLength bounds the name of a cluster that is read from a malformed result, in bytes.
const maxNameLength = 64

// identify sets the ID and the name of a result that cannot be decoded.
func (m *MalformedResult) identify(raw jsontext.Value) {
	var known struct {
		ID       jsontext.Value `json:"id"`
		BucketID jsontext.Value `json:"_id"` // so buckets have it
		Name     jsontext.Value `json:"name"`
	}
	if json.Unmarshal(raw, &known, jsonOptions) != nil {
		return
	}
	if id := cmp.Or(unquoted(known.ID), unquoted(known.BucketID)); isObjectID(id) {
		m.ID = id
	}
	if name := unquoted(known.Name); len(name) <= maxNameLength {
		m.Name = name
	}
}

// unquoted returns the text of a JSON string; "" where raw is something else.
func unquoted(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return ""
	}
	return string(text)
}

// isObjectID reports whether id is 24 hexadecimal digits.
func isObjectID(id string) bool {
	if len(id) != 24 {
		return false
	}
	return strings.Trim(id, "0123456789abcdefABCDEF") == ""
}

// wrongResult returns why a result does not belong to the list of these arguments, or nil.
func wrongResult[T AnyResource](item *T, args []string) error {
	if (*item).identity() == "" {
		return errNoID
	}
	if placed, ok := any(item).(placedResource); ok && !belongsTo(placed, args) {
		return errOtherID
	}
	return nil
}

// moveMalformed moves the results that do not belong to the list to the malformed ones, and completes the errors of
// all malformed results.
func moveMalformed[T AnyResource](r *results[T], op string, args []string) {
	isMalformed := make(map[int]bool, len(r.malformed))
	for _, m := range r.malformed {
		isMalformed[m.Index] = true
	}
	index := 0
	r.items = slices.DeleteFunc(r.items, func(item T) bool {
		for isMalformed[index] {
			index++
		}
		index++
		err := wrongResult(&item, args)
		if err == nil {
			return false
		}
		m := MalformedResult{Index: index - 1, Err: &Error{Err: err}}
		if id := item.identity(); isObjectID(id) {
			m.ID = id
		}
		if n, ok := any(&item).(placedResource); ok {
			if _, name := n.fullName(); name != nil && len(*name) <= maxNameLength {
				m.Name = *name
			}
		}
		r.malformed = append(r.malformed, m)
		return true
	})
	slices.SortFunc(r.malformed, func(a, b MalformedResult) int { return cmp.Compare(a.Index, b.Index) })
	for _, m := range r.malformed {
		*m.Err = Error{
			Op: op, Kind: KindMalformed, Status: http.StatusOK, Err: fmt.Errorf("result %d: %w", m.Index, m.Err.Err),
		}
	}
}
