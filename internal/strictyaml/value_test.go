package strictyaml

import (
	"strings"
	"testing"
)

func TestWhatIsNotStrictIsAnErrorWithItsLine(t *testing.T) {
	fields := func(v Value) error {
		f, err := v.Fields("the file", "name", "items")
		if err != nil {
			return err
		}
		if _, err := Each(f, "items", func(v Value) (string, error) { return v.Text("an item", 5) }); err != nil {
			return err
		}
		name, err := f.Need("name")
		if err != nil {
			return err
		}
		_, err = name.Text("name", 10)
		return err
	}
	tests := map[string]struct{ content, want string }{
		"an empty file":         {"", "f.yaml: the file is empty"},
		"only a comment":        {"# nothing\n", "f.yaml: the file is empty"},
		"no YAML":               {"name: [a\nitems: b", "f.yaml:"},
		"a tab":                 {"name: a\n\titems: b", "f.yaml:"},
		"a control character":   {"name: \x01", "f.yaml: this is no YAML"},
		"two documents":         {"name: a\n---\nname: b\n", "f.yaml:2: a second document"},
		"a broken second one":   {"name: a\n---\nname: [\n", "f.yaml:4:"},
		"a list":                {"- a\n", "f.yaml:1: the file must have keys"},
		"null":                  {"null\n", "f.yaml:1: the file must have keys"},
		"no keys":               {"{}\n", "f.yaml:1: the file must not be empty"},
		"an unknown key":        {"name: a\nitem: [b]\n", `f.yaml:2: unknown key "item": the file can have name, items`},
		"a secret for a key":    {"name: a\narg_0123456789abcdef0123456789abcdef: b\n", "f.yaml:2: unknown key of 36 bytes: the file can have name, items"},
		"a key in capitals":     {"Name: a\n", `f.yaml:1: unknown key "Name"`},
		"a key twice":           {"name: a\nitems: [b]\nname: c\n", `f.yaml:3: the key "name" stands in line 1 already`},
		"a key that is a list":  {"? [a]\n: b\n", "f.yaml:1: a key must be a text"},
		"an anchor":             {"name: a\nitems: &all [b]\n", "f.yaml:2: anchors"},
		"an alias":              {"name: &n a\nitems: [*n]\n", "f.yaml:1: anchors"},
		"a merge key":           {"<<: {name: a}\nitems: [b]\n", "f.yaml:1: merge keys"},
		"a missing key":         {"items: [b]\n", `f.yaml:1: the file needs the key "name"`},
		"a list that is none":   {"name: a\nitems: b\n", "f.yaml:2: items must be a list"},
		"a list without any":    {"name: a\nitems: []\n", "f.yaml:2: items must not be empty"},
		"an item that is a map": {"name: a\nitems:\n- b\n- c: d\n", "f.yaml:4: an item must be a text"},
		"an item too long":      {"name: a\nitems:\n- b\n- cccccc\n", "f.yaml:4: an item must have at most 5 bytes"},
		"an item of nothing":    {"name: a\nitems: [b, ' ']\n", "f.yaml:2: an item must not be empty"},
		"no text":               {"name: ~\nitems: [b]\n", "f.yaml:1: name must be a text"},
		"binary":                {"name: !!binary aGk=\nitems: [b]\n", "f.yaml:1: name must be a text"},
		"a line break in it":    {"name: \"a\\nb\"\nitems: [b]\n", "f.yaml:1: name must not contain control"},
		"too much":              {"name: " + strings.Repeat("a", MaxBytes), "f.yaml: the file is larger"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := Parse("f.yaml", []byte(tt.content))
			if err == nil {
				err = fields(v)
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	v, err := Parse("f.yaml", []byte("name: 123456\nitems: [a, \"b\"]\n"))
	if err == nil {
		err = fields(v)
	}
	if err != nil {
		t.Errorf("a good file is refused: %v", err)
	}
}
