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

// Entries are the keys of a mapping in the order of the file, at least one and each
// once.
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

// Fields are the values of a mapping whose keys are known.
type Fields struct {
	of     Value
	what   string
	values map[string]Value
}

// Fields reads a mapping that may have the known keys and no other.
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

// maxShownKey is more than any key has that somebody mistyped.
const maxShownKey = 32

// shown is what errors call a key. One that is so long may be a secret that stands in the
// wrong place.
func shown(key string) string {
	if len(key) > maxShownKey {
		return fmt.Sprintf("of %d bytes", len(key))
	}
	return strconv.Quote(key)
}

// Get is the value of a key, if it is there.
func (f Fields) Get(key string) (Value, bool) {
	v, ok := f.values[key]
	return v, ok
}

// Need is the value of a key that must be there.
func (f Fields) Need(key string) (Value, error) {
	v, ok := f.values[key]
	if !ok {
		return Value{}, f.of.Errorf("%s needs the key %q", f.what, key)
	}
	return v, nil
}

// Each reads every element of the list under a key that must be there.
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
