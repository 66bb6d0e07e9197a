package gateway

import (
	"cmp"
	stdjson "encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON decodes one JSON value, and fails when more follows. It accepts what encoding/json accepts, but for names
// in another case and for names that an object has twice: a proxy in front of the gateway could read the other one.
func decodeJSON(b []byte, into any) error { return json.Unmarshal(b, into, decodeOptions) }

var decodeOptions = json.JoinOptions(jsontext.AllowInvalidUTF8(true))

// jsonObject is a JSON object as gqlgen and gqlparser expect it: numbers keep their digits and are encoding/json's
// Number. The library has no type for it, and an option for all values would be slower.
type jsonObject map[string]any

// UnmarshalJSONFrom decodes an object, or null.
func (v *jsonObject) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case 'n':
		*v = nil
		return d.SkipValue()
	case '{':
		if *v == nil {
			*v = jsonObject{}
		}
		return readMembers(d, *v)
	default:
		// SkipValue returns the error of malformed JSON, which comes first.
		return cmp.Or(d.SkipValue(), errNoObject)
	}
}

var errNoObject = errors.New("gateway: not an object")

func readMembers(d *jsontext.Decoder, into map[string]any) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		if into[key], err = readValue(d); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// readValue decodes a value. The decoder bounds how deep it may be nested.
func readValue(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '{':
		object := map[string]any{}
		return object, readMembers(d, object)
	case '[':
		return readList(d)
	case '0':
		digits, err := d.ReadValue()
		return stdjson.Number(digits), err
	default:
		return readScalar(d)
	}
}

func readList(d *jsontext.Decoder) ([]any, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	list := []any{}
	for d.PeekKind() != ']' {
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.ReadToken()
	return list, err
}

func readScalar(d *jsontext.Decoder) (any, error) {
	t, err := d.ReadToken()
	switch {
	case err != nil || t.Kind() == 'n':
		return nil, err
	case t.Kind() == '"':
		return t.String(), nil
	default:
		return t.Bool(), nil
	}
}

// bodyErrorMessage says where the body is malformed, without repeating it.
func bodyErrorMessage(err error) string {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "an object in the body has two members of one name"
	}
	if mismatch := (*json.SemanticError)(nil); errors.As(err, &mismatch) && mismatch.JSONPointer != "" {
		return "the body must be a JSON object with the string \"query\" and perhaps the string \"operationName\" and the " +
			"objects \"variables\" and \"extensions\"; the member \"" +
			bodyMember(mismatch.JSONPointer) + "\" is something else"
	}
	return "the body must be one JSON object with the string \"query\""
}

// parameters are the parameters of a GraphQL request: members of a body, or of a URL's query.
var parameters = []string{"query", "documentId", "operationName", "variables", "extensions"}

// bodyMember returns the parameter that an error of the body lies in, and never a name that the client made up.
func bodyMember(place jsontext.Pointer) string {
	for _, name := range parameters {
		if strings.HasPrefix(string(place), "/"+name) {
			return name
		}
	}
	return "?"
}
