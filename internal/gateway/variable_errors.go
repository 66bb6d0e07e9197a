package gateway

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// variableErrors returns the errors of variables with our own messages, which say which variable and where: the
// validator's repeat values. Names within a variable are left out: the client may have made them up, or know them from
// the schema alone.
func variableErrors(op *ast.OperationDefinition, variables map[string]any, errs gqlerror.List) gqlerror.List {
	out := make(gqlerror.List, len(errs))
	for i, err := range errs {
		out[i] = &gqlerror.Error{
			Message: variableMessage(op, variables, err.Path), Extensions: map[string]any{"code": codeBadUserInput},
		}
	}
	return out
}

// variableMessage returns the message of an error at a path (variable.name.field[0]).
func variableMessage(op *ast.OperationDefinition, variables map[string]any, path ast.Path) string {
	if len(path) < 2 {
		return "a variable does not fit its type"
	}
	name, _ := path[1].(ast.PathName)
	place := "the variable $" + string(name)
	for _, step := range path[2:] {
		if index, ok := step.(ast.PathIndex); ok {
			place = fmt.Sprintf("%s[%d]", place, index)
		}
	}
	def := op.VariableDefinitions.ForName(string(name))
	if def == nil {
		return place + ": does not fit its type"
	}
	value, given := variables[string(name)]
	switch {
	case !given && def.DefaultValue != nil:
		return place + ": its default does not fit its type " + def.Type.String()
	case !given && len(path) == 2:
		return place + ": must be given"
	case value == nil && len(path) == 2:
		return place + ": cannot be null"
	default:
		return place + ": does not fit its type " + def.Type.String()
	}
}
