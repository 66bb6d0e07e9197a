package upstream

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/lru"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/secret"
)

// Bounds of Passthrough.
const (
	// DefaultPassthroughClients is how many clients of accepted tokens there are by default.
	DefaultPassthroughClients = 256
	// idleFor is how long a client without users is left open.
	idleFor = 5 * time.Minute
	// newClients and newClientsBurst limit the clients that are made in a second: a caller that
	// makes up tokens must not make the gateway call Atlas as fast as they are sent.
	newClients      = 20
	newClientsBurst = 100
	// There are at most 1/probationShare as many clients on probation as accepted ones, or
	// minOnProbation where that is more.
	probationShare = 4
	minOnProbation = 8
)

// Passthrough reads with the caller's own access token: it has a client for each token, and nothing
// is shared between two of them. The gateway holds no credential then.
//
// The clients are in a segmented LRU: a new one is on probation, where only other new ones evict it,
// and is accepted when Atlas has answered it for the first time. So any number of made-up tokens
// evicts no client that Atlas has answered.
type Passthrough struct {
	build Build
	made  *rate.Limiter

	stopSweep context.CancelFunc
	wg        sync.WaitGroup

	open sync.WaitGroup // leases whose Upstream is not closed yet

	mu          sync.Mutex
	accepted    segment  // clients whose token Atlas has accepted
	onProbation segment  // clients whose token Atlas has not accepted yet, or refuses
	unused      []*lease // removed from both without a user, to be ended without the lock
	closed      bool
}

// segment holds clients by their tokens. None of them was withdrawn.
type segment struct {
	*lru.Map[tokenHash, *lease]

	size int
}

type tokenHash = [sha256.Size]byte

func newSegment(size int) segment { return segment{lru.New[tokenHash, *lease](size), size} }

// NewPassthrough keeps at most the given number of clients of tokens that Atlas has accepted, and a
// quarter of that, but at least eight, of others. 0 means DefaultPassthroughClients. Close must be
// called.
func NewPassthrough(build Build, clients int) *Passthrough {
	if clients <= 0 {
		clients = DefaultPassthroughClients
	}
	p := &Passthrough{
		build: build, made: rate.NewLimiter(newClients, newClientsBurst),
		accepted: newSegment(clients), onProbation: newSegment(max(clients/probationShare, minOnProbation)),
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stopSweep = cancel
	p.wg.Go(func() { p.sweep(ctx) })
	return p
}

// Reader returns a reader that uses the token of the caller.
func (p *Passthrough) Reader() *Reader { return newReader(p) }

// choose returns the lease of the client of the caller's token.
func (p *Passthrough) choose(ctx context.Context, _ string) (*lease, error) {
	c := authz.CallerFrom(ctx)
	if c == nil || c.Atlas == "" {
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "there is no access token of Atlas"}
	}
	var l *lease
	var err error
	p.change(func() {
		if l, err = p.leaseOf(c.Atlas); err == nil {
			l.take() // of a segment, so it was not withdrawn
		}
	})
	return l, err
}

// change calls do with the lock held, and afterwards ends, without the lock, the leases that it
// removed: to close a client takes time.
func (p *Passthrough) change(do func()) {
	p.mu.Lock()
	do()
	unused := p.unused
	p.unused = nil
	p.mu.Unlock()
	for _, l := range unused {
		l.end()
	}
}

// withdraw withdraws a lease that was removed from a segment. The lock is held, so that a user of
// the lease can tell whether it is in one.
func (p *Passthrough) withdraw(l *lease) {
	if l.withdraw() {
		p.unused = append(p.unused, l)
	}
}

// add adds a client to a segment, and evicts the least recently used one from a full one.
func (p *Passthrough) add(to segment, hash tokenHash, l *lease) {
	if to.Len() == to.size {
		_, oldest, _ := to.RemoveOldest()
		p.withdraw(oldest)
	}
	to.Add(hash, l)
}

func (p *Passthrough) leaseOf(token secret.Text) (*lease, error) {
	if p.closed {
		return nil, errClosed
	}
	hash := sha256.Sum256([]byte(string(token)))
	if l, ok := p.accepted.Get(hash); ok {
		return l, nil
	}
	if l, ok := p.onProbation.Get(hash); ok {
		return l, nil
	}
	if !p.made.Allow() {
		return nil, &authz.Error{
			Kind: authz.RateLimited, Message: "too many new access tokens of Atlas came at once", RetryAfter: time.Second,
		}
	}
	u, err := p.build(atlas.AccessToken{Token: token}, "")
	if err != nil {
		return nil, err
	}
	p.open.Add(1)
	l := newLease(u, p.open.Done)
	l.answered = func() { p.accept(hash, l) }
	p.add(p.onProbation, hash, l)
	return l, nil
}

// accept ends the probation of a client whose token Atlas has accepted. A user calls it before the
// release, so a client that was evicted before its first answer came is not closed yet, and is
// added again.
func (p *Passthrough) accept(hash tokenHash, l *lease) {
	if !l.Client.Accepted() {
		return
	}
	p.change(func() {
		if p.closed || p.accepted.Contains(hash) {
			return
		}
		if current, ok := p.onProbation.Peek(hash); ok {
			p.onProbation.Remove(hash)
			l = current // another client, if this one was evicted and the token came again
		} else {
			l.reinstate()
		}
		p.add(p.accepted, hash, l)
	})
}

// projects lists the projects that the caller's token can see.
func (p *Passthrough) projects(ctx context.Context) (*restore.Projects, error) {
	l, err := p.choose(ctx, "")
	if err != nil {
		return nil, err
	}
	defer l.release()
	return l.Service.Projects(ctx)
}

// organizations lists the organizations that the caller's token can see.
func (p *Passthrough) organizations(ctx context.Context) (*restore.Organizations, error) {
	l, err := p.choose(ctx, "")
	if err != nil {
		return nil, err
	}
	defer l.release()
	return l.Service.Organizations(ctx)
}

// sweep removes clients that have had no user for idleFor, until ctx ends.
func (p *Passthrough) sweep(ctx context.Context) {
	ticks := time.NewTicker(idleFor / 5)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		p.change(func() {
			for _, s := range []segment{p.accepted, p.onProbation} {
				for _, hash := range s.Keys() {
					l, _ := s.Peek(hash)
					if since := l.idleSince(); !since.IsZero() && time.Since(since) >= idleFor {
						s.Remove(hash)
						p.withdraw(l)
					}
				}
			}
		})
	}
}

// Close closes all clients and waits for the reads that are under way.
func (p *Passthrough) Close() {
	p.stopSweep()
	p.wg.Wait()
	p.change(func() {
		p.closed = true
		for _, s := range []segment{p.accepted, p.onProbation} {
			for _, l := range s.Values() {
				p.withdraw(l)
			}
			s.Purge()
		}
	})
	p.open.Wait()
}
