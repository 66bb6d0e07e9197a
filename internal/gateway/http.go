package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/execution"
	"atlas-restore-gateway/internal/restore"
)

// httpTransport is GraphQL over HTTP by GET and POST (https://graphql.github.io/graphql-over-http/draft/). It replaces
// gqlgen's transports, which repeat a malformed body in their response and send a data entry for a request that was
// never executed.
//
// Where the newest draft and the audits of graphql-http differ, it does what the audits want: without an Accept header
// the response is application/json and not application/graphql-response+json, and a document that does not validate is
// 400 and not 422.
type httpTransport struct {
	maxRequestBytes int64
	timeout         time.Duration // of an operation
	schema          *ast.Schema
	exec            graphql.GraphExecutor
	access          *Access
	streams         *streams
	documents       *document.Store
	limits          document.Limits
	warn            bool // log operations that exceed a limit, and serve them
	introspection   bool
	maxCost         int
	credentials     func() (listed, searched int)
	maxAnswerFields int
	maxAnswerBytes  int64
	execution       *executionMemory
	memory          *answerMemory
	cache           CacheScope
	callers         *authz.RateLimiter
	logger          *slog.Logger
	metrics         Metrics      // nil counts nothing
	tracer          trace.Tracer // nil traces nothing
	compression     compression
}

var _ http.Handler = (*httpTransport)(nil)

// ServeHTTP answers one request.
func (t *httpTransport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	untraced := r
	r, span := t.traceRequest(r)
	ctx := r.Context()
	defer func() { endSpan(ctx, span) }()
	form := responseFormOf(r.Header["Accept"])
	if !form.isJSON && form.stream == noStream {
		reject(http.StatusNotAcceptable, codeBadRequest,
			"answers are "+mediaTypeGraphQL+" or "+mediaTypeJSON+"; the Accept header takes neither").write(ctx, w,
			mediaTypeJSON)
		return
	}
	start := time.Now()
	op, rejected := t.operation(w, r, form)
	switch {
	case rejected != nil:
		t.countRejected(ctx, rejected, start)
		t.reject(w, r, form, rejected)
		return
	case op.isSubscription():
		// It lasts: its events and polls have spans of their own.
		nameSpan(ctx, op)
		endSpan(ctx, span)
		r = untraced
		if rejected := t.subscribeByHTTP(w, r, form, op); rejected != nil {
			t.countRejected(ctx, rejected, start)
			t.reject(w, r, form, rejected)
		}
		return
	}
	var freshness *restore.Freshness
	if t.cacheable(r, op) {
		freshness = &restore.Freshness{}
		ctx = restore.WithFreshness(ctx, freshness)
	}
	if wantsNoCache(r.Header) {
		ctx = restore.WithNoCache(ctx)
	}
	x, err := t.execute(ctx, op, op.context)
	if err != nil {
		rejectForMemory(ctx, w, form.mediaType, err)
		return
	}
	defer x.release()
	if x.response == nil {
		// The client has disconnected: gqlgen returns no response.
		return
	}
	setCostHeader(w, r, op.estimate, x.calls)
	if !form.isJSON {
		t.answerAsStream(w, r, form, x)
		return
	}
	t.answer(w, r, form.mediaType, op, freshness, x.size, x.response, x.release)
}

// countRejected counts a request that is not executed.
func (t *httpTransport) countRejected(ctx context.Context, rejected *requestError, start time.Time) {
	if t.metrics != nil {
		t.metrics.Operation(ctx, typeUnknown, outcomeRefused, codesOf(rejected.errors), time.Since(start))
	}
}

// reject sends the errors of a request that is not executed. A client that accepts streams alone gets a stream.
func (t *httpTransport) reject(w http.ResponseWriter, r *http.Request, form responseForm, rejected *requestError) {
	if form.isJSON {
		rejected.write(r.Context(), w, form.mediaType)
		return
	}
	t.rejectAsStream(w, r, form, rejected)
}

// executed is an operation that was executed.
type executed struct {
	response *graphql.Response // nil where the client has disconnected
	size     *answerSize
	calls    int
	// release frees the memory of the execution. It is called, perhaps twice, when the response was encoded.
	release func()
}

// execute executes an operation, or the query that is one event of it. The error is that of executionMemory.acquire.
func (t *httpTransport) execute(ctx context.Context,
	op *operation, query *graphql.OperationContext) (x executed, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errOperationTimeout)
	defer cancel()
	ctx, end := t.traceOperation(ctx)
	defer end()
	nameSpan(ctx, op)
	release, err := t.execution.acquire(ctx, op.estimate.Fields, t.timeout/2)
	if err != nil {
		return executed{}, err
	}
	// The memory is free as soon as the answer is encoded.
	x.release = sync.OnceFunc(release)
	ctx, meter := t.meter(ctx, op.estimate)
	x.size = &answerSize{max: t.maxAnswerBytes}
	if t.warn {
		x.size.max = max(x.size.max, MaxAnswerBytes)
	}
	maxListFields := int64(t.maxAnswerFields)
	if t.warn {
		maxListFields = 0
	}
	limits := execution.NewLimits(maxListFields, x.size.max)
	respond, ctx := t.exec.DispatchOperation(limits.With(x.size.with(ctx)), query)
	x.response = respond(ctx)
	if used := limits.ListFields(); used > int64(t.maxAnswerFields) {
		t.logLimit(ctx, op.source, "answer fields", int(used), t.maxAnswerFields)
	}
	x.calls = meter.Requests()
	recordCalls(ctx, x.calls)
	if x.response != nil {
		recordErrors(ctx, x.response.Errors)
	}
	return x, nil
}

// rejectForMemory answers an operation that got no memory, unless its client has disconnected.
func rejectForMemory(ctx context.Context, w http.ResponseWriter, mediaType string, err error) {
	if errors.Is(err, errNoAnswerMemory) {
		w.Header().Del("ETag")
		w.Header().Set("Retry-After", strconv.Itoa(int(answerRetryAfter.Seconds())))
		overloaded().write(ctx, w, mediaType)
	}
}

// encode returns the body of the response, or an error in place of one that is too large.
func (t *httpTransport) encode(ctx context.Context,
	op *operation, size *answerSize, response *graphql.Response) (answerBody, error) {
	body, err := encode(response)
	if err != nil {
		return nil, err
	}
	switch n := int64(body.size()); {
	case n > size.max && size.err == nil:
		// The bytes of its errors were an estimate.
		size.err = errAnswerTooLarge
		*response = *size.orTooLarge(ctx, response)
		return encode(response)
	case n > t.maxAnswerBytes && t.warn:
		t.logLimit(ctx, op.source, "answer bytes", int(n), int(t.maxAnswerBytes))
	}
	return body, nil
}

// answer sends the result of an operation; freshness is nil for one that no cache may store. It calls encoded when the
// memory of the execution is free.
func (t *httpTransport) answer(w http.ResponseWriter, r *http.Request, mediaType string, op *operation,
	freshness *restore.Freshness, size *answerSize, response *graphql.Response, encoded func()) {
	ctx := r.Context()
	body, err := t.encode(ctx, op, size, response)
	status := http.StatusOK
	if err != nil {
		body, status = encodingFailed, http.StatusInternalServerError
	}
	t.compression.vary(w.Header())
	if freshness != nil && err == nil && len(response.Errors) == 0 {
		t.setCacheHeaders(w, r, op, freshness, body)
		if hasETag(r, w.Header().Get("ETag")) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	// The original is not needed while the body is compressed and written.
	response.Data = nil
	body, encoding := t.compression.compress(r, mediaType, body)
	lease, err := t.memory.acquire(ctx, body.memory(), w, time.Now().Add(answerWait))
	if err != nil {
		rejectForMemory(ctx, w, mediaType, err)
		return
	}
	defer lease.release()
	encoded()
	if encoding != "" {
		w.Header().Set("Content-Encoding", encoding)
	}
	writeHead(w, mediaType, status, body)
	body.writeTo(w, lease.wasCut)
	if lease.wasCut() {
		t.logger.LogAttrs(ctx, slog.LevelInfo, "an answer was cut: its client did not read it, and others needed the memory",
			slog.Int("bytes", body.size()))
	}
}
