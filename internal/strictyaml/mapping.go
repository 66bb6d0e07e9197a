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

// Fields has the values of a mapping with known keys.
type Fields struct {
	of     Value
	what   string
	values map[string]Value
}

// Fields returns the values of a mapping that has no other keys than the known ones.
func (v Value) Fields(what string, known ...string) (Fields, error) {
	entries, err := v.Entries(what)
	if err != nil {
		return Fields{}, err
	}
	f := Fields{of: v, what: what, values: make(map[string]Value, len(entries))}
	for _, e := range entries {
		if !slices.Contains(known, e.Key) {
			return Fields{}, e.At.Errorf("unknown key %s: %s can have %s", shown(e.Key), what, strings.Join(known, ", "))
		}
		f.values[e.Key] = e.Value
	}
	return f, nil
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
func (f Fields) Get(key string) (Value, bool) {
	v, ok := f.values[key]
	return v, ok
}

// Need returns the value of a required key.
func (f Fields) Need(key string) (Value, error) {
	v, ok := f.values[key]
	if !ok {
		return Value{}, f.of.Errorf("%s needs the key %q", f.what, key)
	}
	return v, nil
}

// Each reads the elements of the list of a required key.
func Each[T any](f Fields, key string, read func(Value) (T, error)) ([]T, error) {
	v, err := f.Need(key)
	if err != nil {
		return nil, err
	}
	items, err := v.Items(key)
	if err != nil {
		return nil, err
	}
	all := make([]T, 0, len(items))
	for _, item := range items {
		one, err := read(item)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
