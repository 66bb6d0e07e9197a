package model

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Cursor is a place in a list: behind an element, and about where that stood. It is
// opaque to clients, and one list does not take the cursors of another.
type Cursor struct {
	// List names the sort of list.
	List string
	// ID is the element.
	ID string
	// Index is about where the element stood, from 0.
	Index int
}

// Bounds of what a cursor may hold.
const (
	maxCursorLength = 256
	maxCursorIndex  = 1 << 30
)

// String is the cursor as clients get it.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.List + ":" + strconv.Itoa(c.Index) + ":" + c.ID))
}

// ParseCursor reads a cursor that a list of this sort gave. Anything else is an
// *InputError.
func ParseCursor(list, text string) (Cursor, error) {
	bad := &InputError{Scalar: "The cursor", Want: "one that this list gave", Got: "got something else", Argument: "after"}
	if len(text) > maxCursorLength {
		return Cursor{}, bad
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Cursor{}, bad
	}
	name, rest, _ := strings.Cut(string(decoded), ":")
	index, id, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(index)
	if !ok || err != nil || name != list || id == "" || n < 0 || n > maxCursorIndex {
		return Cursor{}, bad
	}
	return Cursor{List: name, ID: id, Index: n}, nil
}
