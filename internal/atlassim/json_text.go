package atlassim

import (
	"encoding/json"
	"strconv"
	"time"
)

// jsonText builds a JSON text by appending to it. Atlas mostly leaves absent values out, depending on the field and the
// state of the resource: writing single fields is shorter than structs of pointers, and fast.
type jsonText struct{ buf []byte }

// comma separates a value from the one before it. The last byte tells whether there is one, because a JSON string ends
// with its quote.
func (t *jsonText) comma() {
	if n := len(t.buf); n > 0 {
		switch t.buf[n-1] {
		case '{', '[', ':':
		default:
			t.buf = append(t.buf, ',')
		}
	}
}

// open starts an object: the whole text, or the next item of an array.
func (t *jsonText) open() {
	t.comma()
	t.buf = append(t.buf, '{')
}

func (t *jsonText) close(c byte) { t.buf = append(t.buf, c) }

// openField starts an object or an array as the value of a field.
func (t *jsonText) openField(name string, c byte) {
	t.name(name)
	t.buf = append(t.buf, c)
}

func (t *jsonText) name(name string) {
	t.comma()
	t.buf = append(appendString(t.buf, name), ':')
}

func (t *jsonText) item(s string) {
	t.comma()
	t.buf = appendString(t.buf, s)
}

func (t *jsonText) text(name, value string) {
	t.name(name)
	t.buf = appendString(t.buf, value)
}

func (t *jsonText) flag(name string, value bool) {
	t.name(name)
	t.buf = strconv.AppendBool(t.buf, value)
}

func (t *jsonText) number(name string, value int64) {
	t.name(name)
	t.buf = strconv.AppendInt(t.buf, value, 10)
}

func (t *jsonText) null(name string) {
	t.name(name)
	t.buf = append(t.buf, "null"...)
}

// instant writes a time as Atlas does, in whole seconds of UTC; the zero time is left out.
func (t *jsonText) instant(name string, at time.Time) {
	if at.IsZero() {
		return
	}
	t.name(name)
	t.buf = append(t.buf, '"')
	t.buf = at.UTC().AppendFormat(t.buf, "2006-01-02T15:04:05Z")
	t.buf = append(t.buf, '"')
}

// raw writes a field whose value is JSON already.
func (t *jsonText) raw(name string, value []byte) {
	t.name(name)
	t.buf = append(t.buf, value...)
}

// value writes a field of any type.
func (t *jsonText) value(name string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte("null") // cannot happen: the values are strings and numbers
	}
	t.raw(name, b)
}

// link writes one entry of a links array. Relations other than self, next and previous are names under
// cloud.mongodb.com, whatever the host of the API.
func (t *jsonText) link(rel, href string) {
	t.open()
	t.text("href", href)
	t.text("rel", rel)
	t.close('}')
}

const relation = "https://cloud.mongodb.com/"

// appendString appends a quoted string. Most are ASCII without escapes; encoding/json writes the others.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			q, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
