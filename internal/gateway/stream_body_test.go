package gateway

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// FuzzStreamBody holds that the body of an event is the JSON of the response, of one line, of ASCII, and without what
// could be taken for a boundary.
func FuzzStreamBody(f *testing.F) {
	for _, text := range []string{"", "--graphql--", "-", "---", "é", "日本", "\U0001F600", "a\nb", "\u2028", "\xff", "\\", `"`} {
		f.Add(text, -1.5)
	}
	f.Fuzz(func(t *testing.T, text string, number float64) {
		value := map[string]any{"text": text, text: []any{text, number, nil, true, "-", "--"}}
		data, err := json.Marshal(value)
		if err != nil {
			t.Skip(err)
		}
		indented := &bytes.Buffer{}
		if err := json.Indent(indented, data, "", "\n"); err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{data, indented.Bytes()} {
			body := streamBody(&graphql.Response{Data: data})
			for _, c := range body {
				if c >= 0x80 || c == '\n' || c == '\r' {
					t.Fatalf("%q has %q", body, c)
				}
			}
			if bytes.Contains(body, []byte("--")) {
				t.Fatalf("%q can hold a boundary", body)
			}
			var got, want any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%v: %q", err, body)
			}
			if err := json.Unmarshal([]byte(`{"data":`+string(data)+`}`), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q is %v, want %v", body, got, want)
			}
		}
	})
}
