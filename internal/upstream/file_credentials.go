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
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/secret"
)

// FileCredentials are the credentials of a file. Reload replaces them while requests are answered.
type FileCredentials struct {
	path   string
	getenv func(string) string
	build  Build

	current atomic.Pointer[generation]

	open sync.WaitGroup // leases whose Upstream is not closed yet

	mu        sync.Mutex        // of Reload and Close
	digest    [sha256.Size]byte // of what was loaded last
	err       error             // what was wrong with it
	refusedAt time.Time         // when Atlas refused a new credential of it, or zero
}

// LoadFile reads the file of credentials. It does not call Atlas. Close must be called.
func LoadFile(path string, getenv func(string) string, build Build) (*FileCredentials, error) {
	f := &FileCredentials{path: path, getenv: getenv, build: build}
	if _, err := f.load(func(*entry) error { return nil }); err != nil {
		return nil, err
	}
	return f, nil
}

// Reader returns a reader that uses these credentials.
func (f *FileCredentials) Reader() *Reader { return newReader(f) }

// Name returns the name of the setting for logs.
func (*FileCredentials) Name() string { return "atlas credentials" }

// Projects returns the ids of the projects that can be read, or nil when an entry names an
// organization, whose projects only Atlas knows.
func (f *FileCredentials) Projects() []string {
	var all []string
	for _, e := range f.current.Load().entries {
		if len(e.organizations) > 0 {
			return nil
		}
		all = append(all, e.projects...)
	}
	return all
}

// Scope returns the ids of the projects and the organizations that an entry names; both are nil without the entry.
func (f *FileCredentials) Scope(name string) (projects, organizations []string) {
	for _, e := range f.current.Load().entries {
		if e.name == name {
			return e.projects, e.organizations
		}
	}
	return nil, nil
}

// Asked returns how many credentials are asked, by one call each, when all projects are listed, and
// how many when a project is searched for that no entry names.
func (f *FileCredentials) Asked() (listed, searched int) {
	g := f.current.Load()
	return len(g.entries), len(g.withOrganizations())
}

// Upstreams returns the Upstream of each credential, by its name.
func (f *FileCredentials) Upstreams() map[string]Upstream {
	all := make(map[string]Upstream)
	for _, e := range f.current.Load().entries {
		all[e.name] = e.lease.Upstream
	}
	return all
}

const (
	checkTimeout = 10 * time.Second // of the call that tries a new credential
	recheckAfter = time.Minute      // how long a credential that Atlas refused is not tried again
)

// Reload reads the file and the secrets again, and does nothing unless they have changed. A
// credential that did not change keeps its client and its cache. With any error, such as of a new
// credential that Atlas refuses, the old generation stays. Reads that are under way end with the
// credential that they began with, which is closed then.
func (f *FileCredentials) Reload(ctx context.Context) (changed bool, err error) {
	return f.load(func(e *entry) error {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		if _, err := e.lease.Client.GetSystemStatus(ctx); isRefused(err) {
			return fmt.Errorf("atlas refuses the new credential %s: %w", e.name, err)
		}
		// After any other error the old credential would be no better.
		return nil
	})
}

func isRefused(err error) bool {
	var e *atlas.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == atlas.KindCredential ||
		e.Kind == atlas.KindAnswered && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

func (f *FileCredentials) load(check func(*entry) error) (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, err := reload.Read(f.path)
	if err != nil {
		return false, fmt.Errorf("the file of credentials cannot be read: %w", err)
	}
	entries, err := parse(f.path, content, f.getenv)
	// The digests of the secrets, too: the file does not hold them.
	digest := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%v", content, secretsOf(entries), err))
	old := f.current.Load()
	if digest == f.digest && old != nil && (f.refusedAt.IsZero() || time.Since(f.refusedAt) < recheckAfter) {
		return false, f.err
	}
	f.digest, f.err, f.refusedAt = digest, err, time.Time{}
	if err != nil {
		return false, err
	}
	built, err := f.connect(old, entries, check)
	if f.err = err; err != nil {
		for _, e := range built {
			e.lease.retire()
		}
		return false, err
	}
	next := newGeneration(entries)
	f.current.Store(next)
	if old != nil {
		for _, e := range old.entries {
			if !slices.ContainsFunc(next.entries, func(n *entry) bool { return n.lease == e.lease }) {
				e.lease.retire()
			}
		}
	}
	return true, nil
}

// connect gives each entry a lease: that of the same credential in the old generation, or a new
// one. It returns the entries whose Upstream it built, with an error, too. The new ones are checked at
// the same time: a check that gets no answer must delay neither the other checks nor the settings that
// are reloaded after this one.
func (f *FileCredentials) connect(old *generation,
	entries []*entry, check func(*entry) error) (built []*entry, err error) {
	for _, e := range entries {
		if before := old.same(e); before != nil {
			e.lease = before.lease
			continue
		}
		upstream, err := f.build(e.credential, e.baseURL)
		if err != nil {
			return built, fmt.Errorf("the credential %s: %w", e.name, err)
		}
		f.open.Add(1)
		e.lease = newLease(upstream, f.open.Done)
		built = append(built, e)
	}
	errs := make([]error, len(built))
	var wg sync.WaitGroup
	for i, e := range built {
		wg.Go(func() { errs[i] = check(e) })
	}
	wg.Wait()
	if err = cmp.Or(errs...); err != nil {
		f.refusedAt = time.Now()
	}
	return built, err
}

// secretsOf returns digests of the secrets, which tell whether one has changed.
func secretsOf(entries []*entry) []byte {
	var b []byte
	for _, e := range entries {
		var text secret.Text
		switch c := e.credential.(type) {
		case atlas.APIKey:
			text = c.PrivateKey
		case atlas.ServiceAccount:
			text = c.ClientSecret
		}
		digest := sha256.Sum256([]byte(string(text)))
		b = fmt.Appendf(b, "%q %q %x\n", e.name, e.credential, digest)
	}
	return b
}

// choose returns the lease of the entry that names the project, or else of the one that names its
// organization.
func (f *FileCredentials) choose(ctx context.Context, groupID string) (*lease, error) {
	return withCurrent(f, func(g *generation) (*lease, error) {
		e, err := g.entryFor(ctx, groupID)
		if err != nil {
			return nil, err
		}
		if !e.lease.take() {
			return nil, errClosed
		}
		return e.lease, nil
	})
}

// Client returns the client that is for a project, and a function to call after its use. For a project without a
// credential the error is that of Atlas for a project that does not exist.
func (f *FileCredentials) Client(ctx context.Context, groupID string) (*atlas.Client, func(), error) {
	l, err := f.choose(ctx, groupID)
	if err != nil {
		return nil, nil, err
	}
	return l.Client, l.release, nil
}

// projects lists the projects that the entries name, and those of the organizations that they name.
func (f *FileCredentials) projects(ctx context.Context) (*restore.Projects, error) {
	return withCurrent(f, func(g *generation) (*restore.Projects, error) { return g.projects(ctx) })
}

func (f *FileCredentials) organizations(ctx context.Context) (*restore.Organizations, error) {
	return withCurrent(f, func(g *generation) (*restore.Organizations, error) { return g.organizations(ctx) })
}

// withCurrent calls read with the current generation, and again where that was replaced meanwhile.
func withCurrent[T any](f *FileCredentials, read func(*generation) (T, error)) (T, error) {
	for {
		g := f.current.Load()
		value, err := read(g)
		if !errors.Is(err, errClosed) || f.current.Load() == g {
			return value, err
		}
	}
}

var errClosed = errors.New("credentials: closed")

// Close closes the clients of all credentials and waits for the reads that are under way.
func (f *FileCredentials) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.current.Load().entries {
		e.lease.retire()
	}
	f.open.Wait()
}
