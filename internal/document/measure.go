package document

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// size is the size of a selection set, or of an operation, with its fragments expanded.
type size struct {
	fields, aliases, directives, roots int
	sdls                               int
	depth                              int
	introspects, downloads             bool
}

// maxCount bounds every count, so that none overflows: fragments within fragments double with each level.
const maxCount = 1 << 30

func (s *size) add(t size) {
	s.fields = min(s.fields+t.fields, maxCount)
	s.aliases = min(s.aliases+t.aliases, maxCount)
	s.directives = min(s.directives+t.directives, maxCount)
	s.sdls = min(s.sdls+t.sdls, maxCount)
	s.introspects = s.introspects || t.introspects
	s.downloads = s.downloads || t.downloads
}

// introspection are the fields that read the schema. The SDL of _service is not among them: composition needs it, and
// it is published anyway.
var introspection = []string{"__schema", "__type"}

// sdlField is the field of _service that holds the SDL of the whole schema: a large response to a short document.
const sdlField = "sdl"

// downloads are the fields that hold a download URL, or lead to one.
var downloads = []string{"deliveryUrl", "snapshotUrl", "components", "privateDownloadDeliveryUrls"}

// measurer measures a document before it is validated, because validation of a hostile document is expensive. It visits
// each fragment once.
type measurer struct {
	fragments map[string]*ast.FragmentDefinition
	sizes     map[string]*size // of fragments; nil while one is being measured
	cyclic    bool             // a fragment contains itself
}

func newMeasurer(doc *ast.QueryDocument) *measurer {
	m := &measurer{
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		sizes:     make(map[string]*size, len(doc.Fragments)),
	}
	for _, f := range doc.Fragments {
		if _, ok := m.fragments[f.Name]; !ok {
			m.fragments[f.Name] = f
		}
	}
	return m
}

func (m *measurer) operation(op *ast.OperationDefinition) size {
	s := m.selections(op.SelectionSet)
	s.directives += len(op.Directives)
	for _, v := range op.VariableDefinitions {
		s.directives += len(v.Directives)
	}
	return s
}

// selections measures a selection set. Its roots are the fields in it, those of its fragments included.
func (m *measurer) selections(set ast.SelectionSet) size {
	var s size
	for _, selection := range set {
		var inner size
		switch sel := selection.(type) {
		case *ast.Field:
			inner = m.selections(sel.SelectionSet)
			inner.fields++
			inner.directives += len(sel.Directives)
			if sel.Alias != "" && sel.Alias != sel.Name {
				inner.aliases++
			}
			inner.introspects = inner.introspects || slices.Contains(introspection, sel.Name)
			inner.downloads = inner.downloads || slices.Contains(downloads, sel.Name)
			if sel.Name == sdlField {
				inner.sdls++
			}
			inner.roots = 1
		case *ast.InlineFragment:
			inner = m.selections(sel.SelectionSet)
			inner.directives += len(sel.Directives)
		case *ast.FragmentSpread:
			inner = m.fragment(sel.Name)
			inner.directives += len(sel.Directives)
		}
		s.add(inner)
		s.roots = min(s.roots+inner.roots, maxCount)
		s.depth = max(s.depth, inner.depth+1)
	}
	return s
}

// fragment measures a fragment once.
func (m *measurer) fragment(name string) size {
	f := m.fragments[name]
	if f == nil {
		return size{}
	}
	s, begun := m.sizes[name]
	if begun && s == nil {
		m.cyclic = true
		return size{}
	}
	if !begun {
		m.sizes[name] = nil
		measured := m.selections(f.SelectionSet)
		measured.directives += len(f.Directives)
		s = &measured
		m.sizes[name] = s
	}
	return *s
}

// repetitions returns the largest number of fields that are merged into one field of the response. A field counts once
// more for each inline fragment around it, where validation compares it again. It walks the document with its fragments
// expanded, of which the size must be bounded.
func (m *measurer) repetitions(sets ...ast.SelectionSet) int {
	within := make(map[string][]ast.SelectionSet)
	count := make(map[string]int)
	entered := make(map[string]bool)
	var collect func(set ast.SelectionSet, weight int)
	collect = func(set ast.SelectionSet, weight int) {
		for _, selection := range set {
			switch sel := selection.(type) {
			case *ast.Field:
				name := sel.Alias
				if name == "" {
					name = sel.Name
				}
				count[name] += weight
				if len(sel.SelectionSet) > 0 {
					within[name] = append(within[name], sel.SelectionSet)
				}
			case *ast.InlineFragment:
				collect(sel.SelectionSet, weight+1)
			case *ast.FragmentSpread:
				if f := m.fragments[sel.Name]; f != nil && !entered[sel.Name] {
					entered[sel.Name] = true
					collect(f.SelectionSet, weight)
				}
			}
		}
	}
	for _, set := range sets {
		collect(set, 1)
	}
	worst := 0
	for _, n := range count {
		worst = max(worst, n)
	}
	for _, inner := range within {
		worst = max(worst, m.repetitions(inner...))
	}
	return worst
}

// LongestList returns the length of the longest list within the values of variables.
func LongestList(variables map[string]any) int {
	longest := 0
	for _, v := range variables {
		longest = max(longest, longestIn(v))
	}
	return longest
}

func longestIn(value any) int {
	longest := 0
	switch v := value.(type) {
	case []any:
		longest = len(v)
		for _, item := range v {
			longest = max(longest, longestIn(item))
		}
	case map[string]any:
		longest = LongestList(v)
	}
	return longest
}
