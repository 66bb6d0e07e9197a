package model

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Cursor is a position in a list, behind an element. It is opaque to clients, and one list does not
// accept the cursors of another.
type Cursor struct {
	// List is the name of the list.
	List string
	// ID is the id of the element.
	ID string
	// Index is the index of the element when the cursor was made, from 0.
	Index int
}

// Bounds of cursors.
const (
	maxCursorLength = 256
	maxCursorIndex  = 1 << 30
)

// String returns the cursor as clients get it.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.List + ":" + strconv.Itoa(c.Index) + ":" + c.ID))
}

// ParseCursor parses a cursor of the list of this name. The error is an *InputError.
func ParseCursor(list, text string) (Cursor, error) {
	if len(text) > maxCursorLength {
		return Cursor{}, CursorError()
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Cursor{}, CursorError()
	}
	name, rest, _ := strings.Cut(string(decoded), ":")
	index, id, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(index)
	if !ok || err != nil || name != list || id == "" || n < 0 || n > maxCursorIndex {
		return Cursor{}, CursorError()
	}
	return Cursor{List: name, ID: id, Index: n}, nil
}

// CursorError returns the error of a text that is no cursor of the list.
func CursorError() error {
	return &InputError{Scalar: "The cursor", Want: "one that this list gave", Got: "got something else", Argument: "after"}
}
