package cost

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// introspectionSizes returns how many elements the lists of introspection have: all types and directives, and for the
// lists below them the average, so that the whole schema counts as what it is.
func introspectionSizes(schema *ast.Schema) map[string]int {
	var fields, arguments, inputs, values, interfaces int
	for _, def := range schema.Types {
		switch def.Kind {
		case ast.InputObject:
			inputs += len(def.Fields)
		default:
			fields += len(def.Fields)
			for _, field := range def.Fields {
				arguments += len(field.Arguments)
			}
		}
		values += len(def.EnumValues)
		interfaces += len(def.Interfaces)
	}
	possible := 0
	for _, types := range schema.PossibleTypes {
		possible += len(types)
	}
	types := len(schema.Types)
	return map[string]int{
		"types": types, "directives": len(schema.Directives),
		"fields": average(fields, types), "args": average(arguments, fields), "inputFields": average(inputs, types),
		"enumValues": average(values, types), "interfaces": average(interfaces, types),
		"possibleTypes": average(possible, types),
	}
}

// average returns sum/n, rounded up.
func average(sum, n int) int { return (sum + n - 1) / max(n, 1) }

// sizeOf returns how many elements a list has for which the schema gives no size.
func (m *Model) sizeOf(field *ast.Field) int {
	if parent := field.ObjectDefinition; parent != nil && strings.HasPrefix(parent.Name, "__") {
		if n, ok := m.listed[field.Name]; ok {
			return n
		}
	}
	return AssumedItems
}
