package gateway

import (
	stdjson "encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// members decodes by the standard library.
func members(text string) (map[string]any, error) {
	d := stdjson.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	return m, nil
}

func FuzzValuesAreThoseOfTheStandardLibrary(f *testing.F) {
	for _, text := range []string{
		`{}`, `null`, `[]`, `"a"`, `1`, ``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a" 1}`, `{1:2}`, `{"a":[1,]}`, `{"a":[}`, `{"a":[1 2]}`,
		`{"a":1,"b":-0.50e+3,"c":12345678901234567890,"d":true,"e":false,"f":null,"g":"h"}`,
		`{"a":{"b":{"c":[[],{},[1,"2",null,{"d":3}]]}}}`,
		`{"a":1,"a":"again","b":{"c":1},"b":{"d":2}}`,
		`{"\u0061":"\u00e9\n\ud83d\ude00"," ":"\ud800"}`, "{\"a\":\"\xff\",\"\xff\":1}", ` { "a" : [ 1 , 2 ] } `,
		strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !stdjson.Valid([]byte(text)) {
			var got values
			if decodeJSON([]byte(text), &got) == nil {
				t.Fatalf("%q is no JSON and becomes %v", text, got)
			}
			return
		}
		want, wantErr := members(text)
		var got values
		err := decodeJSON([]byte(text), &got)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got %v, want %v", text, err, wantErr)
		}
		if diff := cmp.Diff(want, map[string]any(got)); err == nil && diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

func TestWhatIsDecodedOutlivesTheBody(t *testing.T) {
	body := []byte(`{"query":"text","variables":{"name":"value","number":12,"list":["element"]}}`)
	var got struct {
		Query     string `json:"query"`
		Variables values `json:"variables"`
	}
	if err := decodeJSON(body, &got); err != nil {
		t.Fatal(err)
	}
	clear(body)
	want := values{"name": "value", "number": stdjson.Number("12"), "list": []any{"element"}}
	if diff := cmp.Diff(want, got.Variables); diff != "" || got.Query != "text" {
		t.Errorf("%q %s", got.Query, diff)
	}
}
