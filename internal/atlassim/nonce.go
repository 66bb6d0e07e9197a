package atlassim

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

const (
	// maxNonces bounds the nonces that are remembered. A client that asks for a new one with each call, as the
	// official SDK does, fills it in 10 000 calls; older nonces then count as stale, which such a client never sees.
	maxNonces = 10_000
	// ncWindow is how far below the highest count of a nonce an unused count is still accepted. Calls that run at
	// once arrive out of order, and a facade that makes one for each field has thousands under way.
	ncWindow = 4096
)

// nonces remembers the digest nonces that were given out, and which counts of each were used.
type nonces struct {
	lifetime time.Duration

	mu    sync.Mutex
	known map[string]*nonce
	order []string // oldest first from next on, once full
	next  int
}

type nonce struct {
	issued time.Time
	top    uint32                 // highest count used
	used   *[ncWindow / 64]uint64 // the counts below top, by count modulo ncWindow; nil until the second use
}

func newNonces(lifetime time.Duration) *nonces {
	return &nonces{lifetime: lifetime, known: map[string]*nonce{}}
}

// issue gives out a new nonce.
func (n *nonces) issue(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	value := hex.EncodeToString(b[:])
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[value] = &nonce{issued: now}
	if len(n.order) < maxNonces {
		n.order = append(n.order, value)
		return value
	}
	delete(n.known, n.order[n.next])
	n.order[n.next] = value
	n.next = (n.next + 1) % maxNonces
	return value
}

// use takes one count of a nonce. It refuses a nonce that is unknown or too old, and a count that was used before or
// is so far behind that nobody knows.
func (n *nonces) use(value string, count uint32, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	e := n.known[value]
	if e == nil || now.Sub(e.issued) >= n.lifetime {
		return false
	}
	return e.take(count)
}

// expireAll forgets every nonce: one that is unknown counts as too old.
func (n *nonces) expireAll() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.known)
}

func (e *nonce) take(count uint32) bool {
	if e.top == 0 {
		e.top = count
		return true
	}
	if e.used == nil {
		e.used = new([ncWindow / 64]uint64)
		e.mark(e.top, true)
	}
	switch {
	case count > e.top:
		if count-e.top >= ncWindow {
			clear(e.used[:])
		} else {
			for c := e.top + 1; c != count; c++ {
				e.mark(c, false)
			}
		}
		e.top = count
	case e.top-count >= ncWindow, e.marked(count):
		return false
	}
	e.mark(count, true)
	return true
}

func (e *nonce) marked(count uint32) bool {
	i := count % ncWindow
	return e.used[i/64]&(1<<(i%64)) != 0
}

func (e *nonce) mark(count uint32, used bool) {
	i := count % ncWindow
	if used {
		e.used[i/64] |= 1 << (i % 64)
	} else {
		e.used[i/64] &^= 1 << (i % 64)
	}
}
