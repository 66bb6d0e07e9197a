package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxKeyBytes bounds a key.
const maxKeyBytes = 256

// Entry is a key and its value.
type Entry struct {
	Key   string
	At    Value // the key itself
	Value Value
}

// Entries returns the entries of a mapping in the order of the file. An empty mapping and a duplicate key are errors.
func (v Value) Entries(what string) ([]Entry, error) {
	if v.node.Kind != yaml.MappingNode {
		return nil, v.Errorf("%s must have keys and values", what)
	}
	if len(v.node.Content) == 0 {
		return nil, v.Errorf("%s must not be empty", what)
	}
	entries := make([]Entry, 0, len(v.node.Content)/2)
	seen := make(map[string]int, len(v.node.Content)/2)
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		at := Value{v.node.Content[i], v.file}
		key, err := at.Text("a key", maxKeyBytes)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[key]; twice {
			return nil, at.Errorf("the key %s stands in line %d already", shown(key), first)
		}
		seen[key] = at.Line()
		entries = append(entries, Entry{key, at, Value{v.node.Content[i+1], v.file}})
	}
	return entries, nil
}

// Fields has the values of a mapping with known keys. It keeps its first error, which Err returns: after an error the
// methods read nothing and return zero values.
type Fields struct {
	of     Value
	what   string
	values map[string]Value
	err    error
}

// ParseFields parses the one document of a file, which is a mapping that can have the known keys. Name is the file and
// what the mapping, in errors.
func ParseFields(name string, content []byte, what string, known ...string) *Fields {
	root, err := parse(name, content)
	if err != nil {
		return &Fields{err: err}
	}
	return root.Fields(what, known...)
}

// Fields returns the values of a mapping that can have the known keys.
func (v Value) Fields(what string, known ...string) *Fields {
	f := &Fields{of: v, what: what, values: make(map[string]Value)}
	entries, err := v.Entries(what)
	f.fail(err)
	for _, e := range entries {
		if !slices.Contains(known, e.Key) {
			f.fail(e.At.Errorf("unknown key %s: %s can have %s", shown(e.Key), what, strings.Join(known, ", ")))
		}
		f.values[e.Key] = e.Value
	}
	return f
}

// Err returns the first error.
func (f *Fields) Err() error { return f.err }

func (f *Fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// maxShownKey is longer than any mistyped key.
const maxShownKey = 32

// shown returns the name of a key in an error. A longer key is not shown: it may be a secret in the wrong place.
func shown(key string) string {
	if len(key) > maxShownKey {
		return fmt.Sprintf("of %d bytes", len(key))
	}
	return strconv.Quote(key)
}

// Get returns the value of a key, if there is one.
func (f *Fields) Get(key string) (Value, bool) {
	v, ok := f.values[key]
	return v, ok && f.err == nil
}

// Need returns the value of a required key.
func (f *Fields) Need(key string) Value {
	v, ok := f.Get(key)
	if !ok && f.err == nil {
		f.fail(f.of.Errorf("%s needs the key %q", f.what, key))
	}
	return v
}

// Read reads the value of a required key.
func (f *Fields) Read(key string, read func(Value) error) {
	if v := f.Need(key); f.err == nil {
		f.fail(read(v))
	}
}

// ReadOptional reads the value of a key, if there is one.
func (f *Fields) ReadOptional(key string, read func(Value) error) {
	if v, ok := f.Get(key); ok {
		f.fail(read(v))
	}
}

// Text returns the text of a required key, as Value.Text.
func (f *Fields) Text(key string, maxBytes int) (text string) {
	f.Read(key, func(v Value) (err error) {
		text, err = v.Text(key, maxBytes)
		return err
	})
	return text
}

// OptionalText returns the text of a key; "" if there is none.
func (f *Fields) OptionalText(key string, maxBytes int) string {
	if _, ok := f.Get(key); !ok {
		return ""
	}
	return f.Text(key, maxBytes)
}

// Each reads the elements of the list of a required key, which is not empty.
func (f *Fields) Each(key string, read func(Value) error) {
	f.Read(key, func(v Value) error {
		items, err := v.Items(key)
		for i := 0; i < len(items) && err == nil; i++ {
			err = read(items[i])
		}
		return err
	})
}
