// Package fastpath writes parts of an answer that need no execution: what is there already,
// chosen by a selection without directives.
package fastpath

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Writer collects JSON. Its zero value is ready for use.
type Writer struct {
	// Max is how many bytes it collects at most; 0 means any number.
	Max int

	json []byte
	full bool
}

// fits reports whether n bytes more are within the bound. From the first that are not on it
// takes nothing.
func (w *Writer) fits(n int) bool {
	if w.Max > 0 && len(w.json)+n > w.Max {
		w.full = true
	}
	return !w.full
}

// Full reports whether there was more than the bound: what was written is of no use then.
func (w *Writer) Full() bool { return w.full }

// Write appends what a marshaler of gqlgen writes. It never fails.
func (w *Writer) Write(p []byte) (int, error) {
	if w.fits(len(p)) {
		w.json = append(w.json, p...)
	}
	return len(p), nil
}

// WriteString is Write without a copy.
func (w *Writer) WriteString(s string) (int, error) {
	w.Text(s)
	return len(s), nil
}

// Text appends JSON as it is.
func (w *Writer) Text(json string) {
	if w.fits(len(json)) {
		w.json = append(w.json, json...)
	}
}

// Grow makes room for so many bytes more.
func (w *Writer) Grow(n int) { w.json = slices.Grow(w.json, n) }

// JSON is all that was written.
func (w *Writer) JSON() []byte { return w.json }

// Enum writes a value of an enumeration, whose names need no escapes either.
func (w *Writer) Enum(name string) {
	w.Text(`"`)
	w.Text(name)
	w.Text(`"`)
}

// Name writes the name of a member of an object. Names of GraphQL need no escapes.
func (w *Writer) Name(name string, first bool) {
	if !first {
		w.Text(",")
	}
	w.Text(`"`)
	w.Text(name)
	w.Text(`":`)
}

// Null writes null, and reports false where there may be none.
func (w *Writer) Null(nonNull bool) bool {
	w.Text("null")
	return !nonNull
}

// List writes a list, each element by element, up to the first for which that is false, and
// reports whether there was none.
func List[T any](w *Writer, list []T, element func(T) bool) bool {
	w.Text("[")
	for i, v := range list {
		if i > 0 {
			w.Text(",")
		}
		if !element(v) {
			return false
		}
	}
	w.Text("]")
	return true
}

// Object writes an object that is of the types: the fields of the selection in the order of an
// execution (GraphQL specification, CollectFields), each by field. It reports false when
// field does, or when the selection needs an execution; what was written is of no use then.
func (w *Writer) Object(sel ast.SelectionSet, types []string, field func(*ast.Field) bool) bool {
	var room [16]string
	o := object{Writer: w, types: types, write: field, names: room[:0]}
	w.Text("{")
	ok := o.fields(sel)
	w.Text("}")
	return ok
}

// object is an object that is being written.
type object struct {
	*Writer

	types     []string
	write     func(*ast.Field) bool
	names     []string // of the members that are written
	fragments []string // that have been spread
}

func (o *object) fields(sel ast.SelectionSet) bool {
	for _, s := range sel {
		ok := true
		switch s := s.(type) {
		case *ast.Field:
			ok = o.field(s)
		case *ast.InlineFragment:
			ok = o.fragment(s.Directives, s.TypeCondition, s.SelectionSet)
		case *ast.FragmentSpread:
			if !slices.Contains(o.fragments, s.Name) {
				o.fragments = append(o.fragments, s.Name)
				ok = o.fragment(s.Directives, s.Definition.TypeCondition, s.Definition.SelectionSet)
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func (o *object) fragment(directives ast.DirectiveList, on string, sel ast.SelectionSet) bool {
	switch {
	case len(directives) > 0:
		return false
	case on != "" && !slices.Contains(o.types, on):
		return true
	default:
		return o.fields(sel)
	}
}

func (o *object) field(f *ast.Field) bool {
	if len(f.Directives) > 0 {
		return false
	}
	if slices.Contains(o.names, f.Alias) {
		// The same field again adds nothing, but to an object, whose selections are merged.
		return len(f.SelectionSet) == 0
	}
	o.Name(f.Alias, len(o.names) == 0)
	o.names = append(o.names, f.Alias)
	return o.write(f)
}
