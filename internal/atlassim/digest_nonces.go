package atlassim

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

const (
	// maxNonces bounds the nonces; older ones count as stale. A client that requests a new one for each call, as the
	// official SDK does, does not notice.
	maxNonces = 10_000
	// ncWindow is how far below the highest count of a nonce an unused count is still accepted. Concurrent calls
	// arrive out of order, and a client may have thousands of them.
	ncWindow = 4096
)

// nonces are the digest nonces that were issued, with the counts of each that were used.
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

// issue returns a new nonce.
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

// use marks a count of a nonce as used, and reports whether it could be: the nonce is known and not expired, and the
// count was not used and is not below the window.
func (n *nonces) use(value string, count uint32, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	e := n.known[value]
	if e == nil || now.Sub(e.issued) >= n.lifetime {
		return false
	}
	return e.take(count)
}

// expireAll removes every nonce: an unknown one counts as expired.
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
