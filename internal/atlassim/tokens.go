package atlassim

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"
)

const (
	// tokensEachMinute is how many tokens one service account may ask for in a minute.
	tokensEachMinute = 10
	// liveTokens is how many tokens of one service account are valid at a time. That the oldest gives way to a new
	// one, rather than the new one being refused, is inferred.
	liveTokens = 100
)

// tokens holds the OAuth tokens that are valid. It is bounded by the number of service accounts.
type tokens struct {
	lifetime time.Duration

	mu       sync.Mutex
	byValue  map[string]token
	byClient map[string]*client
}

type token struct {
	account *account
	expires time.Time
}

// client is what is remembered of one service account.
type client struct {
	values []string  // of its tokens, oldest first
	minute time.Time // when the current minute of asking began
	asked  int
}

func newTokens(lifetime time.Duration) *tokens {
	return &tokens{lifetime: lifetime, byValue: map[string]token{}, byClient: map[string]*client{}}
}

// client finds or makes an account's record; the lock is held.
func (t *tokens) client(name string) *client {
	c := t.byClient[name]
	if c == nil {
		c = &client{}
		t.byClient[name] = c
	}
	return c
}

// allow counts a request for a token. When the minute's share is used up it says how many seconds are left of it.
func (t *tokens) allow(name string, now time.Time) (waitSeconds int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.client(name)
	if since := now.Sub(c.minute); since < 0 || since >= time.Minute {
		c.minute, c.asked = now, 0
	}
	if c.asked >= tokensEachMinute {
		return int((time.Minute - now.Sub(c.minute) + time.Second - 1) / time.Second), false
	}
	c.asked++
	return 0, true
}

// issue makes a token. It says nothing to its bearer: 256 random bits.
func (t *tokens) issue(account *account, now time.Time) string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	value := base64.RawURLEncoding.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.client(account.name)
	if len(c.values) >= liveTokens {
		delete(t.byValue, c.values[0])
		c.values = append(c.values[:0], c.values[1:]...)
	}
	c.values = append(c.values, value)
	t.byValue[value] = token{account: account, expires: now.Add(t.lifetime)}
	return value
}

// account finds whose token it is; nil when it is unknown, revoked or too old.
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
