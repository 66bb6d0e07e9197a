package upstream

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/secret"
)

// Bounds of passthrough.
const (
	DefaultPassthroughClients = 256
	// idleFor is how long a client that nobody uses is there for its caller to come back.
	idleFor = 5 * time.Minute
	// newClients are made at most so many a second, with a burst: whoever makes up tokens
	// shall not make the gateway call Atlas as fast as they can send.
	newClients      = 20
	newClientsBurst = 100
	// unprovenShare and minUnproven bound the clients of tokens that Atlas has not accepted
	// yet: a share of how many of the others there can be, and at least so many.
	unprovenShare = 4
	minUnproven   = 8
)

// Passthrough reads with the caller's own access token: a client for each token, and
// nothing shared between two of them. The gateway holds no credential then.
//
// The clients are kept in a segmented LRU: a new one is on probation, where only other new
// ones push it out, and moves when Atlas has answered it for the first time. So made-up
// tokens, of which there is no end, never cost anybody a client that Atlas has answered.
type Passthrough struct {
	build Build
	made  *rate.Limiter

	end context.CancelFunc
	wg  sync.WaitGroup

	open sync.WaitGroup // what is not closed yet

	mu       sync.Mutex
	proven   segment  // whose tokens Atlas has accepted
	unproven segment  // whose tokens it has not accepted yet, or refuses
	out      []*lease // taken out of both and unused, to be ended when the lock is free
	closed   bool
}

// segment holds clients by their tokens. What stands in it was not withdrawn.
type segment struct {
	*simplelru.LRU[tokenHash, *lease]

	size int
}

type tokenHash = [sha256.Size]byte

func newSegment(size int) segment {
	lru, err := simplelru.NewLRU[tokenHash, *lease](size, nil)
	if err != nil {
		panic(err) // only of a size below one
	}
	return segment{lru, size}
}

// NewPassthrough keeps at most so many clients of tokens that Atlas has accepted, and a
// quarter of that, but at least eight, of others; 0 means DefaultPassthroughClients. Close
// must be called.
func NewPassthrough(build Build, clients int) *Passthrough {
	if clients <= 0 {
		clients = DefaultPassthroughClients
	}
	p := &Passthrough{
		build: build, made: rate.NewLimiter(newClients, newClientsBurst),
		proven: newSegment(clients), unproven: newSegment(max(clients/unprovenShare, minUnproven)),
	}
	ctx, end := context.WithCancel(context.Background())
	p.end = end
	p.wg.Go(func() { p.sweep(ctx) })
	return p
}

// Reader reads with them.
func (p *Passthrough) Reader() *Reader { return newReader(p) }

// choose is the client of the caller's token.
func (p *Passthrough) choose(ctx context.Context, _ string) (*lease, error) {
	c := authz.CallerFrom(ctx)
	if c == nil || c.Atlas == "" {
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "there is no access token of Atlas"}
	}
	var l *lease
	var err error
	p.change(func() {
		if l, err = p.leaseOf(c.Atlas); err == nil {
			l.take() // which nobody has withdrawn: it stands in a segment
		}
	})
	return l, err
}

// change does something under the lock, and ends what was taken out by it when the lock
// is free again: to close a client takes its time.
func (p *Passthrough) change(do func()) {
	p.mu.Lock()
	do()
	out := p.out
	p.out = nil
	p.mu.Unlock()
	for _, l := range out {
		l.end()
	}
}

// takeOut withdraws what was taken out of a segment. It is done under the lock, so that
// whoever still uses it can tell whether it stands in one.
func (p *Passthrough) takeOut(l *lease) {
	if l.withdraw() {
		p.out = append(p.out, l)
	}
}

// add puts a client into a segment, in the place of the one that was used least lately.
func (p *Passthrough) add(to segment, hash tokenHash, l *lease) {
	if to.Len() == to.size {
		_, oldest, _ := to.RemoveOldest()
		p.takeOut(oldest)
	}
	to.Add(hash, l)
}

func (p *Passthrough) leaseOf(token secret.Text) (*lease, error) {
	if p.closed {
		return nil, errClosed
	}
	hash := sha256.Sum256([]byte(string(token)))
	if l, ok := p.proven.Get(hash); ok {
		return l, nil
	}
	if l, ok := p.unproven.Get(hash); ok {
		return l, nil
	}
	if !p.made.Allow() {
		return nil, &authz.Error{Kind: authz.RateLimited, Message: "too many new access tokens of Atlas came at once", RetryAfter: time.Second}
	}
	u, err := p.build(atlas.AccessToken{Token: token}, "")
	if err != nil {
		return nil, err
	}
	p.open.Add(1)
	l := newLease(u, p.open.Done)
	l.answered = func() { p.prove(hash, l) }
	p.add(p.unproven, hash, l)
	return l, nil
}

// prove ends the probation of a client whose token Atlas has accepted. It is called when
// somebody has read with it, and still has it: so one that was pushed out before its first
// answer came has not ended, and comes back.
func (p *Passthrough) prove(hash tokenHash, l *lease) {
	if !l.Client.Accepted() {
		return
	}
	p.change(func() {
		if p.closed || p.proven.Contains(hash) {
			return
		}
		if standing, ok := p.unproven.Peek(hash); ok {
			p.unproven.Remove(hash)
			l = standing // which is another one, if this one was pushed out and the token came again
		} else {
			l.reinstate()
		}
		p.add(p.proven, hash, l)
	})
}

// projects lists what the caller's token can see.
func (p *Passthrough) projects(ctx context.Context) (*restore.Projects, error) {
	l, err := p.choose(ctx, "")
	if err != nil {
		return nil, err
	}
	defer l.release()
	return l.Service.Projects(ctx)
}

// sweep takes out what nobody has used for a while.
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
			for _, s := range []segment{p.proven, p.unproven} {
				for _, hash := range s.Keys() {
					l, _ := s.Peek(hash)
					if since := l.idleSince(); !since.IsZero() && time.Since(since) >= idleFor {
						s.Remove(hash)
						p.takeOut(l)
					}
				}
			}
		})
	}
}

// Close closes all clients and waits for those that are still in use.
func (p *Passthrough) Close() {
	p.end()
	p.wg.Wait()
	p.change(func() {
		p.closed = true
		for _, s := range []segment{p.proven, p.unproven} {
			for _, l := range s.Values() {
				p.takeOut(l)
			}
			s.Purge()
		}
	})
	p.open.Wait()
}
