package document

import (
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// builtInScalars are the scalars of the GraphQL specification. Their literals are validated; a custom scalar accepts
// any literal.
var builtInScalars = []string{"Int", "Float", "String", "Boolean", "ID"}

// isOutOfRange reports whether a literal is a number that gqlparser cannot convert: an IntValue outside of int64, or a
// FloatValue outside of float64. gqlparser's ArgumentMap panics on such a literal.
func isOutOfRange(v *ast.Value) bool {
	// The lexer has checked the syntax, so the error is about the range.
	switch v.Kind {
	case ast.IntValue:
		_, err := strconv.ParseInt(v.Raw, 10, 64)
		return err != nil
	case ast.FloatValue:
		_, err := strconv.ParseFloat(v.Raw, 64)
		return err != nil
	default:
		return false
	}
}

// clampNumber replaces a literal that isOutOfRange by the nearest float64. In a valid document it is a value of a
// custom scalar, and each of ours rejects the number in an error of the field, like any other malformed value.
func clampNumber(v *ast.Value) {
	v.Kind = ast.FloatValue
	if _, err := strconv.ParseFloat(v.Raw, 64); err == nil {
		return
	}
	nearest := math.MaxFloat64
	if strings.HasPrefix(v.Raw, "-") {
		nearest = -nearest
	}
	v.Raw = strconv.FormatFloat(nearest, 'g', -1, 64)
}

// isWronglyAccepted reports whether gqlparser's rule ValuesOfCorrectType accepts a literal that does not fit its type:
// an Int of more than 32 bits, or an object without fields for a built-in scalar or an enumeration.
func isWronglyAccepted(v *ast.Value) bool {
	if v.Definition == nil || v.ExpectedType == nil {
		return false
	}
	switch v.Kind {
	case ast.IntValue:
		if v.Definition.Name != "Int" || isOutOfRange(v) {
			return false
		}
		_, err := strconv.ParseInt(v.Raw, 10, 32)
		return err != nil
	case ast.ObjectValue:
		return len(v.Children) == 0 && (v.Definition.Kind == ast.Enum || v.Definition.OneOf(builtInScalars...))
	default:
		return false
	}
}

// valuesOfCorrectType extends a rule for literals by isWronglyAccepted.
func valuesOfCorrectType(rule core.RuleFunc) core.RuleFunc {
	return func(observers *core.Events, addError core.AddErrFunc) {
		rule(observers, addError)
		observers.OnValue(func(_ *core.Walker, v *ast.Value) {
			if isWronglyAccepted(v) {
				addError(core.Message("Expected a value of type %q.", v.ExpectedType.String()), core.At(v.Position))
			}
		})
	}
}
