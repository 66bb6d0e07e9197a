package strictyaml

import (
	"strings"
	"testing"
)

type testFile struct {
	Name  Text         `yaml:"name" required:"true"`
	Items List[string] `yaml:"items" required:"true"`
}

func TestLoad_rejectsWhatIsNotStrictWithItsLine(t *testing.T) {
	read := func(content string) error {
		_, err := Load("f.yaml", []byte(content), func(f testFile) (string, error) { return f.Name.Value, nil })
		return err
	}
	tests := map[string]struct{ content, want string }{
		"an empty file":       {want: "f.yaml: the file is empty"},
		"only a comment":      {content: "# nothing\n", want: "f.yaml: the file is empty"},
		"no YAML":             {content: "name: [a\nitems: b", want: "f.yaml:"},
		"a tab":               {content: "name: a\n\titems: b", want: "f.yaml:"},
		"a control character": {content: "name: \x01", want: "f.yaml: this is no YAML"},
		"two documents":       {content: "name: a\n---\nname: b\n", want: "f.yaml:2: a second document"},
		"a broken second one": {content: "name: a\n---\nname: [\n", want: "f.yaml:4:"},
		"a list":              {content: "- a\n", want: "f.yaml:1: the file must have keys"},
		"null":                {content: "null\n", want: "f.yaml:1: the file must have keys"},
		"no keys":             {content: "{}\n", want: "f.yaml:1: the file must not be empty"},
		"an unknown key": {
			content: "name: a\nitem: [b]\n", want: `f.yaml:2: unknown key "item": the file can have name, items`,
		},
		"a secret for a key": {
			content: "name: a\narg_0123456789abcdef0123456789abcdef: b\n",
			want:    "f.yaml:2: unknown key of 36 bytes: the file can have name, items",
		},
		"a key in capitals": {content: "Name: a\n", want: `f.yaml:1: unknown key "Name"`},
		"a key twice": {
			content: "name: a\nitems: [b]\nname: c\n", want: `f.yaml:3: the key "name" stands in line 1 already`,
		},
		"a key that is a list":  {content: "? [a]\n: b\n", want: "f.yaml:1: a key must be a text"},
		"an anchor":             {content: "name: a\nitems: &all [b]\n", want: "f.yaml:2: anchors"},
		"an alias":              {content: "name: &n a\nitems: [*n]\n", want: "f.yaml:1: anchors"},
		"a merge key":           {content: "<<: {name: a}\nitems: [b]\n", want: "f.yaml:1: merge keys"},
		"a missing key":         {content: "items: [b]\n", want: `f.yaml:1: the file needs the key "name"`},
		"a list that is none":   {content: "name: a\nitems: b\n", want: "f.yaml:2: items must be a list"},
		"a list without any":    {content: "name: a\nitems: []\n", want: "f.yaml:2: items must not be empty"},
		"an item that is a map": {content: "name: a\nitems:\n- b\n- c: d\n", want: "f.yaml:4: an element of items must be a text"},
		"an item too long": {
			content: "name: a\nitems:\n- b\n- " + strings.Repeat("c", 513), want: "f.yaml:4: an element of items must have at most 512 bytes",
		},
		"an item of nothing": {content: "name: a\nitems: [b, ' ']\n", want: "f.yaml:2: an element of items must not be empty"},
		"no text":            {content: "name: ~\nitems: [b]\n", want: "f.yaml:1: name must have a value"},
		"binary":             {content: "name: !!binary aGk=\nitems: [b]\n", want: "f.yaml:1: name must be a text"},
		"a line break in it": {content: "name: \"a\\nb\"\nitems: [b]\n", want: "f.yaml:1: name must not contain control"},
		"too much":           {content: "name: " + strings.Repeat("a", MaxBytes), want: "f.yaml: the file is larger"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := read(tt.content)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	err := read("name: 123456\nitems: [a, \"b\"]\n")
	if err != nil {
		t.Errorf("a valid file is rejected: %v", err)
	}
}
