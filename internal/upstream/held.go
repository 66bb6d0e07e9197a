package upstream

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/secret"
)

// FileCredentials are the credentials of a file, as they stand now: Reload takes others in their
// place while requests are answered.
type FileCredentials struct {
	path   string
	getenv func(string) string
	build  Build

	current atomic.Pointer[set]

	open sync.WaitGroup // what is not closed yet

	mu      sync.Mutex        // of Reload and Close
	seen    [sha256.Size]byte // what was looked at last
	err     error             // what was wrong with it
	refused time.Time         // when Atlas refused a new credential last
}

// LoadFile reads the file of credentials. It calls nobody. Close must be called.
func LoadFile(path string, getenv func(string) string, build Build) (*FileCredentials, error) {
	h := &FileCredentials{path: path, getenv: getenv, build: build}
	if _, err := h.load(func(*member) error { return nil }); err != nil {
		return nil, err
	}
	return h, nil
}

// Reader reads with them.
func (h *FileCredentials) Reader() *Reader { return newReader(h) }

// Name is what logs call them.
func (*FileCredentials) Name() string { return "atlas credentials" }

// Projects are those that can be read at all; nil when organizations can be read, whose
// projects only Atlas knows.
func (h *FileCredentials) Projects() []string {
	var all []string
	for _, m := range h.current.Load().members {
		if len(m.organizations) > 0 {
			return nil
		}
		all = append(all, m.projects...)
	}
	return all
}

// Asked is how many credentials are asked, one call each, when all projects are listed, and how
// many which of them has a project that none of them names.
func (h *FileCredentials) Asked() (listed, searched int) { return h.current.Load().asked() }

// Upstreams are the credentials at work, by their names.
func (h *FileCredentials) Upstreams() map[string]Upstream {
	all := make(map[string]Upstream)
	for _, m := range h.current.Load().members {
		all[m.name] = m.lease.Upstream
	}
	return all
}

// checkTimeout bounds the call that tries a new credential, and recheckAfter is how
// long one that Atlas refused is not tried again.
const (
	checkTimeout = 10 * time.Second
	recheckAfter = time.Minute
)

// Reload reads the file and the secrets again, when any of them has changed. Those that
// did not change go on as they are, with what they know and keep. A new one that Atlas
// refuses is not taken, and with any error the old ones stay. What is under way ends on
// the credential that it began with, which is closed then.
func (h *FileCredentials) Reload(ctx context.Context) (changed bool, err error) {
	return h.load(func(m *member) error {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		_, err := m.lease.Client.GetSystemStatus(ctx)
		var e *atlas.Error
		if errors.As(err, &e) && (e.Kind == atlas.KindCredential || e.Kind == atlas.KindAnswered && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)) {
			return fmt.Errorf("atlas refuses the new credential %s: %w", m.name, err)
		}
		// Whatever else happened, waiting would not make the old one better.
		return nil
	})
}

func (h *FileCredentials) load(check func(*member) error) (changed bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	content, err := reload.Read(h.path)
	if err != nil {
		return false, fmt.Errorf("the file of credentials cannot be read: %w", err)
	}
	credentials, err := parse(h.path, content, h.getenv)
	// Also what the secrets are, which %q of a secret.Text would not tell.
	seen := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%v", content, secretsOf(credentials), err))
	old := h.current.Load()
	if seen == h.seen && old != nil && (h.refused.IsZero() || time.Since(h.refused) < recheckAfter) {
		return false, h.err
	}
	h.seen, h.err, h.refused = seen, err, time.Time{}
	if err != nil {
		return false, err
	}
	next, made, err := h.assemble(old, credentials, check)
	if h.err = err; err != nil {
		for _, l := range made {
			l.retire()
		}
		return false, err
	}
	h.current.Store(next)
	if old != nil {
		for _, m := range old.members {
			if !slices.ContainsFunc(next.members, func(n *member) bool { return n.lease == m.lease }) {
				m.lease.retire()
			}
		}
	}
	return true, nil
}

// assemble makes the set of these credentials, and checks the new ones side by side: one
// that hangs must not hold up the others, and what is read again after them. What was made
// for it is to be closed when it fails.
func (h *FileCredentials) assemble(old *set, credentials []held, check func(*member) error) (next *set, made []*lease, err error) {
	next = newSet()
	var anew []*member
	for _, c := range credentials {
		m := &member{held: c}
		if before := old.same(c); before != nil {
			m.lease = before.lease
		} else {
			upstream, err := h.build(c.credential, c.baseURL)
			if err != nil {
				return nil, made, fmt.Errorf("the credential %s: %w", c.name, err)
			}
			h.open.Add(1)
			m.lease = newLease(upstream, h.open.Done)
			made, anew = append(made, m.lease), append(anew, m)
		}
		next.add(m)
	}
	refusals := make([]error, len(anew))
	var wg sync.WaitGroup
	for i, m := range anew {
		wg.Go(func() { refusals[i] = check(m) })
	}
	wg.Wait()
	if err := cmp.Or(refusals...); err != nil {
		h.refused = time.Now()
		return nil, made, err
	}
	return next, made, nil
}

// secretsOf are the hashes of the secrets: enough to see that one has changed.
func secretsOf(credentials []held) []byte {
	var b []byte
	for _, c := range credentials {
		var text secret.Text
		switch c := c.credential.(type) {
		case atlas.APIKey:
			text = c.PrivateKey
		case atlas.ServiceAccount:
			text = c.ClientSecret
		}
		digest := sha256.Sum256([]byte(string(text)))
		b = fmt.Appendf(b, "%q %q %x\n", c.name, c.credential, digest)
	}
	return b
}

// Close closes all of them and waits for those that are still in use.
func (h *FileCredentials) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.current.Load().members {
		m.lease.retire()
	}
	h.open.Wait()
}
