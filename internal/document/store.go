package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/cost"
)

// DefaultCacheBytes is enough for about a thousand documents of usual size.
const DefaultCacheBytes = 16 << 20

// textShare is the divisor of CacheBytes for texts alone.
const textShare = 8

// TrustMode is what happens to documents that are not in the manifest.
type TrustMode string

// The modes.
const (
	// TrustAll serves every document; there is no manifest.
	TrustAll TrustMode = ""
	// TrustAudit serves and reports them.
	TrustAudit TrustMode = "audit"
	// TrustEnforce rejects them.
	TrustEnforce TrustMode = "enforce"
)

// Config is what a Store is made of. Schema and Costs are required.
type Config struct {
	Schema *ast.Schema
	Costs  *cost.Model
	Limits Limits
	// Warn accepts documents that exceed Limits, and records that in them.
	Warn bool
	// Reveal lets errors name and suggest types and fields of the schema.
	Reveal bool
	// CacheBytes bounds about how many bytes the cached documents take; 0 means DefaultCacheBytes.
	CacheBytes int64
	// Persisted lets a client send the hash of a cached text in its place: automatic persisted queries.
	Persisted bool
	// Shared are the texts that other replicas of the gateway know; nil is none.
	Shared SharedTexts
	// Trusted are the documents of a manifest, and Trust is what happens to others.
	Trusted []Trusted
	Trust   TrustMode
}

// SharedTexts are the texts of persisted queries that replicas of the gateway share.
type SharedTexts interface {
	// Text returns the text with a hash, as some replica has shared it. It returns soon.
	Text(ctx context.Context, hash [sha256.Size]byte) (text string, ok bool)
	// Share has other replicas find a text. It does not wait.
	Share(hash [sha256.Size]byte, text string)
}

// Store makes documents from what clients send, and caches those that come again. Of a document that came once it
// caches the text alone, which takes much less memory: clients that write values into their documents send none twice.
// It is safe for concurrent use.
type Store struct {
	preparer

	parsed    *otter.Cache[Hash, *Document]
	texts     *otter.Cache[Hash, string] // of documents that came once
	persisted bool
	shared    SharedTexts // nil for none
	trust     TrustMode
	trusted   *trustedSet // nil without a manifest
}

// NewStore returns a store. It fails when a document of the manifest cannot be executed.
func NewStore(c Config) (*Store, error) {
	if c.CacheBytes == 0 {
		c.CacheBytes = DefaultCacheBytes
	}
	s := &Store{
		preparer:  preparer{c.Schema, c.Costs, c.Limits, c.Warn, c.Reveal},
		persisted: c.Persisted, shared: c.Shared, trust: c.Trust,
	}
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

// newCache returns a cache of at most maxBytes.
func newCache[V any](maxBytes int64, bytes func(V) int) (*otter.Cache[Hash, V], error) {
	return otter.New(&otter.Options[Hash, V]{
		MaximumWeight: uint64(max(maxBytes, 1)),
		Weigher:       func(_ Hash, v V) uint32 { return uint32(bytes(v)) }, //nolint:gosec // a body has bounds
		// In the caller: a store has no Close that could wait for goroutines.
		Executor: func(task func()) { task() },
	})
}

// About how many bytes a document takes: its text, and for each node of the syntax tree the node with its position, its
// definition and its part of the plan of costs. The parser stores comments, too. A text that is cached alone takes an
// entry of the cache.
const (
	documentBytes = 1200
	nodeBytes     = 300
	commentBytes  = 100
	textBytes     = 200
)

func memoryOf(text string, in astSize) int {
	return documentBytes + len(text) + nodeBytes*in.nodes + commentBytes*strings.Count(text, "#")
}

// Errors of documents that are not served, beside those of the text.
var (
	// ErrNotFound is the error of a hash whose text is not cached: the client sends the text then.
	ErrNotFound = errors.New("document: not found")
	// ErrNotSupported is the error of a hash where persisted queries are off.
	ErrNotSupported = errors.New("document: hashes are not taken")
	// ErrMismatch is the error of a text with the hash of another.
	ErrMismatch = errors.New("document: the hash is that of another text")
	// ErrNotTrusted is the error of a document that is not in the manifest.
	ErrNotTrusted = errors.New("document: not in the manifest")
)

// Ref is a client's reference to a document: its text, an id, or both.
type Ref struct {
	Text string
	// ID is the hexadecimal SHA-256 of the text, perhaps after "sha256:", or an id of the manifest.
	ID string
}

// Found is a document, and whether it is missing in the manifest.
type Found struct {
	*Document
	// Untrusted reports that the document is not in the manifest.
	Untrusted bool
}

// Find returns the document that a client refers to. Errors are those above, and *SyntaxError, *LimitError and
// *InvalidError.
func (s *Store) Find(ctx context.Context, r Ref) (Found, error) {
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
	d, err := s.find(ctx, id, r.Text, hash)
	return Found{Document: d, Untrusted: s.trusted != nil}, err
}

func (s *Store) find(ctx context.Context, id, text string, hash Hash) (*Document, error) {
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
			if text, ok = s.sharedText(ctx, hash); !ok {
				return nil, ErrNotFound
			}
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
		d, err := s.prepareAndCache(text, hash)
		if err == nil && id != "" && s.persisted && s.shared != nil {
			s.shared.Share(hash, text)
		}
		return d, err
	}
	d, err := s.prepare(text, hash)
	if err == nil {
		s.texts.Set(hash, text)
	}
	return d, err
}

// sharedText returns the text with a hash that another replica has shared. It may have any text of its choice: the hash
// is checked.
func (s *Store) sharedText(ctx context.Context, hash Hash) (string, bool) {
	if s.shared == nil {
		return "", false
	}
	text, ok := s.shared.Text(ctx, hash)
	return text, ok && HashOf(text) == hash
}

// prepareAndCache prepares and caches a document that comes again: it has done so, or came with its hash.
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
