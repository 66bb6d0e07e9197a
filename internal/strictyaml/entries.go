package strictyaml

import (
	"errors"

	"go.yaml.in/yaml/v4"
)

// Entry is a key of a file of settings, and its value.
type Entry struct {
	Key Text
	// Values are the elements of the list, or the one value where IsList is false.
	Values []Scalar
	IsList bool
	// Position is where the value, or the list, begins.
	Position
}

// Scalar is a value as it is written. Kind is what YAML takes it for.
type Scalar struct {
	Text
	Kind Kind
}

// Kind is the kind of a Scalar.
type Kind int

// The kinds of a Scalar. Kinds without use in settings, such as fractions, are texts.
const (
	TextKind Kind = iota
	BoolKind
	IntegerKind
)

// LoadEntries decodes the one document of a file: keys whose values are scalars or lists of scalars. The entries that it
// could decode are returned beside the error, which is an *Error or Errors. A text may be empty.
func LoadEntries(name string, content []byte) ([]Entry, error) {
	root, err := parse(content)
	if err != nil {
		return nil, located(name, root, err)
	}
	if _, err = checkKeys(root, "", false); root.Kind != yaml.MappingNode {
		return nil, located(name, root, err)
	}
	entries := make([]Entry, 0, len(root.Content)/2)
	errs := []error{err}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		e := Entry{
			Key:    Text{Value: key.Value, Position: positionOf(key)},
			IsList: value.Kind == yaml.SequenceNode, Position: positionOf(value),
		}
		nodes := []*yaml.Node{value}
		if e.IsList {
			nodes = value.Content
		}
		if err := errors.Join(checkScalars(nodes)...); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, node := range nodes {
			e.Values = append(e.Values, Scalar{Text{node.Value, positionOf(node)}, kindOf(node)})
		}
		entries = append(entries, e)
	}
	if err := errors.Join(errs...); err != nil {
		return entries, located(name, root, err)
	}
	return entries, nil
}

func checkScalars(nodes []*yaml.Node) []error {
	errs := []error{checkValues(nodes)}
	for _, node := range nodes {
		if node.Kind != yaml.ScalarNode {
			errs = append(errs, &nodeError{node: node, message: "must be a value, or a list of values"})
		} else if node.ShortTag() != "!!null" && node.Value != "" {
			errs = append(errs, checkText(node, ""))
		}
	}
	return errs
}

func kindOf(node *yaml.Node) Kind {
	switch node.ShortTag() {
	case "!!bool":
		return BoolKind
	case "!!int":
		return IntegerKind
	default:
		return TextKind
	}
}
