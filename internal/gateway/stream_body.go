package gateway

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// streamBody returns the JSON of an event. It is of one line and of ASCII, because some routers decode a stream chunk by
// chunk and break characters that lie on two of them; and it never holds "--", so that no boundary of a multipart
// response is in it. Both are escapes in strings, which alone can hold such characters.
func streamBody(r *graphql.Response) []byte {
	body, err := encode(r)
	if err != nil {
		body = encodingFailed
	}
	var out bytes.Buffer
	out.Grow(body.size() + body.size()/16)
	var w escaper
	for _, piece := range body {
		w.write(&out, piece)
	}
	return out.Bytes()
}

// escaper writes pieces of JSON. A piece ends with a whole character.
type escaper struct{ dash bool } // the last character written is a dash

func (e *escaper) write(out *bytes.Buffer, json []byte) {
	plain := 0 // where the bytes begin that are written as they are
	for i := 0; i < len(json); {
		c := json[i]
		switch {
		case c == '-' && e.dash:
			out.Write(json[plain:i])
			writeEscape(out, '-')
			i++
			plain, e.dash = i, false
		case c < utf8.RuneSelf && c != '\n' && c != '\r':
			e.dash = c == '-'
			i++
		default:
			out.Write(json[plain:i])
			char, size := utf8.DecodeRune(json[i:])
			if c == '\n' || c == '\r' {
				out.WriteByte(' ') // between values: strings hold none
			} else if high, low := utf16.EncodeRune(char); high != utf8.RuneError {
				writeEscape(out, high)
				writeEscape(out, low)
			} else {
				writeEscape(out, char)
			}
			i += size
			plain, e.dash = i, false
		}
	}
	out.Write(json[plain:])
}

const hexDigits = "0123456789abcdef"

// writeEscape writes a code unit of UTF-16 (RFC 8259, section 7).
func writeEscape(out *bytes.Buffer, unit rune) {
	out.Write([]byte{'\\', 'u', hexDigits[unit>>12&15], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15]})
}
