package document

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/cost"
)

// DefaultCacheBytes holds some thousand documents of the usual size.
const DefaultCacheBytes = 16 << 20

// TrustMode says what is done about documents that are not in the manifest.
type TrustMode int

// The modes.
const (
	// TrustAll serves every document; there is no manifest.
	TrustAll TrustMode = iota
	// TrustAudit serves them, and says which they are.
	TrustAudit
	// TrustEnforce refuses them.
	TrustEnforce
)

// Config is what a Store is made of. Schema and Costs are required.
type Config struct {
	Schema *ast.Schema
	Costs  *cost.Model
	Limits Limits
	// Warn lets documents pass that go beyond Limits, and notes it in them.
	Warn bool
	// Reveal has mistakes tell what the schema has, and suggest it.
	Reveal bool
	// CacheBytes bounds, about, what the documents that are kept take; 0 means
	// DefaultCacheBytes.
	CacheBytes int64
	// Persisted lets a client send the hash of a text that is kept in its place: the
	// protocol of automatic persisted queries.
	Persisted bool
	// Trusted are the documents of a manifest, and Trust what becomes of others.
	Trusted []Trusted
	Trust   TrustMode
}

// Store makes documents of what clients send, and keeps them. It is safe for
// concurrent use.
type Store struct {
	preparer

	kept      *otter.Cache[Hash, *Document]
	persisted bool
	trust     TrustMode
	trusted   *trustedSet // nil when there is no manifest
}

// NewStore makes a store. It fails when a document of the manifest cannot be executed.
func NewStore(c Config) (*Store, error) {
	if c.CacheBytes == 0 {
		c.CacheBytes = DefaultCacheBytes
	}
	s := &Store{preparer: preparer{c.Schema, c.Costs, c.Limits, c.Warn, c.Reveal}, persisted: c.Persisted, trust: c.Trust}
	var err error
	s.kept, err = otter.New(&otter.Options[Hash, *Document]{
		MaximumWeight: uint64(max(c.CacheBytes, 1)),
		Weigher:       func(_ Hash, d *Document) uint32 { return uint32(d.weight()) }, //nolint:gosec // a body has bounds
		// Beside nobody: a store has no end to wait for.
		Executor: func(task func()) { task() },
	})
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if s.trust != TrustAll {
		if s.trusted, err = newTrustedSet(s.preparer, c.Trusted); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// weight is about how many bytes a document takes, most of them in its syntax tree.
func (d *Document) weight() int {
	fields := 0
	for _, s := range d.sizes {
		fields += s.fields
	}
	return 2000 + 15*d.bytes + 200*min(fields, d.bytes)
}

// Why a document is not served, besides what is wrong with it.
var (
	// ErrNotFound is a hash of which the text is not kept: the client sends the text.
	ErrNotFound = errors.New("document: not found")
	// ErrNotSupported is a hash where none are taken.
	ErrNotSupported = errors.New("document: hashes are not taken")
	// ErrMismatch is a text with the hash of another.
	ErrMismatch = errors.New("document: the hash is that of another text")
	// ErrNotTrusted is a document that is not in the manifest.
	ErrNotTrusted = errors.New("document: not in the manifest")
)

// Ref is how a client names a document: by its text, by an id, or by both.
type Ref struct {
	Text string
	// ID is the hexadecimal SHA-256 of the text, perhaps behind "sha256:", or an id of
	// the manifest.
	ID string
}

// Found is a document, and whether the manifest lacks it.
type Found struct {
	*Document
	// Untrusted is whether a document is served that is not in the manifest.
	Untrusted bool
}

// Find gives the document that a client names. Errors are those above and those of a
// text that is no good: *SyntaxError, *LimitError and *InvalidError.
func (s *Store) Find(r Ref) (Found, error) {
	id := strings.TrimPrefix(r.ID, "sha256:")
	var hash Hash
	if r.Text != "" {
		hash = HashOf(r.Text)
	}
	if s.trusted != nil {
		if d := s.trusted.find(id, r.Text, hash); d != nil {
			return Found{Document: d}, mismatch(r.Text, hash, d)
		}
		if s.trust == TrustEnforce {
			return Found{}, ErrNotTrusted
		}
	}
	d, err := s.find(id, r.Text, hash)
	return Found{Document: d, Untrusted: s.trusted != nil}, err
}

func (s *Store) find(id, text string, hash Hash) (*Document, error) {
	if text == "" {
		if !s.persisted {
			return nil, ErrNotSupported
		}
		if hash, ok := parseHash(id); ok {
			if d, ok := s.kept.GetIfPresent(hash); ok {
				return d, nil
			}
		}
		return nil, ErrNotFound
	}
	if id != "" && id != hash.String() {
		return nil, ErrMismatch
	}
	if d, ok := s.kept.GetIfPresent(hash); ok {
		return d, nil
	}
	d, err := s.prepare(text, hash)
	if err == nil {
		s.kept.Set(hash, d)
	}
	return d, err
}

func (t *trustedSet) find(id, text string, hash Hash) *Document {
	if d, ok := t.byID[id]; ok {
		return d
	}
	if text == "" {
		hash, _ = parseHash(id)
	}
	return t.byHash[hash]
}

func parseHash(id string) (hash Hash, ok bool) {
	if len(id) != hex.EncodedLen(len(hash)) {
		return Hash{}, false
	}
	_, err := hex.Decode(hash[:], []byte(id))
	return hash, err == nil
}

func mismatch(text string, hash Hash, d *Document) error {
	if text != "" && hash != d.Hash {
		return ErrMismatch
	}
	return nil
}
