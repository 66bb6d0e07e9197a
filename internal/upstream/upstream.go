package upstream

import (
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Upstream is one credential at work: a client of Atlas and the service that reads with
// it.
type Upstream struct {
	Client  *atlas.Client
	Service *restore.Service
}

// Build makes an Upstream. An empty base URL means that of the settings.
type Build func(credential atlas.Credential, baseURL string) (Upstream, error)

// close ends what is under way and waits for it.
func (u Upstream) close() {
	u.Service.Close()
	u.Client.Close()
}

// lease lends an Upstream to those who read, and closes it when it was retired and the
// last of them is done: what is under way ends on the credential that it began with.
type lease struct {
	Upstream

	answered func() // called when somebody has read, while they still have it; may be nil
	closed   func() // called when the Upstream is closed

	mu      sync.Mutex
	users   int
	retired bool
	used    time.Time // when the last user was done
}

func newLease(u Upstream, closed func()) *lease {
	return &lease{Upstream: u, closed: closed, used: time.Now()}
}

// take lends it, unless it was retired. Whoever took it must release it.
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
	l.used = time.Now()
	last := l.retired && l.users == 0
	l.mu.Unlock()
	if last {
		l.end()
	}
}

// retire lends it no more.
func (l *lease) retire() {
	if l.withdraw() {
		l.end()
	}
}

// withdraw lends it no more, and reports whether it is to be ended by the caller, because
// nobody uses it. Else the last who does ends it.
func (l *lease) withdraw() (unused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unused = !l.retired && l.users == 0
	l.retired = true
	return unused
}

// reinstate lends it again. Only while it is lent to somebody may it be called: it has
// not ended then.
func (l *lease) reinstate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retired = false
}

// end is called once, by whoever is last.
func (l *lease) end() {
	l.close()
	l.closed()
}

// idleSince is since when nobody has used it; zero while somebody does.
func (l *lease) idleSince() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users > 0 {
		return time.Time{}
	}
	return l.used
}
