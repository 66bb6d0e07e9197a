package upstream

import (
	"sync"
	"time"
)

// lease counts the users of an Upstream. When a lease is retired its Upstream is closed after the last
// user has released it, so that a read ends with the credential that it began with.
type lease struct {
	Upstream

	answered func() // called by each user before it releases the Upstream; may be nil
	closed   func() // called when the Upstream is closed

	mu       sync.Mutex
	users    int
	retired  bool
	lastUsed time.Time
}

func newLease(u Upstream, closed func()) *lease {
	return &lease{Upstream: u, closed: closed, lastUsed: time.Now()}
}

// take adds a user, who must call release. It reports false when the lease was retired.
func (l *lease) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retired {
		return false
	}
	l.users++
	return true
}

func (l *lease) release() {
	if l.answered != nil {
		l.answered()
	}
	l.mu.Lock()
	l.users--
	l.lastUsed = time.Now()
	isLast := l.retired && l.users == 0
	l.mu.Unlock()
	if isLast {
		l.end()
	}
}

// retire makes take return false, and closes the Upstream if it has no user.
func (l *lease) retire() {
	if l.withdraw() {
		l.end()
	}
}

// withdraw is retire without the closing. It reports whether the caller has to call end, because there
// is no user whose release does.
func (l *lease) withdraw() (unused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unused = !l.retired && l.users == 0
	l.retired = true
	return unused
}

// reinstate undoes withdraw. It may be called by a user only: while there is one the Upstream is
// not closed.
func (l *lease) reinstate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retired = false
}

// end closes the Upstream. It is called once.
func (l *lease) end() {
	l.close()
	l.closed()
}

// idleSince returns when the last user released the lease; zero while there is one.
func (l *lease) idleSince() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users > 0 {
		return time.Time{}
	}
	return l.lastUsed
}
