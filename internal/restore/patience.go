package restore

import (
	"context"
	"sync"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// patience is how long those wait who share a call: as long as the last one.
type patience struct {
	mu      sync.Mutex
	end     time.Time
	forever bool
}

// with is a context for the call of all of them. It ends with none of theirs.
func (p *patience) with(ctx context.Context) context.Context {
	return atlas.WithSharedDeadline(context.WithoutCancel(ctx), p.until)
}

// join takes in one more who waits.
func (p *patience) join(ctx context.Context) {
	end, ends := atlas.Deadline(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ends {
		p.forever = true
	} else if end.After(p.end) {
		p.end = end
	}
}

func (p *patience) until() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end, !p.forever
}
