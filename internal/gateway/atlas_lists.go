package gateway

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/cost"
)

// atlasLists counts the fields of one answer that are there because a list of Atlas is longer
// than the estimate of the operation assumed: nobody knows its length before it was read. It
// is safe for concurrent use.
type atlasLists struct {
	// max is how many there may be; 0 means any number.
	max  int64
	used atomic.Int64
}

type atlasListsKey struct{}

func (f *atlasLists) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, atlasListsKey{}, f)
}

// longListError is a list for whose elements the answer has no fields left.
type longListError struct{ max int64 }

func (e *longListError) Error() string {
	return fmt.Sprintf("the lists that Atlas sent make the answer too large: beyond what was foreseen it can have %d fields; ask for fewer things", e.max)
}

var errTooManyElements = &atlas.Error{
	Kind: atlas.KindMalformed,
	Err:  fmt.Errorf("a list has more than %d elements", atlas.MaxElements),
}

// check returns an error for the value of a field that is a list of Atlas's, where it is too long
// by itself or the answer has no room for it. The lists of connections are as long as their
// arguments say, and cannot be null.
func (f *atlasLists) check(ctx context.Context, oc *graphql.OperationContext, value any) error {
	if value == nil || reflect.TypeOf(value).Kind() != reflect.Slice {
		return nil
	}
	n := reflect.ValueOf(value).Len()
	field := graphql.GetFieldContext(ctx)
	if n <= cost.AssumedItems || field == nil || field.Field.Definition == nil {
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
		// To write it takes time that there is not.
		return err
	}
	if f == nil {
		return nil
	}
	more := int64(n-cost.AssumedItems) * int64(1+fieldsBelow(oc, field.Field.Selections))
	if used := f.used.Add(more); f.max > 0 && used > f.max {
		f.used.Add(-more)
		return &longListError{f.max}
	}
	return nil
}

// fieldsBelow is how many fields an object with the selections has, as the estimate counts them.
func fieldsBelow(oc *graphql.OperationContext, selections ast.SelectionSet) int {
	n := 0
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			below := fieldsBelow(oc, s.SelectionSet)
			if s.Definition != nil && s.Definition.Type.Elem != nil {
				below *= cost.AssumedItems
			}
			n += 1 + below
		case *ast.InlineFragment:
			n += fieldsBelow(oc, s.SelectionSet)
		case *ast.FragmentSpread:
			if f := oc.Doc.Fragments.ForName(s.Name); f != nil {
				n += fieldsBelow(oc, f.SelectionSet)
			}
		}
	}
	return n
}

// atlasListsOf is the one of the operation that ctx belongs to, or nil.
func atlasListsOf(ctx context.Context) *atlasLists {
	f, _ := ctx.Value(atlasListsKey{}).(*atlasLists)
	return f
}
