package actions

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"
)

// Ledger remembers confirmations and the outcomes of actions, for all processes that take part. It is safe for
// concurrent use. An action is not made where it fails; what it may lose is refused, and never made twice.
type Ledger interface {
	// Add stores a value for ttl, and reports whether there was none.
	Add(ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string) (added bool, err error)
	// Get returns a value; Take returns and removes it, for one of all callers.
	Get(ctx context.Context, kind string, key ...string) (value []byte, ok bool, err error)
	Take(ctx context.Context, kind string, key ...string) (value []byte, ok bool, err error)
	// Set stores a value for ttl.
	Set(ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string) error
}

// maxLedgerEntries bounds a MemoryLedger: confirmations and outcomes.
const maxLedgerEntries = 50_000

var errLedgerFull = errors.New("actions: too many confirmations and outcomes are remembered")

// MemoryLedger is the Ledger of a single process. Its zero value is empty.
type MemoryLedger struct {
	mu      sync.Mutex
	entries map[string]ledgerEntry
}

var _ Ledger = (*MemoryLedger)(nil)

// ledgerEntry ends by the monotonic clock, which no change of the wall clock moves.
type ledgerEntry struct {
	value []byte
	until time.Time
}

func ledgerName(kind string, key []string) string { return kind + "\x00" + strings.Join(key, "\x00") }

// Add stores a value if there is none.
func (l *MemoryLedger) Add(
	_ context.Context, value []byte, ttl time.Duration, kind string, key ...string,
) (added bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := ledgerName(kind, key)
	if _, exists := l.find(name); exists {
		return false, nil
	}
	if err := l.evictExpired(); err != nil {
		return false, err
	}
	l.put(name, value, ttl)
	return true, nil
}

// Get returns a value.
func (l *MemoryLedger) Get(_ context.Context, kind string, key ...string) (value []byte, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	value, ok = l.find(ledgerName(kind, key))
	return value, ok, nil
}

// Take returns and removes a value.
func (l *MemoryLedger) Take(_ context.Context, kind string, key ...string) (value []byte, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := ledgerName(kind, key)
	value, ok = l.find(name)
	delete(l.entries, name)
	return value, ok, nil
}

// Set stores a value.
func (l *MemoryLedger) Set(_ context.Context, value []byte, ttl time.Duration, kind string, key ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.put(ledgerName(kind, key), value, ttl) // of few names that were not added
	return nil
}

// find returns a value that has not expired. The lock is held.
func (l *MemoryLedger) find(name string) ([]byte, bool) {
	e, ok := l.entries[name]
	if !ok || !time.Now().Before(e.until) {
		return nil, false
	}
	return e.value, true
}

// evictExpired removes what has expired if the ledger is full. It evicts nothing else: a confirmation of which nothing is
// known is harmless, and an outcome of which nothing is known is not. The lock is held.
func (l *MemoryLedger) evictExpired() error {
	if len(l.entries) < maxLedgerEntries {
		return nil
	}
	now := time.Now()
	maps.DeleteFunc(l.entries, func(_ string, e ledgerEntry) bool { return !now.Before(e.until) })
	if len(l.entries) >= maxLedgerEntries {
		return errLedgerFull
	}
	return nil
}

// put stores a value. The lock is held.
func (l *MemoryLedger) put(name string, value []byte, ttl time.Duration) {
	if l.entries == nil {
		l.entries = make(map[string]ledgerEntry)
	}
	l.entries[name] = ledgerEntry{value, time.Now().Add(ttl)}
}
