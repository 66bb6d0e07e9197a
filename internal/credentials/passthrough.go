package credentials

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"atlas-restore-gateway/internal/access"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Bounds of passthrough.
const (
	DefaultPassthroughClients = 256
	// idleFor is how long a client that nobody uses is there for its caller to come back.
	idleFor = 5 * time.Minute
	// newClients are made at most so many a second, with a burst: whoever makes up tokens
	// shall not push out those of others, or make the gateway call Atlas, as fast as they
	// can send.
	newClients      = 20
	newClientsBurst = 100
)

// Passthrough reads with the caller's own access token: a client for each token, and
// nothing shared between two of them. The gateway holds no credential then.
type Passthrough struct {
	build Build
	made  *rate.Limiter

	end context.CancelFunc
	wg  sync.WaitGroup

	open sync.WaitGroup // what is not closed yet

	mu     sync.Mutex
	byHash *simplelru.LRU[[sha256.Size]byte, *lease]
	out    []*lease // taken out of byHash, to be retired when the lock is free
	closed bool
}

// NewPassthrough keeps at most so many clients; 0 means DefaultPassthroughClients. Close
// must be called.
func NewPassthrough(build Build, clients int) *Passthrough {
	if clients <= 0 {
		clients = DefaultPassthroughClients
	}
	p := &Passthrough{build: build, made: rate.NewLimiter(newClients, newClientsBurst)}
	var err error
	p.byHash, err = simplelru.NewLRU(clients, func(_ [sha256.Size]byte, l *lease) { p.out = append(p.out, l) })
	if err != nil {
		panic(err) // only of a size below one
	}
	ctx, end := context.WithCancel(context.Background())
	p.end = end
	p.wg.Go(func() { p.sweep(ctx) })
	return p
}

// Reader reads with them.
func (p *Passthrough) Reader() *Reader { return &Reader{p} }

// choose is the client of the caller's token.
func (p *Passthrough) choose(ctx context.Context, _ string) (*lease, error) {
	c := access.From(ctx)
	if c == nil || c.Atlas == "" {
		return nil, &access.Error{Kind: access.Unauthenticated, Message: "there is no access token of Atlas"}
	}
	var l *lease
	var err error
	p.change(func() {
		if l, err = p.leaseOf(c.Atlas); err == nil {
			l.take() // which nobody has retired: it is in byHash
		}
	})
	return l, err
}

// change does something under the lock, and retires what was taken out by it when the
// lock is free again: to close a client takes its time.
func (p *Passthrough) change(do func()) {
	p.mu.Lock()
	do()
	out := p.out
	p.out = nil
	p.mu.Unlock()
	for _, l := range out {
		l.retire()
	}
}

func (p *Passthrough) leaseOf(token access.Secret) (*lease, error) {
	if p.closed {
		return nil, errClosed
	}
	hash := sha256.Sum256([]byte(string(token)))
	if l, ok := p.byHash.Get(hash); ok {
		return l, nil
	}
	if !p.made.Allow() {
		return nil, &access.Error{Kind: access.RateLimited, Message: "too many new access tokens of Atlas came at once", RetryAfter: time.Second}
	}
	u, err := p.build(atlas.AccessToken{Token: atlas.Secret(token)}, "")
	if err != nil {
		return nil, err
	}
	p.open.Add(1)
	l := newLease(u, p.open.Done)
	p.byHash.Add(hash, l)
	return l, nil
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
			for _, hash := range p.byHash.Keys() {
				l, _ := p.byHash.Peek(hash)
				if since := l.idleSince(); !since.IsZero() && time.Since(since) >= idleFor {
					p.byHash.Remove(hash)
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
		p.byHash.Purge()
	})
	p.open.Wait()
}
