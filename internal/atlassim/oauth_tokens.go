package atlassim

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"
)

const (
	// maxTokensPerMinute is how many tokens one service account may request in a minute.
	maxTokensPerMinute = 10
	// maxTokens is how many tokens of one service account are valid at a time. That a new one replaces the oldest one,
	// and is not rejected, is inferred.
	maxTokens = 100
)

// tokens are the valid OAuth tokens, at most maxTokens of each service account.
type tokens struct {
	lifetime time.Duration

	mu       sync.Mutex
	byValue  map[string]token
	byClient map[string]*tokenHistory
}

type token struct {
	account *account
	expires time.Time
}

// tokenHistory is the token requests of one service account.
type tokenHistory struct {
	values []string  // of its tokens, oldest first
	minute time.Time // the beginning of the minute that asked is counted in
	asked  int
}

func newTokens(lifetime time.Duration) *tokens {
	return &tokens{lifetime: lifetime, byValue: map[string]token{}, byClient: map[string]*tokenHistory{}}
}

// history returns the history of an account. The lock is held.
func (t *tokens) history(name string) *tokenHistory {
	c := t.byClient[name]
	if c == nil {
		c = &tokenHistory{}
		t.byClient[name] = c
	}
	return c
}

// allow counts a token request, and reports whether it is allowed. Where it is not it returns how long the minute
// still lasts.
func (t *tokens) allow(name string, now time.Time) (waitSeconds int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.history(name)
	if since := now.Sub(c.minute); since < 0 || since >= time.Minute {
		c.minute, c.asked = now, 0
	}
	if c.asked >= maxTokensPerMinute {
		return int((time.Minute - now.Sub(c.minute) + time.Second - 1) / time.Second), false
	}
	c.asked++
	return 0, true
}

// issue returns a new token of 256 random bits.
func (t *tokens) issue(account *account, now time.Time) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	value := base64.RawURLEncoding.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.history(account.name)
	if len(c.values) >= maxTokens {
		delete(t.byValue, c.values[0])
		c.values = append(c.values[:0], c.values[1:]...)
	}
	c.values = append(c.values, value)
	t.byValue[value] = token{account: account, expires: now.Add(t.lifetime)}
	return value
}

// account returns the account of a token; nil where it is unknown, revoked or expired.
func (t *tokens) account(value string, now time.Time) *account {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, ok := t.byValue[value]
	if !ok || !now.Before(found.expires) {
		return nil
	}
	return found.account
}

func (t *tokens) revoke(account *account, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byValue[value].account == account {
		delete(t.byValue, value)
	}
}

func (t *tokens) revokeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.byValue)
	for _, c := range t.byClient {
		c.values = nil
	}
}
