package loader

import (
	"context"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"atlas-restore-gateway/internal/restore"
)

// DefaultConcurrency is how many calls one operation has under way at once.
const DefaultConcurrency = 16

// batchWait is how long a batch waits for keys where nobody can tell how many
// will come. It is short: waiting costs every caller, a second batch costs one.
const batchWait = time.Millisecond

// Jobs reads restore jobs; restore.Service is one.
type Jobs interface {
	ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error)
}

// Plan says what an operation can ask for, so that a batch leaves as soon as
// nothing more can join it.
type Plan struct {
	// ServerlessJobs is the number of different jobs; 0 when it is not known.
	ServerlessJobs int
}

// Loaders are the loaders of one operation. What they read, failures included, is
// kept as long as they live and no longer.
type Loaders struct {
	ctx    context.Context //nolint:containedctx // the operation's, whose life the loaders share
	cancel context.CancelFunc
	wg     sync.WaitGroup
	slots  chan struct{}

	serverlessJobs *dataloader.Loader[restore.Key, *pending[*restore.Job]]
}

// New makes the loaders of one operation. Fetches belong to ctx, the operation's
// context, and not to the field that asked first: one caller leaving fails no
// other. At most concurrency calls are under way at once. Close must be called.
func New(ctx context.Context, jobs Jobs, concurrency int, plan Plan) *Loaders {
	l := &Loaders{slots: make(chan struct{}, max(concurrency, 1))}
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.serverlessJobs = dataloader.NewBatchedLoader(
		each(l, jobs.ServerlessJob),
		dataloader.WithWait[restore.Key, *pending[*restore.Job]](batchWait),
		dataloader.WithBatchCapacity[restore.Key, *pending[*restore.Job]](plan.ServerlessJobs),
	)
	return l
}

// Close ends what is still being fetched and waits for it.
func (l *Loaders) Close() {
	l.cancel()
	l.wg.Wait()
}

// ServerlessJob reads one restore job of one serverless instance. It returns as
// soon as ctx ends, or with what restore.Service.ServerlessJob returns.
func (l *Loaders) ServerlessJob(ctx context.Context, key restore.Key) (*restore.Job, error) {
	return wait(ctx, l.serverlessJobs.Load(l.ctx, key))
}

type contextKey struct{}

// With puts the loaders into a context.
func (l *Loaders) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From takes the loaders of the operation out of its context. Without any, which
// is a mistake in the wiring, it panics.
func From(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }
