package cost

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Plan is the cost of an operation, as far as it is known without its variables. It has nodes for the fields that are
// fetched, and for lists; the other fields are counted. It does not change after Compile.
type Plan struct {
	model *Model
	root  node
}

// node is a field of a Plan.
type node struct {
	field *ast.Field
	cost  *fieldCost
	// when are the @skip and @include of the field and of the fragments around it.
	when ast.DirectiveList
	// size is how many elements it has, where it is a list for which the schema gives no size.
	size int
	// own is how many fields without nodes each of its objects has.
	own      int
	children []*node
}

// Compile returns the plan of a validated operation. The operation's size with its fragments expanded must be bounded.
func (m *Model) Compile(op *ast.OperationDefinition) *Plan {
	p := &Plan{model: m, root: node{cost: &fieldCost{}}}
	m.compile(&p.root, op.SelectionSet, nil)
	return p
}

func (m *Model) compile(into *node, set ast.SelectionSet, when ast.DirectiveList) {
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			m.compileField(into, sel, conditions(when, sel.Directives))
		case *ast.InlineFragment:
			m.compile(into, sel.SelectionSet, conditions(when, sel.Directives))
		case *ast.FragmentSpread:
			m.compile(into, sel.Definition.SelectionSet, conditions(when, sel.Directives))
		}
	}
}

func (m *Model) compileField(into *node, field *ast.Field, when ast.DirectiveList) {
	c, known := m.fields[field.Definition]
	if len(when) == 0 && (!known || c.mode == single && c.weight == 0 && (!c.list || len(field.SelectionSet) == 0)) {
		// It needs no node.
		into.own++
		m.compile(into, field.SelectionSet, nil)
		return
	}
	if !known {
		c = &fieldCost{}
	}
	n := &node{field: field, cost: c, when: when, size: m.sizeOf(field)}
	m.compile(n, field.SelectionSet, nil)
	into.children = append(into.children, n)
}

// conditions adds the @skip and @include among the directives.
func conditions(when, directives ast.DirectiveList) ast.DirectiveList {
	for _, d := range directives {
		if d.Name == "skip" || d.Name == "include" {
			when = append(when[:len(when):len(when)], d)
		}
	}
	return when
}

// included reports whether the field is asked for with these variables.
func (n *node) included(variables map[string]any) bool {
	for _, d := range n.when {
		condition := d.Arguments.ForName("if")
		if condition == nil {
			continue
		}
		value, err := condition.Value.Value(variables)
		yes, ok := value.(bool)
		if err == nil && ok && yes == (d.Name == "skip") {
			return false
		}
	}
	return true
}
