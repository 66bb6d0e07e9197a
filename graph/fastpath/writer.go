package fastpath

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Writer collects JSON. Its zero value is ready for use, without bounds.
type Writer struct {
	// MaxListItems is how many elements a list may have that can be null; 0 is any number.
	MaxListItems int

	json    []byte
	budget  *Budget  // nil is no bound
	granted int      // bytes taken from the budget
	full    bool     // the budget was spent
	names   []string // of the members written so far of each object that is not complete, one object behind the other
}

// minGrant is the smallest number of bytes that is taken from a budget.
const minGrant = 4 << 10

// fits reports whether n bytes more are within the budget. From the first that are not on it takes nothing.
func (w *Writer) fits(n int) bool {
	if w.budget != nil && !w.full && len(w.json)+n > w.granted {
		more := max(n, minGrant, len(w.json))
		if w.full = !w.budget.take(more); !w.full {
			w.granted += more
		}
	}
	return !w.full
}

// discard gives everything back to the budget.
func (w *Writer) discard() {
	w.json = nil
	_ = w.finish()
}

// finish returns what was written, and gives the rest back to the budget.
func (w *Writer) finish() []byte {
	if w.budget != nil {
		w.budget.Add(int64(w.granted - len(w.json)))
		w.granted = len(w.json)
	}
	return w.json
}

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

// grow prepares for n bytes more.
func (w *Writer) grow(n int) { w.json = slices.Grow(w.json, n) }

// Enum writes a value of an enumeration. Names of GraphQL need no escapes.
func (w *Writer) Enum(name string) {
	if w.fits(len(name) + len(`""`)) {
		w.json = append(w.json, '"')
		w.json = append(w.json, name...)
		w.json = append(w.json, '"')
	}
}

// Name writes the name of a member of an object. Names of GraphQL need no escapes.
func (w *Writer) Name(name string, first bool) {
	if !w.fits(len(name) + len(`,"":`)) {
		return
	}
	if !first {
		w.json = append(w.json, ',')
	}
	w.json = append(w.json, '"')
	w.json = append(w.json, name...)
	w.json = append(w.json, '"', ':')
}

// Null writes null, and reports false where the type is non-null.
func (w *Writer) Null(nonNull bool) bool {
	w.Text("null")
	return !nonNull
}

// List writes a list, each element by the function element, up to the first for which it reports false. It reports
// false then, and for a nullable list of more than MaxListItems elements.
func List[T any](w *Writer, list []T, nonNull bool, element func(T) bool) bool {
	if !nonNull && w.MaxListItems > 0 && len(list) > w.MaxListItems {
		return false
	}
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

// Object writes an object that is of the types: the fields of the selection in the order of an execution (GraphQL
// specification, CollectFields), each by the function field. It reports false when field does, or when gqlgen must
// execute the selection; what was written is of no use then.
func (w *Writer) Object(sel ast.SelectionSet, types []string, field func(*ast.Field) bool) bool {
	o := object{Writer: w, types: types, write: field, start: len(w.names)}
	w.Text("{")
	ok := o.fields(sel)
	w.Text("}")
	w.names = w.names[:o.start]
	return ok && !w.full
}

// object is an object that is being written.
type object struct {
	*Writer

	types     []string
	write     func(*ast.Field) bool
	start     int      // of the names of its members
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
	names := o.names[o.start:]
	if slices.Contains(names, f.Alias) {
		// The same field again adds nothing, but to an object, whose selections are merged.
		return len(f.SelectionSet) == 0
	}
	o.Name(f.Alias, len(names) == 0)
	o.names = append(o.names, f.Alias)
	return o.write(f)
}
