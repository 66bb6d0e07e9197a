package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/execution"
	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/subscription"
	"atlas-restore-gateway/internal/watch"
)

// streams are the subscriptions of a gateway.
type streams struct {
	Streams

	live     loader.Reader // guarded
	hub      *watch.Hub
	manager  *subscription.Manager
	counts   streamCounts
	callback *http.Client

	mu       sync.Mutex
	ending   bool                 // no session begins any more
	onEnd    map[*func()]struct{} // called when streams end
	sessions sync.WaitGroup       // WebSocket connections, and streams by callbacks
	ctx      context.Context      //nolint:containedctx // that of all sessions
	cancel   context.CancelFunc
	// waiting are the WebSocket connections whose caller is not authenticated yet, and connections are all of them.
	waiting, connections atomic.Int64
}

func newStreams(c Config, live loader.Reader) *streams {
	s := &streams{
		Streams: c.Streams, live: live, hub: watch.NewHub(c.Live, c.Tracer, c.Logger), callback: newCallbackClient(),
	}
	s.manager = subscription.New(subscription.Config{
		Hub: s.hub, StaleAfter: c.Streams.StaleAfter, MaxLife: c.Streams.Life, MaxStreams: c.Streams.Max,
		MaxPerCaller: c.Streams.PerCaller, FirstEvent: min(firstEventTimeout, c.OperationTimeout),
	})
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// beginSession counts a session, which calls sessions.Done at its end. It reports false when the gateway is shutting
// down.
func (s *streams) beginSession() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ending {
		s.sessions.Add(1)
	}
	return !s.ending
}

// end ends all streams, and lets none begin.
func (s *streams) end() {
	s.mu.Lock()
	s.ending = true
	told := slices.Collect(maps.Keys(s.onEnd))
	s.onEnd = nil
	s.mu.Unlock()
	s.manager.Shutdown()
	for _, f := range told {
		go (*f)() // it is waited for with its session
	}
}

// onShutdown has f called, in a goroutine of its own, when streams end, unless the caller forgets it. It is called within
// a session.
func (s *streams) onShutdown(f func()) (forget func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		go f()
		return func() {}
	}
	if s.onEnd == nil {
		s.onEnd = make(map[*func()]struct{})
	}
	s.onEnd[&f] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.onEnd, &f)
	}
}

// shutdown ends all streams, and waits for those that outlive their requests, until ctx ends.
func (s *streams) shutdown(ctx context.Context) {
	s.end()
	ended := make(chan struct{})
	go func() {
		s.sessions.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		s.cancel()
		<-ended
	}
}

func (s *streams) close() {
	s.end()
	s.cancel()
	s.sessions.Wait()
	s.manager.Close()
	s.hub.Close()
}

// events is what a client gets of a subscription: a *subscription.Stream, or a single event.
type events interface {
	// Next returns the next event, or an error: see subscription.Stream.
	Next(ctx context.Context, heartbeat <-chan time.Time) (subscription.Event, error)
	Close()
}

// singleEvent is the only event of a subscription that is not watched.
type singleEvent struct {
	body  []byte
	taken bool
}

func (e *singleEvent) Next(context.Context, <-chan time.Time) (subscription.Event, error) {
	if e.taken {
		return subscription.Event{}, subscription.ErrOver
	}
	e.taken = true
	return subscription.Event{Body: e.body, Last: true}, nil
}

func (*singleEvent) Close() {}

// subscribe begins a subscription of a caller. ctx is that of the client: it has the caller and the origin of the
// request. The caller closes the events.
func (t *httpTransport) subscribe(ctx context.Context,
	s *session, op *operation) (events, *requestError) {
	if t.streams == nil {
		return nil, reject(http.StatusBadRequest, codeBadRequest, "this gateway serves no subscriptions")
	}
	sub, ok := execution.NewSubscription(t.schema, op.context)
	if !ok {
		return nil, badRequest("a subscription selects one field, and neither @skip nor @include may exclude it")
	}
	l := &liveOperation{transport: t, op: op, sub: sub}
	watched := sub.Watched
	var allowed bool
	if watched != nil {
		var err error
		if _, allowed, err = s.rights(watched.GroupID); err != nil {
			return nil, t.rejectStream(err)
		}
	}
	if !allowed {
		// The query says what is wrong, without a call of Atlas.
		x, err := t.execute(ctx, op, sub.Query)
		if err != nil {
			return nil, overloaded()
		}
		defer x.release()
		if x.response == nil {
			return nil, overloaded()
		}
		return &singleEvent{body: streamBody(x.response)}, nil
	}
	spec, err := l.spec(ctx, s)
	if err != nil {
		return nil, t.rejectStream(err)
	}
	stream, err := t.streams.manager.Open(spec)
	if err != nil {
		return nil, t.rejectStream(err)
	}
	return stream, nil
}

// rejectStream returns the errors of a subscription that cannot begin.
func (t *httpTransport) rejectStream(err error) *requestError {
	var limit *subscription.LimitError
	var ofCaller *authz.Error
	switch {
	case errors.As(err, &limit):
		status := http.StatusServiceUnavailable
		if limit.Caller {
			status = http.StatusTooManyRequests
		}
		return reject(status, codeStreamLimit, limit.Error()).with("limit", limit.Max).with("retryable", true)
	case errors.As(err, &ofCaller):
		return rejectedCaller(ofCaller)
	case errors.Is(err, subscription.ErrExpired):
		return reject(http.StatusUnauthorized, codeUnauthenticated, "your credential is not valid any more")
	case errors.Is(err, subscription.ErrShutdown):
		return reject(http.StatusServiceUnavailable, codeShutdown, "the gateway is shutting down: subscribe again").
			with("retryable", true)
	default:
		t.logger.Error("internal error", slog.String("error", err.Error()))
		return reject(http.StatusInternalServerError, codeInternal, "internal server error")
	}
}

// endOf returns the errors that tell a client why its stream ends before the subscription is over, for transports that
// have no other way to tell it.
func (t *httpTransport) endOf(ctx context.Context, err error) gqlerror.List {
	var rejected *requestError
	switch {
	case errors.Is(err, subscription.ErrLife), errors.Is(err, subscription.ErrExpired):
		message := "the stream has had its longest life: subscribe again"
		if errors.Is(err, subscription.ErrExpired) {
			message = "your credential is not valid any more: subscribe again with another one"
		}
		rejected = reject(http.StatusUnauthorized, codeStreamExpired, message).with("retryable", true)
	default:
		rejected = t.rejectStream(err)
	}
	return rejected.completed(ctx)
}

// liveOperation is a subscription that is executed.
type liveOperation struct {
	transport *httpTransport
	op        *operation
	sub       *execution.Subscription
}

// spec returns what the client of ctx subscribes to.
func (l *liveOperation) spec(ctx context.Context, s *session) (*subscription.Spec, error) {
	key, err := l.key()
	if err != nil {
		return nil, err
	}
	// Polls and events that are executed for several clients have an id of their own, which errors and the log have.
	info := &requestInfo{requestID: rand.Text(), operation: loggedName(l.op.document.Definition.Name)}
	shared := func(ctx context.Context) context.Context {
		ctx = context.WithValue(ctx, requestInfoKey{}, info)
		return authz.Unlimited(authz.WithCaller(ctx, s.caller))
	}
	groupID, had := l.sub.Watched.GroupID, false
	watched := *l.sub.Watched
	watched.Context = shared(context.Background())
	if s.caller.Method == authz.Passthrough {
		watched.Credential = s.caller.Key()
	}
	spec := &subscription.Spec{
		Key: key, Caller: s.limitKey(), Watch: watched, Expires: s.caller.Expires,
		Rights: func() (string, error) {
			rights, allowed, err := s.rights(groupID)
			if err == nil && had && !allowed {
				err = &authz.Error{Kind: authz.Forbidden, Message: "you may not read the project " + groupID + " any more"}
			}
			had = allowed
			return rights, err
		},
		Execute: func(ctx context.Context) subscription.Result { return l.event(shared(ctx)) },
		Stale:   l.stale,
	}
	if l.op.document.Downloads {
		spec.Own = func(context.Context) subscription.Result { return l.event(authz.Unlimited(ctx)) }
		spec.Execute = func(ctx context.Context) subscription.Result {
			// The result is compared, and never sent.
			result := l.event(withProbe(shared(ctx)))
			digest := sha256.Sum256(result.Body)
			result.Body, result.Value = digest[:], nil
			return result
		}
	}
	return spec, nil
}

type probeKey struct{}

// withProbe returns a context in which an event is executed that no client gets, so that the audit log has no line for it.
func withProbe(ctx context.Context) context.Context { return context.WithValue(ctx, probeKey{}, true) }

func isProbe(ctx context.Context) bool { return ctx.Value(probeKey{}) != nil }

// key returns the key of subscriptions with the same document and variables.
func (l *liveOperation) key() (string, error) {
	h := sha256.New()
	_, _ = h.Write(l.op.source.Hash[:])
	err := json.NewEncoder(h).Encode([]any{l.op.document.Definition.Name, l.op.context.Variables})
	return string(h.Sum(nil)), err
}

// event executes one event.
func (l *liveOperation) event(ctx context.Context) (result subscription.Result) {
	defer func() {
		if p := recover(); p != nil {
			logPanic(ctx, l.transport.logger, p, debug.Stack())
			internal := reject(http.StatusInternalServerError, codeInternal, "internal server error")
			result = subscription.Result{
				Failed: true, Body: streamBody(&graphql.Response{Errors: internal.completed(ctx)}),
			}
		}
	}()
	if tier, key, ok := l.sub.Job(); ok {
		// Before the execution: what is over then, is over in its result.
		job, err := l.transport.streams.live.Job(ctx, tier, key)
		result.Over = err == nil && job.IsOver()
	}
	x, err := l.transport.execute(execution.WithEvent(ctx), l.op, l.sub.Query)
	if err != nil {
		x.response, x.release = &graphql.Response{Errors: overloaded().completed(ctx)}, func() {}
	}
	defer x.release()
	if x.response == nil {
		return subscription.Result{Failed: true, Body: []byte(`{"data":null}`)} // ctx has ended
	}
	result.Body, result.Value = streamBody(x.response), x.response
	if !l.isNull(x.response) {
		return result // errors are those of parts of what was asked for
	}
	for _, e := range x.response.Errors {
		code, _ := e.Extensions["code"].(string)
		result.Failed = slices.Contains(passingCodes, code)
		result.Over = !result.Failed
		result.Expired = code == codeUnauthenticated
	}
	return result
}

// isNull reports whether an event has nothing of what was asked for.
func (l *liveOperation) isNull(r *graphql.Response) bool {
	return len(r.Data) == 0 || string(r.Data) == "null" || string(r.Data) == `{"`+l.sub.Name+`":null}`
}

// passingCodes are the codes of failures that do not end a subscription: it goes on when they have passed, or when an
// operator has mended them.
var passingCodes = []string{
	codeRateLimited, codeUpstreamError, codeUpstreamTimeout, codeUpstreamUnavailable, codeUpstreamUnauthenticated,
	codeUpstreamForbidden, codeOperationTimeout, codeOverloaded, codeInternal, codeCostLimit,
}

// stale returns an event again, with an error without a path, so that all of its data is of use.
func (*liveOperation) stale(r subscription.Result, s subscription.Staleness) subscription.Result {
	response, ok := r.Value.(*graphql.Response)
	if !ok {
		return r
	}
	e := &gqlerror.Error{
		Message: fmt.Sprintf("Atlas has not answered since %s: this is the last state", s.Since.UTC().Format(time.RFC3339)),
		Extensions: map[string]any{
			"code": codeStale, "staleSince": s.Since.UTC().Format(time.RFC3339), "retryable": false,
		},
	}
	if s.ClusterName != "" {
		e.Extensions["clusterName"] = s.ClusterName
	}
	again := *response
	again.Errors = append(slices.Clone(response.Errors), e)
	return subscription.Result{Body: streamBody(&again), Value: &again}
}

// subscribeByHTTP serves a subscription in the response to a request, or by callbacks.
func (t *httpTransport) subscribeByHTTP(w http.ResponseWriter,
	r *http.Request, form responseForm, op *operation) *requestError {
	s := newSession(t.access, r, authz.CallerFrom(r.Context()))
	if op.callback != nil {
		return t.subscribeByCallback(w, r, s, op)
	}
	if form.stream == noStream {
		return reject(http.StatusNotAcceptable, codeBadRequest, "this operation is a subscription: ask for it with Accept: "+
			mediaTypeEventStream+" or Accept: "+mediaTypeMultipart+";subscriptionSpec="+multipartSpec+", or by a WebSocket")
	}
	e, rejected := t.subscribe(r.Context(), s, op)
	if rejected != nil {
		return rejected
	}
	defer e.Close()
	setCostHeader(w, r, op.estimate, 0)
	t.sendEvents(w, r, form.stream, e)
	return nil
}
