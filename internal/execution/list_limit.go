package execution

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/cost"
)

// LongListError is the error of a list of Atlas for whose elements the answer has no fields left.
type LongListError struct{ Max int64 }

func (e *LongListError) Error() string {
	return fmt.Sprintf("the lists that Atlas sent make the answer too large: beyond what was foreseen it can have %d "+
		"fields; ask for fewer things", e.Max)
}

var errTooManyElements = &atlas.Error{
	Kind: atlas.KindMalformed,
	Err:  fmt.Errorf("a list has more than %d elements", atlas.MaxElements),
}

// checkList returns an error for the value of a field that is a list of Atlas, where the list has more than
// atlas.MaxElements elements or goes beyond the limits of the operation. The lists of connections have as many elements
// as their arguments say, cannot be null, and are not checked.
func checkList(ctx context.Context, oc *graphql.OperationContext, value any) error {
	if value == nil || reflect.TypeOf(value).Kind() != reflect.Slice {
		return nil
	}
	n := reflect.ValueOf(value).Len()
	if n <= cost.AssumedItems {
		return nil
	}
	field := graphql.GetFieldContext(ctx)
	if field == nil || field.Field.Definition == nil {
		return nil
	}
	of := field.Field.Definition.Type
	if of.Elem == nil || of.NonNull || strings.HasPrefix(field.Object, "__") {
		return nil
	}
	if n > atlas.MaxElements {
		return errTooManyElements
	}
	if err := ctx.Err(); err != nil {
		// There is no time left to write the list.
		return err
	}
	return limitsOf(ctx).addListFields(int64(n-cost.AssumedItems) * int64(1+countFields(oc, field.Field.Selections)))
}

// addListFields counts n fields, unless they go beyond the limit.
func (l *Limits) addListFields(n int64) error {
	if l == nil {
		return nil
	}
	if got := l.listFields.Add(n); l.MaxListFields > 0 && got > l.MaxListFields {
		l.listFields.Add(-n)
		return &LongListError{l.MaxListFields}
	}
	return nil
}

// countFields returns how many fields an object with the selections has, as package cost counts them.
func countFields(oc *graphql.OperationContext, selections ast.SelectionSet) int {
	n := 0
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			below := countFields(oc, s.SelectionSet)
			if s.Definition != nil && s.Definition.Type.Elem != nil {
				below *= cost.AssumedItems
			}
			n += 1 + below
		case *ast.InlineFragment:
			n += countFields(oc, s.SelectionSet)
		case *ast.FragmentSpread:
			if f := oc.Doc.Fragments.ForName(s.Name); f != nil {
				n += countFields(oc, f.SelectionSet)
			}
		}
	}
	return n
}
