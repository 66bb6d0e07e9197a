package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/go-chi/chi/v5"

	"atlas-restore-gateway/internal/actions"
	"atlas-restore-gateway/internal/guard"
)

// Gateway is the HTTP handler of the whole service.
type Gateway struct {
	http.Handler

	draining  atomic.Bool
	execution *executionMemory
	memory    *answerMemory
	streams   *streams         // nil where no subscriptions are served
	actions   *actions.Service // nil where no mutations are served
}

// AnswerStats returns statistics of the answers that are being written.
func (g *Gateway) AnswerStats() AnswerStats { return g.memory.stats() }

// New returns a Gateway.
func New(c Config) (*Gateway, error) {
	if c.Reader == nil || c.Logger == nil {
		return nil, errors.New("gateway: Reader and Logger are required")
	}
	if err := c.CORS.Check(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if err := c.Access.check(); err != nil {
		return nil, err
	}
	if err := c.Streams.Check(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	// The guard is put around the readers here, so that no wiring can leave it out.
	c.Reader = guard.New(c.Reader, c.Access.Policy, c.Access.Limits, c.Logger)
	c = c.withDefaults()
	var streams *streams
	if c.Live != nil {
		streams = newStreams(c, guard.New(c.Live, c.Access.Policy, c.Access.Limits, c.Logger))
	}
	acts, err := newActions(c)
	if err != nil {
		return nil, err
	}
	memory := newAnswerMemory(c.MaxAnswerMemory)
	execution := newExecutionMemory(memory)
	graphQL, err := newGraphQL(c, execution, memory, streams, acts)
	if err != nil {
		return nil, err
	}
	protected, err := csrf(c.CORS)
	if err != nil {
		return nil, err
	}
	g := &Gateway{execution: execution, memory: memory, streams: streams, actions: acts}
	r := chi.NewRouter()
	// The order matters: everything below the ids can be found by them, everything below the access log is logged, and a
	// panic in any later handler becomes a response.
	r.Use(bodyTimeout(c.BodyTimeout), withRequestInfo, accessLog(c.Logger), recoverPanics(c.Logger), setHeaders(c.Mode),
		knownMethods)
	// A WebSocket has its own checks of origin and caller. A preflight is answered before the CSRF check, and both come
	// before authentication. Pages and health need no authentication; pages are served under the same hosts as /graphql.
	authenticate := c.Access.authenticate(c.Logger)
	toGraphQL := chi.Middlewares{c.CORS.middleware(), graphQL.webSocket(c.CORS), protected, authenticate}
	if c.Playground != nil {
		toGraphQL = slices.Insert(toGraphQL, 0, browsersToPlayground)
	}
	r.With(toGraphQL...).Handle("/graphql", graphQL)
	addPages(r, c, protected, authenticate)
	handleGet(r, "/health/live", live)
	handleGet(r, "/health/ready", g.ready)
	g.Handler = r
	if c.Metrics != nil {
		g.Handler = c.Metrics.Instrument(r)
	}
	return g, nil
}

// EndStreams ends all subscriptions, and lets none begin: clients are told to subscribe again, elsewhere. It waits for
// those that outlive their requests, until ctx ends.
func (g *Gateway) EndStreams(ctx context.Context) {
	if g.streams != nil {
		g.streams.shutdown(ctx)
	}
}

// Close ends what subscriptions need, and waits for it and for the outcomes of actions. The gateway serves no requests any
// more.
func (g *Gateway) Close() {
	if g.actions != nil {
		g.actions.Close()
	}
	if g.streams != nil {
		g.streams.close()
	}
}

// handleGet serves GET and HEAD.
func handleGet(r chi.Router, path string, handler http.HandlerFunc) {
	r.Get(path, handler)
	r.Head(path, handler)
}
