package document

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
)

// texts are what replicas share in a test.
type texts map[[sha256.Size]byte]string

func (s texts) Text(_ context.Context, hash [sha256.Size]byte) (string, bool) {
	text, ok := s[hash]
	return text, ok
}

func (s texts) Share(hash [sha256.Size]byte, text string) { s[hash] = text }

func TestStore_findsTheTextsThatAnotherReplicaHasShared(t *testing.T) {
	const text = "{job(id: 1) {id}}"
	shared := texts{}
	replica := func() *Store {
		return newStore(t, func(c *Config) { c.Persisted, c.Shared = true, shared })
	}
	one, other := replica(), replica()
	byHash := Ref{ID: HashOf(text).String()}
	if _, err := other.Find(t.Context(), byHash); !errors.Is(err, ErrNotFound) {
		t.Errorf("a hash that no replica knows: %v", err)
	}
	if _, err := one.Find(t.Context(), Ref{Text: text}); err != nil || len(shared) > 0 {
		t.Errorf("a text without its hash is shared: %v", err)
	}
	if _, err := one.Find(t.Context(), Ref{Text: text, ID: HashOf(text).String()}); err != nil {
		t.Fatal(err)
	}
	if d, err := other.Find(t.Context(), byHash); err != nil || d.Hash != HashOf(text) {
		t.Errorf("the text of the other replica is not found: %v", err)
	}
	clear(shared)
	if _, err := other.Find(t.Context(), byHash); err != nil {
		t.Errorf("it is not cached: %v", err)
	}
}

func TestStore_takesNoTextOfAnotherHashFromAReplica(t *testing.T) {
	hash := HashOf("{job(id: 1) {id}}")
	s := newStore(t, func(c *Config) { c.Persisted, c.Shared = true, texts{hash: "{job(id: 2) {id}}"} })
	if _, err := s.Find(t.Context(), Ref{ID: hash.String()}); !errors.Is(err, ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
}
