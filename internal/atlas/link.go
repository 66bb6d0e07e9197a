package atlas

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// Link names a related resource of the API.
type Link struct {
	Href *string `json:"href"`
	Rel  *string `json:"rel"`
}

// Links is the links of one restore job as JSON, as Atlas wrote them; nil when it sent none. They are half
// of the bytes of a list and few callers need them, so that All decodes them when it is called.
type Links []byte

// UnmarshalJSONFrom copies an array as it is written, and decodes null as nil.
func (l *Links) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	raw, err := d.ReadValue()
	switch {
	case err != nil:
		return err
	case raw.Kind() == 'n':
		*l = nil
	case raw.Kind() == '[':
		*l = Links(bytes.Clone(raw))
	default:
		return errors.New("it is not an array")
	}
	return nil
}

// scanLinks is UnmarshalJSONFrom for a Scanner.
func scanLinks(s *jsonscan.Scanner) Links {
	switch {
	case s.Null():
		return nil
	case s.Peek() != '[':
		s.Unsupported()
	}
	return bytes.Clone(s.SkipValue())
}

// MarshalJSON returns the links as Atlas wrote them.
func (l Links) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("null"), nil
	}
	return l, nil
}

// All decodes the links. An error is an *Error of KindMalformed.
func (l Links) All() (Elements[Link], error) {
	if l == nil {
		return nil, nil
	}
	var all Elements[Link]
	if err := json.Unmarshal(l, &all, jsonOptions); err != nil {
		return nil, &Error{Kind: KindMalformed, Err: describeJSONError(err)}
	}
	return all, nil
}
