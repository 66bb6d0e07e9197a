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

// Load decodes the one document of a file into T, a struct whose fields have the tag yaml with their key and, where the
// key is required, the tag required. Then it calls read, which returns what the document means. The error is an *Error
// of the file; read has its own from At.Errorf.
func Load[T, R any](name string, content []byte, read func(T) (R, error)) (R, error) {
	var result R
	root, err := parse(content)
	if err == nil {
		var document At[T]
		if err = document.UnmarshalYAML(root); err == nil {
			result, err = read(document.Value)
		}
	}
	if err == nil {
		return result, nil
	}
	var none R
	return none, located(name, root, err)
}

// located returns the error as one of the file.
func located(name string, root *yaml.Node, err error) error {
	var (
		mistake   *Error
		ofNode    *nodeError
		ofLibrary *yaml.LoadError
	)
	if errors.As(err, &ofLibrary) {
		err = ofLibrary // of several, the first one
	}
	switch {
	case errors.As(err, &mistake):
	case errors.As(err, &ofNode):
		mistake = ofNode.in(root)
	case ofLibrary != nil:
		// Its text repeats the value, which can be a secret.
		mistake = &Error{Line: ofLibrary.Mark.Line, Message: "this value has the wrong kind"}
	default:
		mistake = &Error{Message: "this is no YAML"}
	}
	mistake.File = name
	return mistake
}

// parse returns the content of the one document of a file.
func parse(content []byte) (*yaml.Node, error) {
	if len(content) > MaxBytes {
		return nil, &Error{Message: fmt.Sprintf("the file is larger than %d bytes", MaxBytes)}
	}
	// yaml.Load would not say where the second document begins.
	loader, err := yaml.NewLoader(strings.NewReader(string(content)))
	if err != nil {
		return nil, syntaxError(err)
	}
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, syntaxError(err)
	case len(document.Content) != 1:
		return nil, &Error{Message: "the file is empty"}
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, &Error{Line: second.Line, Message: "a second document begins here: keep one"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(err)
	}
	return document.Content[0], checkPlain(document.Content[0])
}

func syntaxError(err error) error {
	e := &Error{Message: "this is no YAML"}
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
func checkPlain(node *yaml.Node) error {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return &Error{Line: node.Line, Message: noAnchors}
	case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!merge":
		return &Error{Line: node.Line, Message: "merge keys are not taken: write the values out"}
	}
	for _, child := range node.Content {
		if err := checkPlain(child); err != nil {
			return err
		}
	}
	return nil
}
