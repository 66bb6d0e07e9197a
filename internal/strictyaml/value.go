package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxBytes bounds what is parsed.
const MaxBytes = 1 << 20

// Error is a mistake in a file. Its text is one line.
type Error struct {
	File string
	// Line counts from 1; 0 when the mistake is in no line.
	Line    int
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

// Value is one value of a file, and where it stands.
type Value struct {
	node *yaml.Node
	file string
}

// Parse reads the one document of a file. The name is for errors.
func Parse(name string, content []byte) (Value, error) {
	if len(content) > MaxBytes {
		return Value{}, &Error{File: name, Message: fmt.Sprintf("the file is larger than %d bytes", MaxBytes)}
	}
	// Not from Load, which would tell only that there is more than one document.
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
	return root, root.plain()
}

func syntaxError(name string, err error) error {
	e := &Error{File: name, Message: "this is no YAML"}
	var mistake *yaml.LoadError
	if errors.As(err, &mistake) {
		e.Line = mistake.Mark.Line
		if strings.HasPrefix(mistake.Message, "unknown anchor") {
			// Which the library names: it could be a secret that begins with a star.
			e.Message = plainly
			return e
		}
		e.Message += ": " + strings.Join(strings.Fields(mistake.Message), " ")
	}
	return e
}

const plainly = "anchors and aliases are not taken: write the value out"

// plain refuses what lets one place of a file say something at another place: who
// reads a rule must see all of it.
func (v Value) plain() error {
	switch {
	case v.node.Kind == yaml.AliasNode || v.node.Anchor != "":
		return v.Errorf(plainly)
	case v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!merge":
		return v.Errorf("merge keys are not taken: write the values out")
	}
	for _, child := range v.node.Content {
		if err := (Value{child, v.file}).plain(); err != nil {
			return err
		}
	}
	return nil
}

// Errorf is a mistake at this value.
func (v Value) Errorf(format string, args ...any) error {
	return &Error{File: v.file, Line: v.node.Line, Message: fmt.Sprintf(format, args...)}
}

// Line is where the value begins, counted from 1.
func (v Value) Line() int { return v.node.Line }

// Text is a single value, as it is written: of so many bytes at most, not empty and without
// control characters. What is the name of it in errors.
func (v Value) Text(what string, most int) (string, error) {
	s := v.node.Value
	switch {
	case v.node.Kind != yaml.ScalarNode || v.node.ShortTag() == "!!null" || v.node.ShortTag() == "!!binary":
		return "", v.Errorf("%s must be a text", what)
	case strings.TrimSpace(s) == "":
		return "", v.Errorf("%s must not be empty", what)
	case len(s) > most:
		return "", v.Errorf("%s must have at most %d bytes", what, most)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", v.Errorf("%s must not contain control characters", what)
	}
	return s, nil
}

// IsText is whether it is a single value, and IsMapping whether it has keys.
func (v Value) IsText() bool { return v.node.Kind == yaml.ScalarNode }

// IsMapping is whether it has keys.
func (v Value) IsMapping() bool { return v.node.Kind == yaml.MappingNode }

// Items are the elements of a list, at least one.
func (v Value) Items(what string) ([]Value, error) {
	items, err := v.ItemsOrNone(what)
	if err == nil && len(items) == 0 {
		err = v.Errorf("%s must not be empty", what)
	}
	return items, err
}

// ItemsOrNone are the elements of a list.
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
