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
	metrics         Metrics // nil counts nothing
	compression     compression
}

var _ graphql.Transport = (*httpTransport)(nil)

// Supports reports true for every request: one that cannot be served gets a GraphQL error, too.
func (*httpTransport) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t *httpTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	ctx := r.Context()
	mediaType, ok := negotiate(r.Header["Accept"])
	if !ok {
		reject(http.StatusNotAcceptable, codeBadRequest,
			"answers are "+mediaTypeGraphQL+" or "+mediaTypeJSON+"; the Accept header takes neither").write(ctx, w,
			mediaTypeJSON)
		return
	}
	// gqlgen's server would send a data entry.
	defer recoverAndRespond(w, r, t.logger)
	start := time.Now()
	op, rejected := t.operation(w, r, mediaType, exec)
	if rejected != nil {
		if t.metrics != nil {
			t.metrics.Operation(typeUnknown, outcomeRefused, codesOf(rejected.errors), time.Since(start))
		}
		rejected.write(ctx, w, mediaType)
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errOperationTimeout)
	defer cancel()
	release, err := t.execution.acquire(ctx, op.estimate.Fields, t.timeout/2)
	if err != nil {
		rejectForMemory(ctx, w, mediaType, err)
		return
	}
	// The memory is free as soon as the answer is encoded.
	release = sync.OnceFunc(release)
	defer release()
	ctx, meter := t.meter(ctx, op.estimate)
	var freshness *restore.Freshness
	if t.cacheable(r, op) {
		freshness = &restore.Freshness{}
		ctx = restore.WithFreshness(ctx, freshness)
	}
	size := &answerSize{max: t.maxAnswerBytes}
	if t.warn {
		size.max = max(size.max, MaxAnswerBytes)
	}
	maxListFields := int64(t.maxAnswerFields)
	if t.warn {
		maxListFields = 0
	}
	limits := execution.NewLimits(maxListFields, size.max)
	if wantsNoCache(r.Header) {
		ctx = restore.WithNoCache(ctx)
	}
	respond, ctx := exec.DispatchOperation(limits.With(size.with(ctx)), op.context)
	response := respond(ctx)
	if used := limits.ListFields(); used > int64(t.maxAnswerFields) {
		t.logLimit(ctx, op.source, "answer fields", int(used), t.maxAnswerFields)
	}
	recordCalls(ctx, meter.Requests())
	if response == nil {
		// The client has disconnected: gqlgen returns no response.
		return
	}
	recordErrors(ctx, response.Errors)
	setCostHeader(w, r, op.estimate, meter.Requests())
	t.answer(w, r, mediaType, op, freshness, size, response, release)
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
