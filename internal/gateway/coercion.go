package gateway

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceVariables replaces the values of the operation's variables by the result of input coercion (GraphQL
// specification, "Input Coercion" of each type): a single value is a list of one, and 1.0 is the Int 1. It returns an
// error, with the path of the value, for each variable that a built-in scalar or an enumeration does not accept.
// gqlparser, which checks variables next, accepts a text as an Int, a number as a String and a value of an enumeration
// in any case.
//
// Custom scalars are not coerced: a value that they reject is an error of the field. Null, and missing or unknown
// fields of input objects, are left to gqlparser.
func coerceVariables(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any) gqlerror.List {
	var errs gqlerror.List
	for _, def := range op.VariableDefinitions {
		value, given := variables[def.Variable]
		if !given {
			continue
		}
		c := coercer{schema: schema, path: ast.Path{ast.PathName("variable"), ast.PathName(def.Variable)}}
		coerced, ok := c.value(def.Type, value)
		if !ok {
			errs = append(errs, &gqlerror.Error{Path: c.path})
			continue
		}
		variables[def.Variable] = coerced
	}
	return errs
}

// coercer coerces one value with all that it contains. Its path leads to the value that is being coerced, and after a
// failure to the value that failed.
type coercer struct {
	schema *ast.Schema
	path   ast.Path
}

func (c *coercer) value(t *ast.Type, value any) (coerced any, ok bool) {
	switch {
	case value == nil:
		return nil, true
	case t.Elem != nil:
		return c.list(t, value)
	}
	def := c.schema.Types[t.NamedType]
	if def == nil {
		return value, true
	}
	switch def.Kind {
	case ast.Enum:
		name, isText := value.(string)
		return value, isText && def.EnumValues.ForName(name) != nil
	case ast.InputObject:
		return c.object(def, value)
	default:
		return coerceScalar(def.Name, value)
	}
}

func (c *coercer) list(t *ast.Type, value any) (any, bool) {
	list, many := value.([]any)
	if !many {
		coerced, ok := c.value(t.Elem, value)
		return []any{coerced}, ok
	}
	for i := range list {
		c.path = append(c.path, ast.PathIndex(i))
		var ok bool
		if list[i], ok = c.value(t.Elem, list[i]); !ok {
			return nil, false
		}
		c.path = c.path[:len(c.path)-1]
	}
	return list, true
}

func (c *coercer) object(def *ast.Definition, value any) (any, bool) {
	object, ok := value.(map[string]any)
	if !ok || def.Directives.ForName("oneOf") != nil && !hasOne(object) {
		return nil, false
	}
	for _, field := range def.Fields {
		inner, given := object[field.Name]
		if !given {
			continue
		}
		c.path = append(c.path, ast.PathName(field.Name))
		if object[field.Name], ok = c.value(field.Type, inner); !ok {
			return nil, false
		}
		c.path = c.path[:len(c.path)-1]
	}
	return object, true
}

// hasOne reports whether an input object with @oneOf has exactly one field, which is not null. gqlparser checks literals
// alone.
func hasOne(object map[string]any) bool {
	for _, value := range object {
		return len(object) == 1 && value != nil
	}
	return false
}

// coerceScalar coerces a value for a built-in scalar. It returns values of other scalars unchanged.
func coerceScalar(scalar string, value any) (coerced any, ok bool) {
	switch scalar {
	case "Int":
		whole, ok := wholeNumber(value)
		if !ok {
			return nil, false
		}
		_, err := strconv.ParseInt(string(whole), 10, 32)
		return whole, err == nil
	case "Float":
		number, ok := value.(json.Number)
		if !ok {
			return nil, false
		}
		_, err := number.Float64()
		return number, err == nil
	case "String":
		_, ok = value.(string)
		return value, ok
	case "Boolean":
		_, ok = value.(bool)
		return value, ok
	case "ID":
		if _, text := value.(string); text {
			return value, true
		}
		whole, ok := wholeNumber(value)
		return string(whole), ok
	default:
		return value, true
	}
}

// wholeNumber returns a number without a fraction in digits: 1.0 and 1e0 are 1.
func wholeNumber(value any) (json.Number, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return "", false
	}
	if !strings.ContainsAny(string(number), ".eE") {
		return number, true
	}
	f, err := number.Float64()
	if err != nil || f != math.Trunc(f) {
		return "", false
	}
	return json.Number(strconv.FormatFloat(f, 'f', 0, 64)), true
}
