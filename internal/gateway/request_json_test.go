package gateway

import (
	stdjson "encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
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

// hasDuplicates reports whether an object in the next value has a name twice.
func hasDuplicates(d *stdjson.Decoder) bool {
	t, err := d.Token()
	if err != nil {
		return false
	}
	found := false
	names := map[any]bool{}
	for t == stdjson.Delim('{') || t == stdjson.Delim('[') {
		if !d.More() {
			_, _ = d.Token()
			break
		}
		if t == stdjson.Delim('{') {
			name, err := d.Token()
			if err != nil {
				return found
			}
			found = found || names[name]
			names[name] = true
		}
		found = hasDuplicates(d) || found
	}
	return found
}

func FuzzDecodeJSON(f *testing.F) {
	for _, text := range []string{
		`{}`, `null`, `[]`, `"a"`, `1`, ``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a" 1}`, `{1:2}`, `{"a":[1,]}`,
		`{"a":[}`, `{"a":[1 2]}`,
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
			var got jsonObject
			if decodeJSON([]byte(text), &got) == nil {
				t.Fatalf("%q is no JSON and becomes %v", text, got)
			}
			return
		}
		var got jsonObject
		err := decodeJSON([]byte(text), &got)
		if hasDuplicates(stdjson.NewDecoder(strings.NewReader(text))) {
			if !errors.Is(err, jsontext.ErrDuplicateName) {
				t.Fatalf("%q has a name twice: got %v, %v", text, got, err)
			}
			return
		}
		want, wantErr := members(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got %v, want %v", text, err, wantErr)
		}
		if diff := cmp.Diff(want, map[string]any(got)); err == nil && diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

func TestDecodeJSON_copiesFromTheBody(t *testing.T) {
	body := []byte(`{"query":"text","variables":{"name":"value","number":12,"list":["element"]}}`)
	var got struct {
		Query     string     `json:"query"`
		Variables jsonObject `json:"variables"`
	}
	if err := decodeJSON(body, &got); err != nil {
		t.Fatal(err)
	}
	clear(body)
	want := jsonObject{"name": "value", "number": stdjson.Number("12"), "list": []any{"element"}}
	if diff := cmp.Diff(want, got.Variables); diff != "" || got.Query != "text" {
		t.Errorf("%q %s", got.Query, diff)
	}
}

func TestDecodeJSON_rejectsDuplicateNames(t *testing.T) {
	e := newEnv(t)
	const query = `"query":"query($a:Int){__typename @skip(if:false) projects(first:$a){nodes{id}}}"`
	for name, body := range map[string]string{
		"the query":             `{"query":"{__typename}","query":"{a:__typename}"}`,
		"the variables":         `{` + query + `,"variables":{"a":1},"variables":{"a":2}}`,
		"a variable":            `{` + query + `,"variables":{"a":1,"a":2}}`,
		"by an escape":          `{` + query + `,"variables":{"a":1,"\u0061":2}}`,
		"within a variable":     `{` + query + `,"variables":{"a":1,"b":[{"c":1,"c":1}]}}`,
		"an extension":          `{` + query + `,"extensions":{"persistedQuery":{"version":1,"version":1}}}`,
		"a member of no import": `{"query":"{__typename}","x":1,"x":{}}`,
	} {
		r := e.send(t, "POST", "/graphql", body, post, asGraphQL)
		if r.Status != 400 || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "two members of one name") {
			t.Errorf("%s: got %d %s", name, r.Status, r.Raw)
		}
	}
	for name, query := range map[string]string{
		"a parameter":           "query={__typename}&query={a:__typename}",
		"an empty one":          "query={__typename}&operationName=&operationName=A",
		"a variable":            `query={__typename}&variables={"a":1,"a":2}`,
		"within the extensions": `query={__typename}&extensions={"a":{"b":1,"b":2}}`,
	} {
		r := e.send(t, "GET", "/graphql?"+query, "", curl)
		if r.Status != 400 || len(r.Errors) != 1 ||
			!strings.Contains(r.Errors[0].Message, "twice") && !strings.Contains(r.Errors[0].Message, "of one name") {
			t.Errorf("%s in the URL: got %d %s", name, r.Status, r.Raw)
		}
	}
	if r := e.send(t, "GET", "/graphql?query={__typename}&other=1&other=2", "", curl); r.Status != 200 {
		t.Errorf("an unknown parameter: got %d %s", r.Status, r.Raw)
	}
}
