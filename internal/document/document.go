package document

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/cost"
)

// Hash is the SHA-256 of a document's text. Documents are one and the same when their
// texts are, byte for byte.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// HashOf hashes a text.
func HashOf(text string) Hash { return sha256.Sum256([]byte(text)) }

// Document is a document that fits the schema. It is shared by all who send its text,
// so nobody may change it.
type Document struct {
	Hash Hash
	AST  *ast.QueryDocument
	// Beyond are the limits that it goes beyond; only where they are not enforced can
	// there be any.
	Beyond []*LimitError

	sizes []size       // of the operations, in their order
	plans []*cost.Plan // the same
	bytes int          // about how many it holds
}

// Operation is the operation of that name, or the only one without a name given; nil
// when there is none, or no way to tell which.
func (d *Document) Operation(name string) *Operation {
	def := d.AST.Operations.ForName(name)
	for i, op := range d.AST.Operations {
		if op == def && def != nil {
			return &Operation{Definition: def, Introspects: d.sizes[i].introspects, Downloads: d.sizes[i].downloads, Cost: d.plans[i]}
		}
	}
	return nil
}

// Operation is one operation of a document.
type Operation struct {
	Definition *ast.OperationDefinition
	// Introspects is whether it reads the schema.
	Introspects bool
	// Downloads is whether it asks for download URLs.
	Downloads bool
	// Cost is what it can cost.
	Cost *cost.Plan
}

// preparer makes documents of texts.
type preparer struct {
	schema *ast.Schema
	costs  *cost.Model
	limits Limits
	warn   bool // let pass what goes beyond the limits
	reveal bool // tell of the schema
}

// prepare parses, measures and validates a text, in this order, because each costs more
// than the one before. Errors are *SyntaxError, *LimitError and *InvalidError.
func (p *preparer) prepare(text string, hash Hash) (*Document, error) {
	d := &Document{Hash: hash}
	var err error
	d.AST, err = parse(text, p.limits.Tokens)
	if beyond, ok := err.(*LimitError); ok && p.warn { //nolint:errorlint // ours, and not wrapped
		d.Beyond = append(d.Beyond, beyond)
		d.AST, err = parse(text, 0)
	}
	if err != nil {
		return nil, err
	}
	in := astSizeOf(d.AST)
	d.bytes = memoryOf(text, in)
	if err := p.measure(d, in); err != nil {
		return nil, err
	}
	if err := validate(p.schema, d.AST, p.reveal); err != nil {
		return nil, err
	}
	for _, v := range in.outOfRange {
		clampNumber(v)
	}
	dropDefer(d.AST)
	for _, op := range d.AST.Operations {
		d.plans = append(d.plans, p.costs.Compile(op))
	}
	return d, nil
}

// dropDefer takes @defer off, which every schema of the library knows. An answer here
// comes as a whole, and a server may do that.
func dropDefer(doc *ast.QueryDocument) {
	without := func(list ast.DirectiveList) ast.DirectiveList {
		return slices.DeleteFunc(list, func(d *ast.Directive) bool { return d.Name == "defer" })
	}
	var each func(ast.SelectionSet)
	each = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch sel := selection.(type) {
			case *ast.Field:
				each(sel.SelectionSet)
			case *ast.InlineFragment:
				sel.Directives = without(sel.Directives)
				each(sel.SelectionSet)
			case *ast.FragmentSpread:
				sel.Directives = without(sel.Directives)
			}
		}
	}
	for _, op := range doc.Operations {
		each(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		each(f.SelectionSet)
	}
}

// measure holds the document against the limits. What it comes to is the sum of its
// operations, and of the fragments that none of them uses: validation looks at all.
func (p *preparer) measure(d *Document, in astSize) error {
	by := newMeasurer(d.AST)
	var whole size
	var sets []ast.SelectionSet // whatever is not within another
	count := func(s size, set ast.SelectionSet) {
		whole.fields = min(whole.fields+s.fields, maxCount)
		whole.depth = max(whole.depth, s.depth)
		whole.aliases = max(whole.aliases, s.aliases)
		whole.roots = max(whole.roots, s.roots)
		whole.directives = max(whole.directives, s.directives)
		whole.sdls = max(whole.sdls, s.sdls)
		sets = append(sets, set)
	}
	for _, op := range d.AST.Operations {
		s := by.operation(op)
		d.sizes = append(d.sizes, s)
		count(s, op.SelectionSet)
	}
	for _, f := range d.AST.Fragments {
		if _, used := by.sizes[f.Name]; !used {
			s := by.fragment(f.Name)
			s.roots = 0
			count(s, f.SelectionSet)
		}
	}
	if by.cyclic {
		return &InvalidError{gqlerror.List{{Message: safeMessages["NoFragmentCycles"]}}}
	}
	if whole.fields > maxFields {
		return &LimitError{Limit: Tokens, Max: min(p.limits.Tokens, maxFields)}
	}
	for _, held := range []struct {
		limit    Limit
		got, max int
	}{
		{Tokens, whole.fields, p.limits.Tokens},
		{Depth, whole.depth, p.limits.Depth},
		{Aliases, whole.aliases, p.limits.Aliases},
		{RootFields, whole.roots, p.limits.RootFields},
		{Directives, whole.directives, p.limits.Directives},
		{SDLs, whole.sdls, maxSDLs},
		{ListItems, in.listItems, p.limits.ListItems},
	} {
		if err := p.check(d, held.limit, held.got, held.max); err != nil {
			return err
		}
	}
	// Last, because it walks what the document comes to.
	repeated := 0
	for _, set := range sets {
		repeated = max(repeated, by.repetitions(set))
	}
	return p.check(d, Repetitions, repeated, p.limits.Repetitions)
}

// hold is an error when there are more than most, or a note where that is let pass.
func (p *preparer) check(d *Document, limit Limit, got, most int) error {
	if got <= most {
		return nil
	}
	beyond := &LimitError{Limit: limit, Max: most, Got: got}
	if !p.warn {
		return beyond
	}
	d.Beyond = append(d.Beyond, beyond)
	return nil
}
