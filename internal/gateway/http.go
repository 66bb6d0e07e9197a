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

// httpTransport is GraphQL over HTTP by GET and POST
// (https://graphql.github.io/graphql-over-http/draft/). It stands in the place of
// gqlgen's own, which repeat a malformed body in their answer and send a data
// entry with a request that was never executed.
//
// Where the newest draft and the audits of graphql-http differ, it does what the audits
// want: without an Accept header the answer is application/json and not
// application/graphql-response+json, and a document that does not validate is 400 and
// not 422.
type httpTransport struct {
	maxRequestBytes int64
	timeout         time.Duration // of an operation
	schema          *ast.Schema
	documents       *document.Store
	limits          document.Limits
	warn            bool // log what goes beyond a limit, and serve it
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
	metrics         Metrics // nil tells nobody
	compression     compression
}

var _ graphql.Transport = (*httpTransport)(nil)

// Supports everything: what cannot be served gets a GraphQL error, too.
func (*httpTransport) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t *httpTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	ctx := r.Context()
	mediaType, ok := negotiate(r.Header["Accept"])
	if !ok {
		reject(http.StatusNotAcceptable, codeBadRequest,
			"answers are "+mediaTypeGraphQL+" or "+mediaTypeJSON+"; the Accept header takes neither").write(ctx, w, mediaTypeJSON)
		return
	}
	// Before gqlgen's server does, which sends a data entry along.
	defer recoverAndRespond(w, r, t.logger)
	start := time.Now()
	op, refused := t.operation(w, r, mediaType, exec)
	if refused != nil {
		if t.metrics != nil {
			t.metrics.Operation(typeUnknown, outcomeRefused, codesOf(refused.errors), time.Since(start))
		}
		refused.write(ctx, w, mediaType)
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errOperationTimeout)
	defer cancel()
	release, err := t.execution.acquire(ctx, op.estimate.Fields, t.timeout/2)
	if err != nil {
		rejectForMemory(ctx, w, mediaType, err)
		return
	}
	// Once, as soon as the answer is no longer held in two forms.
	release = sync.OnceFunc(release)
	defer release()
	ctx, meter := t.meter(ctx, op.estimate)
	var life *restore.Freshness
	if t.cacheable(r, op) {
		life = &restore.Freshness{}
		ctx = restore.WithFreshness(ctx, life)
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
		// The client has left: gqlgen answers nothing then.
		return
	}
	recordErrors(ctx, response.Errors)
	setCostHeader(w, r, op.estimate, meter.Requests())
	t.answer(w, r, mediaType, op, life, size, response, release)
}

// refuseForMemory answers an operation that found no memory, unless its client has left.
func rejectForMemory(ctx context.Context, w http.ResponseWriter, mediaType string, err error) {
	if errors.Is(err, errNoAnswerMemory) {
		w.Header().Del("ETag")
		w.Header().Set("Retry-After", strconv.Itoa(int(answerRetryAfter.Seconds())))
		overloaded().write(ctx, w, mediaType)
	}
}

// encode is the body of the answer. In the place of one that is too large is an error.
func (t *httpTransport) encode(ctx context.Context, op *operation, size *answerSize, response *graphql.Response) (answerBody, error) {
	body, err := encode(response)
	if err != nil {
		return nil, err
	}
	switch n := int64(body.size()); {
	case n > size.max && size.err == nil:
		// Its errors were counted about.
		size.err = errAnswerTooLarge
		*response = *size.orTooLarge(ctx, response)
		return encode(response)
	case n > t.maxAnswerBytes && t.warn:
		t.logLimit(ctx, op.source, "answer bytes", int(n), int(t.maxAnswerBytes))
	}
	return body, nil
}

// answer sends what was executed; life is that of an answer that may be kept, or nil. It calls encoded when the memory of the
// execution is free again.
func (t *httpTransport) answer(w http.ResponseWriter, r *http.Request, mediaType string, op *operation, life *restore.Freshness, size *answerSize, response *graphql.Response, encoded func()) {
	ctx := r.Context()
	body, err := t.encode(ctx, op, size, response)
	status := http.StatusOK
	if err != nil {
		body, status = encodingFailed, http.StatusInternalServerError
	}
	t.compression.vary(w.Header())
	if life != nil && err == nil && len(response.Errors) == 0 {
		t.setCacheHeaders(w, r, op, life, body)
		if hasETag(r, w.Header().Get("ETag")) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	// While it is written, and compressed, the original need not be held.
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
