package strictyaml

import (
	"errors"
	"fmt"
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
		"two documents":       {content: "name: a\n---\nname: b\n", want: "f.yaml:2:1: a second document"},
		"a broken second one": {content: "name: a\n---\nname: [\n", want: "f.yaml:4:"},
		"a list":              {content: "- a\n", want: "f.yaml:1:1: the file must have keys"},
		"null":                {content: "null\n", want: "f.yaml:1:1: the file must have keys"},
		"no keys":             {content: "{}\n", want: "f.yaml:1:1: the file must not be empty"},
		"an unknown key": {
			content: "name: a\nitem: [b]\n", want: `f.yaml:2:1: unknown key "item": the file can have name, items`,
		},
		"a secret for a key": {
			content: "name: a\narg_0123456789abcdef0123456789abcdef: b\n",
			want:    "f.yaml:2:1: unknown key of 36 bytes: the file can have name, items",
		},
		"a key in capitals": {content: "Name: a\n", want: `f.yaml:1:1: unknown key "Name"`},
		"a key twice": {
			content: "name: a\nitems: [b]\nname: c\n", want: `f.yaml:3:1: the key "name" stands in line 1 already`,
		},
		"a key that is a list":  {content: "? [a]\n: b\n", want: "f.yaml:1:3: a key must be a text"},
		"an anchor":             {content: "name: a\nitems: &all [b]\n", want: "f.yaml:2:8: anchors"},
		"an alias":              {content: "name: &n a\nitems: [*n]\n", want: "f.yaml:1:7: anchors"},
		"a merge key":           {content: "<<: {name: a}\nitems: [b]\n", want: "f.yaml:1:1: merge keys"},
		"a missing key":         {content: "items: [b]\n", want: `f.yaml:1:1: the file needs the key "name"`},
		"a list that is none":   {content: "name: a\nitems: b\n", want: "f.yaml:2:8: items must be a list"},
		"a list without any":    {content: "name: a\nitems: []\n", want: "f.yaml:2:8: items must not be empty"},
		"an item that is a map": {content: "name: a\nitems:\n- b\n- c: d\n", want: "f.yaml:4:3: an element of items must be a text"},
		"an item too long": {
			content: "name: a\nitems:\n- b\n- " + strings.Repeat("c", 513), want: "f.yaml:4:3: an element of items must have at most 512 bytes",
		},
		"an item of nothing": {content: "name: a\nitems: [b, ' ']\n", want: "f.yaml:2:12: an element of items must not be empty"},
		"no text":            {content: "name: ~\nitems: [b]\n", want: "f.yaml:1:7: name must have a value"},
		"binary":             {content: "name: !!binary aGk=\nitems: [b]\n", want: "f.yaml:1:7: name must be a text"},
		"a line break in it": {content: "name: \"a\\nb\"\nitems: [b]\n", want: "f.yaml:1:7: name must not contain control"},
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

func TestLoad_reportsEveryMistakeInItsOrder(t *testing.T) {
	const content = "name: [a]\nitems: [b, {c: d}, ' ']\nitem: e\nname: f\n"
	_, err := Load("f.yaml", []byte(content), func(testFile) (string, error) { return "", nil })
	want := []string{
		"f.yaml:1:7: name must be a text",
		"f.yaml:2:12: an element of items must be a text",
		"f.yaml:2:20: an element of items must not be empty",
		`f.yaml:3:1: unknown key "item": the file can have name, items`,
		`f.yaml:4:1: the key "name" stands in line 1 already`,
	}
	if got := fmt.Sprint(err); got != strings.Join(want, "; ") {
		t.Errorf("got %s", got)
	}
}

func TestLoad_reportsEveryMistakeOfMeaning(t *testing.T) {
	_, err := Load("f.yaml", []byte("name: a\nitems: [b, c]\n"), func(f testFile) (string, error) {
		return "", errors.Join(f.Items.Value[1].Errorf("no c"), f.Name.Errorf("no a"))
	})
	if got, want := fmt.Sprint(err), "f.yaml:1:7: no a; f.yaml:2:12: no c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrors_showsTheFirstOfMany(t *testing.T) {
	_, err := Load("f.yaml", []byte("name: a\nitems: ["+strings.Repeat("{},", 30)+"]\n"),
		func(testFile) (string, error) { return "", nil })
	if got := fmt.Sprint(err); strings.Count(got, "must be a text") != 10 || !strings.HasSuffix(got, "; and 20 more") {
		t.Errorf("got %s", got)
	}
}
