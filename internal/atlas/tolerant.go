package atlas

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// tolerant are the options with which a body is decoded again that lenient does not accept:
// whole numbers may be written in any way, and each result of a list is decoded by itself.
// It is slower, and most bodies never need it.
var tolerant = json.JoinOptions(lenient, json.WithUnmarshalers(tolerantInteger))

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

var errNotInteger = errors.New("it is no whole number of 64 bits")

// parseInteger parses a decimal number (RFC 8259, section 6) whose value is whole, such as
// 7, 1.0 and 1e3, exactly. Its cost does not depend on the size of the exponent.
func parseInteger(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		return n, nil
	}
	if kind := jsontext.Value(text).Kind(); kind != '0' || !jsontext.Value(text).IsValid() || strings.TrimSpace(text) != text {
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

// MalformedResult is a result of a list that cannot be decoded. The other results of the
// list can be used.
type MalformedResult struct {
	// Index is where the result stands among all results of the page, from 0.
	Index int
	// ID and Name are those of the resource, where they can be read: an ID of 24 hexadecimal
	// digits, and the name of a cluster. Both are empty otherwise.
	ID, Name string
	// Err is of KindMalformed.
	Err *Error
}

// maxNameLength is the longest name of a cluster that is read from a malformed result.
const maxNameLength = 64

// identify reads the ID and the name of a result that cannot be decoded.
func (m *MalformedResult) identify(raw jsontext.Value) {
	var known struct {
		ID   jsontext.Value `json:"id"`
		Name jsontext.Value `json:"name"`
	}
	if json.Unmarshal(raw, &known, lenient) != nil {
		return
	}
	if id := unquoted(known.ID); isObjectID(id) {
		m.ID = id
	}
	if name := unquoted(known.Name); len(name) <= maxNameLength {
		m.Name = name
	}
}

// unquoted is the text of a JSON string; empty where it is none.
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
