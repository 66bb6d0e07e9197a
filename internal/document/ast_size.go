package document

import "github.com/vektah/gqlparser/v2/ast"

// astSize is the size of a document as written: each node once, fragments and values included.
type astSize struct {
	// nodes are the fields, spreads, fragments, values, directives, variables and operations.
	nodes int
	// listItems is the length of the longest list.
	listItems int
	// outOfRange are the numbers that cannot be converted; see isOutOfRange.
	outOfRange []*ast.Value
}

// astSizeOf measures the whole document.
func astSizeOf(doc *ast.QueryDocument) astSize {
	var s astSize
	for _, op := range doc.Operations {
		s.nodes += 2 + len(op.VariableDefinitions) // the operation, and its plan
		s.directives(op.Directives)
		for _, v := range op.VariableDefinitions {
			s.value(v.DefaultValue)
			s.directives(v.Directives)
		}
		s.selections(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		s.nodes++
		s.directives(f.Directives)
		s.selections(f.SelectionSet)
	}
	return s
}

func (s *astSize) selections(set ast.SelectionSet) {
	s.nodes += len(set)
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			s.arguments(sel.Arguments)
			s.directives(sel.Directives)
			s.selections(sel.SelectionSet)
		case *ast.InlineFragment:
			s.directives(sel.Directives)
			s.selections(sel.SelectionSet)
		case *ast.FragmentSpread:
			s.directives(sel.Directives)
		}
	}
}

func (s *astSize) directives(list ast.DirectiveList) {
	s.nodes += len(list)
	for _, directive := range list {
		s.arguments(directive.Arguments)
	}
}

func (s *astSize) arguments(list ast.ArgumentList) {
	for _, argument := range list {
		s.value(argument.Value)
	}
}

func (s *astSize) value(v *ast.Value) {
	if v == nil {
		return
	}
	s.nodes++
	if v.Kind == ast.ListValue {
		s.listItems = max(s.listItems, len(v.Children))
	}
	if isOutOfRange(v) {
		s.outOfRange = append(s.outOfRange, v)
	}
	for _, child := range v.Children {
		s.value(child.Value)
	}
}
