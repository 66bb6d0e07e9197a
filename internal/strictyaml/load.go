package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxBytes bounds the content of a file.
const MaxBytes = 1 << 20

// Error is a mistake in a file. Its text is one line: file:line:column and what is wrong there.
type Error struct {
	File string
	Position
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	text := e.File + ":" + strconv.Itoa(e.Line)
	if e.Column > 0 {
		text += ":" + strconv.Itoa(e.Column)
	}
	return text + ": " + e.Message
}

// Errors are several mistakes in a file, in the order of their places. Their text is one line.
type Errors []*Error

// maxShownErrors bounds the mistakes in the text of Errors.
const maxShownErrors = 10

func (e Errors) Error() string {
	texts := make([]string, 0, maxShownErrors)
	for i, mistake := range e {
		if i == maxShownErrors {
			return fmt.Sprintf("%s; and %d more", strings.Join(texts, "; "), len(e)-i)
		}
		texts = append(texts, mistake.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the mistakes.
func (e Errors) Unwrap() []error {
	all := make([]error, 0, len(e))
	for _, mistake := range e {
		all = append(all, mistake)
	}
	return all
}

// Load decodes the one document of a file into T, a struct whose fields have the tag yaml with their key and, where the
// key is required, the tag required. Then it calls read, which returns what the document means. The error is an *Error
// of the file, or Errors; read has its own from At.Errorf, joined where there are several.
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

// located returns the mistakes of err as those of the file, each once.
func located(name string, root *yaml.Node, err error) error {
	var all Errors
	for _, leaf := range mistakes(err) {
		mistake := &Error{Message: "this is no YAML"}
		var ofNode *nodeError
		var ofLibrary *yaml.LoadError
		switch {
		case errors.As(leaf, &mistake):
		case errors.As(leaf, &ofNode):
			mistake = ofNode.in(root)
		case errors.As(leaf, &ofLibrary):
			// Its text repeats the value, which can be a secret.
			mistake = &Error{
				Position: Position{ofLibrary.Mark.Line, ofLibrary.Mark.Column}, Message: "this value has the wrong kind",
			}
		}
		mistake.File = name
		all = append(all, mistake)
	}
	slices.SortStableFunc(all, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	all = slices.CompactFunc(all, func(a, b *Error) bool { return *a == *b })
	switch len(all) {
	case 0:
		return &Error{File: name, Message: "this is no YAML"}
	case 1:
		return all[0]
	}
	return all
}

// mistakes returns the errors that err joins, without those of the library where this package has errors of its own: the
// library repeats them.
func mistakes(err error) []error {
	var own, ofLibrary []error
	var visit func(error)
	visit = func(err error) {
		switch e := err.(type) { //nolint:errorlint // the structure of the error, from the outside in
		case nil:
		case *yaml.LoadErrors:
			for _, one := range e.Errors {
				visit(one)
			}
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				visit(one)
			}
		case *Error, *nodeError:
			own = append(own, err)
		case *yaml.LoadError:
			if before := len(own); e.Unwrap() != nil {
				if visit(e.Unwrap()); len(own) > before {
					return
				}
			}
			ofLibrary = append(ofLibrary, err)
		}
	}
	visit(err)
	if len(own) > 0 {
		return own
	}
	return ofLibrary
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
		return nil, &Error{Position: positionOf(&second), Message: "a second document begins here: keep one"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(err)
	}
	return document.Content[0], checkPlain(document.Content[0])
}

func syntaxError(err error) error {
	e := &Error{Message: "this is no YAML"}
	var mistake *yaml.LoadError
	if errors.As(err, &mistake) {
		e.Position = Position{mistake.Mark.Line, mistake.Mark.Column}
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

// checkPlain returns an error for each anchor, alias and merge key: a person who reads a rule must see all of it in one
// place.
func checkPlain(node *yaml.Node) error {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return positionOf(node).Errorf(noAnchors)
	case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!merge":
		return positionOf(node).Errorf("merge keys are not taken: write the values out")
	}
	var errs []error
	for _, child := range node.Content {
		errs = append(errs, checkPlain(child))
	}
	return errors.Join(errs...)
}
