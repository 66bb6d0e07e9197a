package restore

import (
	"context"
	"sync"
	"time"
)

// Freshness is how long what was read with a context may be taken for true: until the first
// of it has to be asked for again, as Keep says. Whoever wants to know puts one into the
// context, by WithLife. It is safe for concurrent use.
type Freshness struct {
	mu       sync.Mutex
	until    time.Time
	download bool
}

type lifeKey struct{}

// WithFreshness makes what is read with the context note its life in l.
func WithFreshness(ctx context.Context, l *Freshness) context.Context {
	return context.WithValue(ctx, lifeKey{}, l)
}

// Remaining is how long that is from now on; 0 when nothing was read.
func (l *Freshness) Remaining() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return 0
	}
	return max(time.Until(l.until), 0)
}

// HasDownload is whether a job with a download URL was read. Such a URL is a key to a
// backup, and no cache may hold it.
func (l *Freshness) HasDownload() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.download
}

// noteLife notes the life of an answer where somebody wants to know.
func noteLife(ctx context.Context, a *answer) {
	l, ok := ctx.Value(lifeKey{}).(*Freshness)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() || a.until.Before(l.until) {
		l.until = a.until
	}
	switch v := a.value.(type) {
	case *Job:
		l.download = l.download || v.HasDownload()
	case *page[*Job]:
		for _, job := range v.items {
			l.download = l.download || job.HasDownload()
		}
	}
}
