package execution

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/fastpath"
	"atlas-restore-gateway/internal/loader"
)

// Config is what operations are executed with. Reader is required.
type Config struct {
	Reader loader.Reader
	// Live is the Reader of events of subscriptions; nil where there are none.
	Live loader.Reader
	// Concurrency is how many calls of Atlas one operation makes at a time.
	Concurrency int
	// PlainSDL leaves the directives of authorization out of the SDL that _service returns.
	PlainSDL bool
	// FastPath answers what it can; with nil gqlgen executes and writes everything.
	FastPath *fastpath.FastPath
}

// Server is what executes operations: a handler.Server, or an executor.Executor.
type Server interface {
	Use(extension graphql.HandlerExtension)
	AroundRootFields(f graphql.RootFieldMiddleware)
	AroundResponses(f graphql.ResponseMiddleware)
}

// Use adds the extensions of this package to a server that serves the schema. It is called after everything else that
// surrounds a response, because loaders live for one operation, and in a subscription for one event.
func Use(srv Server, schema graphql.ExecutableSchema, c Config) {
	srv.Use(nullIntrospection{})
	srv.Use(newFederation(schema.Schema(), c.PlainSDL))
	srv.Use(outputCheck{})
	srv.Use(fieldWriter{c.FastPath})
	srv.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		growStack()
		return next(ctx)
	})
	srv.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		oc := graphql.GetOperationContext(ctx)
		fields := rootFields(oc)
		hints := batchHints(fields, oc.Variables)
		reader := c.Reader
		if IsEvent(ctx) {
			reader = c.Live
		}
		loaders := loader.New(ctx, reader, c.Concurrency, hints)
		defer loaders.Close()
		loaders.Prefetch()
		ctx = loaders.With(ctx)
		if operation, ok := keyedJobs(fields, hints); ok {
			if response, ok := c.FastPath.TryAnswer(ctx, operation); ok {
				return response
			}
		}
		return next(ctx)
	})
}

// growStack grows the stack of a root field's goroutine at once, to what most fields and those below them need. A stack
// that grows field by field is copied each time: without this, twenty root fields take a fifth more CPU, and with the
// 10 KiB of a call (flight.Group) a tenth more.
//
//go:noinline
func growStack() {
	var frame [3 << 10]byte
	runtime.KeepAlive(&frame)
}

// Limits bound what one operation adds to its answer while it is executed. They are safe for concurrent use.
type Limits struct {
	// MaxListFields is how many fields the answer may have because lists of Atlas are longer than the estimate of
	// the operation assumed; 0 is no limit.
	MaxListFields int64

	listFields atomic.Int64
	written    fastpath.Budget
}

// NewLimits returns limits for one operation. MaxBytes is how many bytes the fast path may hold of its answer.
func NewLimits(maxListFields, maxBytes int64) *Limits {
	l := &Limits{MaxListFields: maxListFields}
	l.written.Add(maxBytes)
	return l
}

// ListFields is how many fields the answer has because of such lists.
func (l *Limits) ListFields() int64 { return l.listFields.Load() }

// budget is that of the fast path; nil is no bound.
func (l *Limits) budget() *fastpath.Budget {
	if l == nil {
		return nil
	}
	return &l.written
}

type limitsKey struct{}

// With returns a context in which an operation is executed within the limits.
func (l *Limits) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, limitsKey{}, l)
}

// limitsOf returns the limits of the operation that ctx belongs to, or nil.
func limitsOf(ctx context.Context) *Limits {
	l, _ := ctx.Value(limitsKey{}).(*Limits)
	return l
}
