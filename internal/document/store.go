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

// textShare is the part of the cache that is for texts alone: one in so many bytes.
const textShare = 8

// TrustMode says what is done about documents that are not in the manifest.
type TrustMode string

// The modes.
const (
	// TrustAll serves every document; there is no manifest.
	TrustAll TrustMode = ""
	// TrustAudit serves them, and says which they are.
	TrustAudit TrustMode = "audit"
	// TrustEnforce refuses them.
	TrustEnforce TrustMode = "enforce"
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

// Store makes documents of what clients send, and keeps those that are asked for again. Of
// a document that came once it keeps the text alone, which is a small part of it: clients
// that write values into their documents send none twice. It is safe for concurrent use.
type Store struct {
	preparer

	parsed      *otter.Cache[Hash, *Document]
	texts     *otter.Cache[Hash, string] // of documents that came once
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
	texts := c.CacheBytes / textShare
	var err, err2 error
	s.parsed, err = newCache(c.CacheBytes-texts, func(d *Document) int { return d.bytes })
	s.texts, err2 = newCache(texts, func(text string) int { return textBytes + len(text) })
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if s.trust != TrustAll {
		if s.trusted, err = newTrustedSet(s.preparer, c.Trusted); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// newCache keeps what weighs so many bytes in all.
func newCache[V any](most int64, bytes func(V) int) (*otter.Cache[Hash, V], error) {
	return otter.New(&otter.Options[Hash, V]{
		MaximumWeight: uint64(max(most, 1)),
		Weigher:       func(_ Hash, v V) uint32 { return uint32(bytes(v)) }, //nolint:gosec // a body has bounds
		// Beside nobody: a store has no end to wait for.
		Executor: func(task func()) { task() },
	})
}

// About how many bytes a document holds: its text, and for all that stands in it a node of
// the syntax tree with its place, its definition and its part of the plan of costs. The
// parser keeps comments, too. A text that is kept alone has its place in the cache.
const (
	documentBytes = 1200
	nodeBytes     = 300
	commentBytes  = 100
	textBytes     = 200
)

func memoryOf(text string, in astSize) int {
	return documentBytes + len(text) + nodeBytes*in.nodes + commentBytes*strings.Count(text, "#")
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
		hash, ok := parseHash(id)
		if !ok {
			return nil, ErrNotFound
		}
		if d, ok := s.parsed.GetIfPresent(hash); ok {
			return d, nil
		}
		if text, ok = s.texts.GetIfPresent(hash); !ok {
			return nil, ErrNotFound
		}
		return s.prepareAndCache(text, hash)
	}
	if id != "" && id != hash.String() {
		return nil, ErrMismatch
	}
	if d, ok := s.parsed.GetIfPresent(hash); ok {
		return d, nil
	}
	if _, again := s.texts.GetIfPresent(hash); again || id != "" {
		return s.prepareAndCache(text, hash)
	}
	d, err := s.prepare(text, hash)
	if err == nil {
		s.texts.Set(hash, text)
	}
	return d, err
}

// prepareAndKeep prepares a document that will come again: it has done so, or came with
// its hash.
func (s *Store) prepareAndCache(text string, hash Hash) (*Document, error) {
	d, err := s.prepare(text, hash)
	if err == nil {
		s.parsed.Set(hash, d)
		s.texts.Invalidate(hash)
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
