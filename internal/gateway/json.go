package gateway

import (
	stdjson "encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON decodes one JSON value and refuses anything behind it. Numbers keep
// their digits. It takes what encoding/json takes, but for names in another case.
func decodeJSON(b []byte, into any) error { return json.Unmarshal(b, into, asSent) }

var asSent = json.JoinOptions(
	jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.UnmarshalFromFunc(decodeNumber)),
)

// decodeNumber makes a number of a variable one of encoding/json's, which is what gqlgen and
// gqlparser know, and leaves all else to the library.
func decodeNumber(d *jsontext.Decoder, into *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	digits, err := d.ReadValue()
	*into = stdjson.Number(digits)
	return err
}

// bodyMistake says where the body is wrong, and nothing of what stands there.
func bodyMistake(err error) string {
	if mismatch := (*json.SemanticError)(nil); errors.As(err, &mismatch) && mismatch.JSONPointer != "" {
		return "the body must be a JSON object with the string \"query\" and perhaps the string \"operationName\" and the objects \"variables\" and \"extensions\"; the member \"" +
			bodyMember(mismatch.JSONPointer) + "\" is something else"
	}
	return "the body must be one JSON object with the string \"query\""
}

// bodyMember is the member of the body that a mistake lies in: one of ours, never
// a name that the client made up.
func bodyMember(place jsontext.Pointer) string {
	for _, name := range []string{"query", "documentId", "operationName", "variables", "extensions"} {
		if strings.HasPrefix(string(place), "/"+name) {
			return name
		}
	}
	return "?"
}
