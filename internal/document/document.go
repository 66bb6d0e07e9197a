package document

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/cost"
)

// Hash is the SHA-256 of a document's text. Documents are the same when their texts are, byte for byte.
type Hash [sha256.Size]byte

// String returns the hash in hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// HashOf returns the hash of a text.
func HashOf(text string) Hash { return sha256.Sum256([]byte(text)) }

// Document is a document that is valid for the schema. All requests with its text share it, so it must not be changed.
type Document struct {
	Hash Hash
	AST  *ast.QueryDocument
	// Beyond are the limits that the document exceeds, where they are not enforced.
	Beyond []*LimitError

	sizes []size       // of the operations, in their order
	plans []*cost.Plan // of the operations
	bytes int          // an estimate of its memory
}

// Operation returns the operation of that name, or the only one when name is "". It returns nil when there is none, or
// several without a name to choose one.
func (d *Document) Operation(name string) *Operation {
	def := d.AST.Operations.ForName(name)
	for i, op := range d.AST.Operations {
		if op == def && def != nil {
			return &Operation{
				Definition: def, Introspects: d.sizes[i].introspects, Downloads: d.sizes[i].downloads, Cost: d.plans[i],
			}
		}
	}
	return nil
}

// Operation is one operation of a document.
type Operation struct {
	Definition *ast.OperationDefinition
	// Introspects reports whether the operation reads the schema.
	Introspects bool
	// Downloads reports whether the operation asks for download URLs.
	Downloads bool
	// Cost is the plan of the operation's cost.
	Cost *cost.Plan
}

// preparer makes documents from texts.
type preparer struct {
	schema *ast.Schema
	costs  *cost.Model
	limits Limits
	warn   bool // accept documents that exceed limits
	reveal bool // errors may name types and fields of the schema
}

// prepare parses, measures and validates a text, in this order, because each step costs more than the one before.
// Errors are *SyntaxError, *LimitError and *InvalidError.
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

// dropDefer removes @defer, which is in every schema of the library. A server may ignore it and send the response as a
// whole.
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

// measure checks the document against the limits. Operations are measured, and fragments that no operation uses,
// because validation checks them all.
func (p *preparer) measure(d *Document, in astSize) error {
	by := newMeasurer(d.AST)
	var whole size
	var sets []ast.SelectionSet // that are not within another one
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
	for _, check := range []struct {
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
		if err := p.check(d, check.limit, check.got, check.max); err != nil {
			return err
		}
	}
	// Last, because it walks the document with its fragments expanded.
	repeated := 0
	for _, set := range sets {
		repeated = max(repeated, by.repetitions(set))
	}
	return p.check(d, Repetitions, repeated, p.limits.Repetitions)
}

// check returns an error when got exceeds the maximum, or records it where limits are not enforced.
func (p *preparer) check(d *Document, limit Limit, got, maximum int) error {
	if got <= maximum {
		return nil
	}
	beyond := &LimitError{Limit: limit, Max: maximum, Got: got}
	if !p.warn {
		return beyond
	}
	d.Beyond = append(d.Beyond, beyond)
	return nil
}
