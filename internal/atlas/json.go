package atlas

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	// Decoding lists is most of what a query costs, and this takes half of the time of
	// encoding/json. It is encoding/json/v2 of Go 1.27 as a module.
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// Bodies are decoded in up to three ways: by package jsonscan, which supports what Atlas
// usually writes; by the library with jsonOptions; and, where the body is JSON and does not
// fit the type, by the library with tolerantOptions.

// decodeObject decodes a body that must be one JSON object. An error holds no value of the body.
func (c *Client) decodeObject(body []byte, into any) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return fmt.Errorf("the body is empty: %w", errNotAtlas)
	}
	if body[0] != '{' {
		return fmt.Errorf("the body is not a JSON object: %w", errNotAtlas)
	}
	if value, ok := into.(jsonscan.Value); ok && c.scanners.Scan(body, value) {
		return nil
	}
	err := json.Unmarshal(body, into, jsonOptions)
	if err == nil {
		return nil
	}
	if syntax := (*jsontext.SyntacticError)(nil); !errors.As(err, &syntax) {
		reflect.ValueOf(into).Elem().SetZero()
		err = json.Unmarshal(body, into, tolerantOptions)
	}
	if err != nil {
		return describeJSONError(err)
	}
	return nil
}

// jsonOptions accept what encoding/json accepts, except for names in another case.
var jsonOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// describeJSONError returns an error that names the place of a mistake and not the value
// there, which may be a download URL.
func describeJSONError(err error) error {
	var syntax *jsontext.SyntacticError
	var mismatch *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON: mistake at byte %d", syntax.ByteOffset)
	case errors.As(err, &mismatch) && mismatch.GoType != nil:
		// The pointer consists of names of our types and of numbers: unknown members are skipped.
		return fmt.Errorf("the field %q is not a %s", mismatch.JSONPointer, mismatch.GoType)
	default:
		return errors.New("the body does not fit the resource")
	}
}

// tolerantOptions also accept whole numbers in any notation, and have each result of a list
// decoded by itself (see results). That is slower, and most bodies do not need it.
var tolerantOptions = json.JoinOptions(jsonOptions, json.WithUnmarshalers(tolerantInteger))

var tolerantInteger = json.UnmarshalFromFunc(func(d *jsontext.Decoder, n *int64) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	text := string(raw)
	switch raw.Kind() {
	case '0':
	case '"':
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return err
		}
		text = string(unquoted)
	default:
		return errNotInteger
	}
	*n, err = parseInteger(text)
	return err
})

var errNotInteger = errors.New("it is not a whole number of 64 bits")

// parseInteger parses a decimal number (RFC 8259, section 6) whose value is whole, such as
// 7, 1.0 and 1e3, exactly. Its cost does not depend on the size of the exponent.
func parseInteger(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		return n, nil
	}
	if kind := jsontext.Value(text).Kind(); kind != '0' || !jsontext.Value(text).IsValid() ||
		strings.TrimSpace(text) != text {
		return 0, errNotInteger
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits, negative := strings.CutPrefix(whole+fraction, "-")
	if strings.Trim(digits, "0") == "" {
		return 0, nil
	}
	point := len(digits) - len(fraction)
	if scientific {
		shift, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return 0, errNotInteger
		}
		point += int(shift)
	}
	digits = strings.TrimRight(digits, "0")
	leading := len(digits) - len(strings.TrimLeft(digits, "0"))
	const most = 19 // digits of the largest number
	if point < len(digits) || point-leading > most {
		return 0, errNotInteger
	}
	digits = digits[leading:] + strings.Repeat("0", point-len(digits))
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, errNotInteger
	}
	return n, nil
}
