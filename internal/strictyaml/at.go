package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

const (
	// maxTextBytes bounds a text and a key.
	maxTextBytes = 512
	// maxShownKey is longer than any mistyped key.
	maxShownKey = 32
)

// At is a value of a file and where it begins. T is a string, a struct, a slice or a map from strings. A string is not
// empty, has no control characters and at most 512 bytes; a slice, a map and a struct have an element, but for a slice
// with a method MayBeEmpty.
type At[T any] struct {
	Value T
	Position
}

// Position is a place in a file: line and column are counted from 1, and are 0 for a value that the file does not have.
type Position struct{ Line, Column int }

// Errorf returns the error of a mistake at this place.
func (p Position) Errorf(format string, args ...any) error {
	return &Error{Position: p, Message: fmt.Sprintf(format, args...)}
}

// Text is a text of a file.
type Text = At[string]

// List is a list of a file.
type List[E any] = At[[]At[E]]

// UnmarshalYAML decodes a value with the strict options of the library. The error has all mistakes in the value.
func (a *At[T]) UnmarshalYAML(node *yaml.Node) error {
	a.Position = positionOf(node)
	if err := check(node, reflect.TypeFor[T]()); err != nil {
		// Without the strict options only the mistakes in the values of this one are new.
		var within T
		return errors.Join(append(mistakes(node.Load(&within, yaml.WithUniqueKeys(false))), err)...)
	}
	return node.Load(&a.Value, yaml.WithKnownFields(), yaml.WithUniqueKeys())
}

func positionOf(node *yaml.Node) Position { return Position{Line: node.Line, Column: node.Column} }

// Texts is a list of texts, or one text in the place of a list.
type Texts struct {
	List[string]
	// IsText reports whether the file has a text, and no list.
	IsText bool
}

// UnmarshalYAML decodes a text or a list of texts.
func (t *Texts) UnmarshalYAML(node *yaml.Node) error {
	if t.IsText = node.Kind == yaml.ScalarNode; !t.IsText {
		return t.List.UnmarshalYAML(node)
	}
	t.Position, t.Value = positionOf(node), make([]Text, 1)
	return t.Value[0].UnmarshalYAML(node)
}

// nodeError is a mistake at a node, or at one of its keys.
type nodeError struct {
	node *yaml.Node
	key  *yaml.Node // nil: the node itself
	// what names the node between before and message; "": its key does.
	before, what, message string
}

func (e *nodeError) Error() string { return e.before + e.what + " " + e.message }

// in returns the error with the names of the document.
func (e *nodeError) in(root *yaml.Node) *Error {
	if e.what == "" {
		e.what = keyOf(root, e.node)
	}
	return &Error{Position: positionOf(cmp.Or(e.key, e.node)), Message: e.Error()}
}

// keyOf names a node by the key that it is the value of, or an element of.
func keyOf(parent, node *yaml.Node) string {
	for i, child := range parent.Content {
		key := ""
		if parent.Kind == yaml.MappingNode && i%2 == 1 {
			key = parent.Content[i-1].Value
		}
		switch found := keyOf(child, node); {
		case child == node && key != "":
			return key
		case child == node:
			return "an element"
		case found == "an element" && key != "":
			return found + " of " + key
		case found != "":
			return found
		}
	}
	if parent == node {
		return "the file"
	}
	return ""
}

// check returns an error where the node cannot be a value of the type. It has all mistakes but those in the values of
// the node.
func check(node *yaml.Node, t reflect.Type) error {
	switch t.Kind() {
	case reflect.String:
		return checkText(node, "")
	case reflect.Slice:
		_, mayBeEmpty := reflect.Zero(t).Interface().(interface{ MayBeEmpty() })
		switch {
		case node.Kind != yaml.SequenceNode:
			return &nodeError{node: node, message: "must be a list"}
		case len(node.Content) == 0 && !mayBeEmpty:
			return &nodeError{node: node, message: "must not be empty"}
		}
		return checkValues(node.Content)
	case reflect.Struct:
		return checkFields(node, t)
	default:
		values, err := checkKeys(node, "", false)
		return errors.Join(err, checkValues(values))
	}
}

// checkText returns an error where the node is no text. What names the node.
func checkText(node *yaml.Node, what string) error {
	var message string
	switch s := node.Value; {
	case node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" || node.ShortTag() == "!!binary":
		message = "must be a text"
	case strings.TrimSpace(s) == "":
		message = "must not be empty"
	case len(s) > maxTextBytes:
		message = fmt.Sprintf("must have at most %d bytes", maxTextBytes)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		message = "must not contain control characters"
	default:
		return nil
	}
	return &nodeError{node: node, what: what, message: message}
}

// checkValues returns an error for each value that is null: the library takes that for a zero value.
func checkValues(nodes []*yaml.Node) error {
	var errs []error
	for _, node := range nodes {
		if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" {
			errs = append(errs, &nodeError{node: node, message: "must have a value"})
		}
	}
	return errors.Join(errs...)
}

// checkKeys returns the values of a mapping. What names the mapping, and secret reports whether a key can be a secret in
// the wrong place. An empty mapping and a duplicate key are errors.
func checkKeys(node *yaml.Node, what string, secret bool) ([]*yaml.Node, error) {
	switch {
	case node.Kind != yaml.MappingNode:
		return nil, &nodeError{node: node, what: what, message: "must have keys and values"}
	case len(node.Content) == 0:
		return nil, &nodeError{node: node, what: what, message: "must not be empty"}
	}
	var errs []error
	values := make([]*yaml.Node, 0, len(node.Content)/2)
	lines := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		values = append(values, node.Content[i+1])
		if err := checkText(key, "a key"); err != nil {
			errs = append(errs, err)
			continue
		}
		if first, twice := lines[key.Value]; twice {
			errs = append(errs, &nodeError{
				node: key, what: strings.TrimSpace("the key " + shown(key.Value, secret)),
				message: fmt.Sprintf("stands in line %d already", first),
			})
			continue
		}
		lines[key.Value] = key.Line
	}
	return values, errors.Join(errs...)
}

// checkFields returns an error where a mapping has another key than the fields of the struct, or lacks a required one.
func checkFields(node *yaml.Node, t reflect.Type) error {
	zero := reflect.Zero(t).Interface()
	what := ""
	if named, ok := zero.(interface{ Noun() string }); ok {
		what = named.Noun()
	}
	_, secret := zero.(interface{ HidesKeys() })
	values, err := checkKeys(node, what, secret)
	if len(values) == 0 {
		return err
	}
	errs := []error{err}
	var known, missing []string
	var ofKnown []*yaml.Node // the others would be named by keys that can be secrets
	unknown := false
	for field := range t.Fields() {
		key := field.Tag.Get("yaml")
		known = append(known, key)
		if field.Tag.Get("required") != "" {
			missing = append(missing, key)
		}
	}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		if !slices.Contains(known, key.Value) {
			unknown = true
			if checkText(key, "") == nil {
				errs = append(errs, &nodeError{
					node: node, key: key, what: what,
					before:  strings.TrimSpace("unknown key "+shown(key.Value, secret)) + ": ",
					message: "can have " + strings.Join(known, ", "),
				})
			}
			continue
		}
		ofKnown = append(ofKnown, node.Content[i+1])
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == key.Value })
	}
	if unknown {
		missing = nil // most often the unknown key is the missing one, misspelled
	}
	for _, key := range missing {
		errs = append(errs, &nodeError{node: node, what: what, message: "needs the key " + strconv.Quote(key)})
	}
	return errors.Join(append(errs, checkValues(ofKnown))...)
}

// shown returns the name of a key in an error. A longer key is not shown: it may be a secret in the wrong place.
func shown(key string, secret bool) string {
	switch {
	case secret:
		return ""
	case len(key) > maxShownKey:
		return fmt.Sprintf("of %d bytes", len(key))
	}
	return strconv.Quote(key)
}
