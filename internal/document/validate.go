package document

import (
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// InvalidError is the error of a document that is not valid for the schema.
type InvalidError struct {
	// Mistakes are at most maxMistakes and one that counts the rest, each with its locations. No message repeats a
	// value, and none names types or fields of the schema unless they may be revealed.
	Mistakes gqlerror.List
}

func (e *InvalidError) Error() string {
	return "the document does not fit the schema: " + e.Mistakes[0].Message
}

// Bounds on the errors of one document.
const (
	maxMistakes     = 20
	maxMistakeBytes = 500
)

// validate checks the document against the schema.
func validate(schema *ast.Schema, doc *ast.QueryDocument, reveal bool) error {
	if len(doc.Operations) == 0 {
		return &InvalidError{gqlerror.List{{Message: "the document holds no operation"}}}
	}
	mistakes := validator.ValidateWithRules(schema, doc, ruleSet(reveal))
	if len(mistakes) == 0 {
		return nil
	}
	reported := make(gqlerror.List, 0, min(len(mistakes), maxMistakes)+1)
	for _, m := range mistakes[:min(len(mistakes), maxMistakes)] {
		message := m.Message
		if !reveal || len(message) > maxMistakeBytes {
			message = safeMessage(m)
		}
		reported = append(reported, &gqlerror.Error{Message: message, Locations: m.Locations})
	}
	if more := len(mistakes) - maxMistakes; more > 0 {
		reported = append(reported, &gqlerror.Error{Message: "there are " + strconv.Itoa(more) + " more mistakes"})
	}
	return &InvalidError{reported}
}

// ruleSet returns the rules of the specification. With reveal their messages name and suggest types and fields of the
// schema; without, the rules do not look for suggestions at all.
func ruleSet(reveal bool) *rules.Rules {
	set := rules.NewDefaultRules()
	if reveal {
		set.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, valuesOfCorrectType(valuesOfCorrectTypeUnquoted))
		return set
	}
	for loud, quiet := range map[string]core.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: {
			RuleFunc: valuesOfCorrectType(rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc),
		},
	} {
		set.ReplaceRule(loud, quiet.RuleFunc)
	}
	return set
}

// valuesOfCorrectTypeUnquoted is the rule ValuesOfCorrectType, whose messages repeat values, with messages that name
// the accepted values instead.
func valuesOfCorrectTypeUnquoted(observers *core.Events, addError core.AddErrFunc) {
	var at *ast.Value // the value that the rule checks
	observers.OnValue(func(_ *core.Walker, value *ast.Value) { at = value })
	rules.ValuesOfCorrectTypeRule.RuleFunc(observers, func(...core.ErrorOption) {
		message := `Expected a value of type "` + at.ExpectedType.String() + `"`
		if at.Definition != nil && at.Definition.Kind == ast.Enum {
			names := make([]string, len(at.Definition.EnumValues))
			for i, value := range at.Definition.EnumValues {
				names[i] = value.Name
			}
			message += ": " + core.OrList(names...)
		}
		addError(core.Message("%s.", message), core.At(at.Position))
	})
}

// safeMessages say what each rule demands, without names of the schema or the document.
var safeMessages = map[string]string{
	"FieldsOnCorrectType":          "a field is not known where it is asked for",
	"FragmentsOnCompositeTypes":    "a fragment is on something that has no fields",
	"KnownArgumentNames":           "an argument is not known",
	"KnownDirectives":              "a directive is not known, or not where it stands",
	"KnownFragmentNames":           "a fragment is used that the document does not hold",
	"KnownRootType":                "this kind of operation is not served",
	"KnownTypeNames":               "a type is not known",
	"LoneAnonymousOperation":       "an operation without a name must be the only one",
	"MaxIntrospectionDepth":        "introspection goes too deep",
	"NoFragmentCycles":             "a fragment holds itself",
	"NoUndefinedVariables":         "a variable is used that the operation does not define",
	"NoUnusedFragments":            "a fragment is not used",
	"NoUnusedVariables":            "a variable is not used",
	"OverlappingFieldsCanBeMerged": "two fields go by one name and cannot be merged: give one of them an alias",
	"PossibleFragmentSpreads":      "a fragment can never apply where it is used",
	"ProvidedRequiredArguments":    "an argument is missing",
	"ScalarLeafs":                  "a field lacks its selection of fields, or has one and holds a plain value",
	"SingleFieldSubscriptions":     "a subscription must select one field",
	"UniqueArgumentNames":          "an argument is given twice",
	"UniqueDirectivesPerLocation":  "a directive is applied twice",
	"UniqueFragmentNames":          "two fragments have one name",
	"UniqueInputFieldNames":        "a field of an input object is given twice",
	"UniqueOperationNames":         "two operations have one name",
	"UniqueVariableNames":          "two variables have one name",
	"ValuesOfCorrectType":          "a value does not fit the type that is wanted",
	"VariablesAreInputTypes":       "a variable has a type that no variable can have",
	"VariablesInAllowedPosition":   "a variable is used where its type does not fit",
}

func safeMessage(m *gqlerror.Error) string {
	words, ok := safeMessages[m.Rule]
	if !ok {
		words = "the document does not fit the schema"
	}
	if len(m.Locations) > 0 {
		words += fmt.Sprintf(" (line %d, column %d)", m.Locations[0].Line, m.Locations[0].Column)
	}
	return words
}
