package document

import "github.com/vektah/gqlparser/v2/ast"

// written is what stands in a document, each thing once, fragments and values included.
type astSize struct {
	// nodes are the fields, spreads, fragments, values, directives and variables,
	// and the operations.
	nodes int
	// listItems is the length of the longest list.
	listItems int
	// outOfRange are the numbers that cannot be converted; see isOutOfRange.
	outOfRange []*ast.Value
}

// writtenIn looks at the whole document.
func astSizeOf(doc *ast.QueryDocument) astSize {
	var w astSize
	for _, op := range doc.Operations {
		w.nodes += 2 + len(op.VariableDefinitions) // the operation, and its plan
		w.directives(op.Directives)
		for _, v := range op.VariableDefinitions {
			w.value(v.DefaultValue)
			w.directives(v.Directives)
		}
		w.selections(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		w.nodes++
		w.directives(f.Directives)
		w.selections(f.SelectionSet)
	}
	return w
}

func (w *astSize) selections(set ast.SelectionSet) {
	w.nodes += len(set)
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			w.arguments(sel.Arguments)
			w.directives(sel.Directives)
			w.selections(sel.SelectionSet)
		case *ast.InlineFragment:
			w.directives(sel.Directives)
			w.selections(sel.SelectionSet)
		case *ast.FragmentSpread:
			w.directives(sel.Directives)
		}
	}
}

func (w *astSize) directives(list ast.DirectiveList) {
	w.nodes += len(list)
	for _, directive := range list {
		w.arguments(directive.Arguments)
	}
}

func (w *astSize) arguments(list ast.ArgumentList) {
	for _, argument := range list {
		w.value(argument.Value)
	}
}

func (w *astSize) value(v *ast.Value) {
	if v == nil {
		return
	}
	w.nodes++
	if v.Kind == ast.ListValue {
		w.listItems = max(w.listItems, len(v.Children))
	}
	if isOutOfRange(v) {
		w.outOfRange = append(w.outOfRange, v)
	}
	for _, child := range v.Children {
		w.value(child.Value)
	}
}
