package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxBytes bounds the content of a file.
const MaxBytes = 1 << 20

// Error is a mistake in a file. Its text is one line.
type Error struct {
	File string
	// Line is counted from 1; 0 when the mistake has no line.
	Line    int
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

// Value is a value of a file, with its line.
type Value struct {
	node *yaml.Node
	file string
}

func parse(name string, content []byte) (Value, error) {
	if len(content) > MaxBytes {
		return Value{}, &Error{File: name, Message: fmt.Sprintf("the file is larger than %d bytes", MaxBytes)}
	}
	// yaml.Load would not say where the second document begins.
	loader, err := yaml.NewLoader(strings.NewReader(string(content)))
	if err != nil {
		return Value{}, syntaxError(name, err)
	}
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF):
		return Value{}, &Error{File: name, Message: "the file is empty"}
	case err != nil:
		return Value{}, syntaxError(name, err)
	case len(document.Content) != 1:
		return Value{}, &Error{File: name, Message: "the file is empty"}
	}
	switch err := loader.Load(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return Value{}, syntaxError(name, err)
	default:
		return Value{}, &Error{File: name, Line: second.Line, Message: "a second document begins here: keep one"}
	}
	root := Value{document.Content[0], name}
	return root, root.checkPlain()
}

func syntaxError(name string, err error) error {
	e := &Error{File: name, Message: "this is no YAML"}
	var mistake *yaml.LoadError
	if errors.As(err, &mistake) {
		e.Line = mistake.Mark.Line
		if strings.HasPrefix(mistake.Message, "unknown anchor") {
			// The library repeats the name, which could be a secret that begins with a star.
			e.Message = noAnchors
			return e
		}
		e.Message += ": " + strings.Join(strings.Fields(mistake.Message), " ")
	}
	return e
}

const noAnchors = "anchors and aliases are not taken: write the value out"

// checkPlain returns an error for anchors, aliases and merge keys: a person who reads a rule must see all of it in one
// place.
func (v Value) checkPlain() error {
	switch {
	case v.node.Kind == yaml.AliasNode || v.node.Anchor != "":
		return v.Errorf(noAnchors)
	case v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!merge":
		return v.Errorf("merge keys are not taken: write the values out")
	}
	for _, child := range v.node.Content {
		if err := (Value{child, v.file}).checkPlain(); err != nil {
			return err
		}
	}
	return nil
}

// Errorf returns the error of a mistake at this value.
func (v Value) Errorf(format string, args ...any) error {
	return &Error{File: v.file, Line: v.node.Line, Message: fmt.Sprintf(format, args...)}
}

// Line returns the line in which the value begins, counted from 1.
func (v Value) Line() int { return v.node.Line }

// Text returns a scalar as it is written: not empty, without control characters, and of at most maxBytes. What names
// the value in errors.
func (v Value) Text(what string, maxBytes int) (string, error) {
	s := v.node.Value
	switch {
	case v.node.Kind != yaml.ScalarNode || v.node.ShortTag() == "!!null" || v.node.ShortTag() == "!!binary":
		return "", v.Errorf("%s must be a text", what)
	case strings.TrimSpace(s) == "":
		return "", v.Errorf("%s must not be empty", what)
	case len(s) > maxBytes:
		return "", v.Errorf("%s must have at most %d bytes", what, maxBytes)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", v.Errorf("%s must not contain control characters", what)
	}
	return s, nil
}

// IsText reports whether the value is a scalar.
func (v Value) IsText() bool { return v.node.Kind == yaml.ScalarNode }

// IsMapping reports whether the value has keys.
func (v Value) IsMapping() bool { return v.node.Kind == yaml.MappingNode }

// Items returns the elements of a list that is not empty.
func (v Value) Items(what string) ([]Value, error) {
	items, err := v.ItemsOrNone(what)
	if err == nil && len(items) == 0 {
		err = v.Errorf("%s must not be empty", what)
	}
	return items, err
}

// OneOrMore returns the elements of a list that is not empty, or the scalar that takes the place of a list.
func (v Value) OneOrMore(what string) ([]Value, error) {
	if v.IsText() {
		return []Value{v}, nil
	}
	return v.Items(what)
}

// ItemsOrNone returns the elements of a list.
func (v Value) ItemsOrNone(what string) ([]Value, error) {
	if v.node.Kind != yaml.SequenceNode {
		return nil, v.Errorf("%s must be a list", what)
	}
	items := make([]Value, len(v.node.Content))
	for i, node := range v.node.Content {
		items[i] = Value{node, v.file}
	}
	return items, nil
}
