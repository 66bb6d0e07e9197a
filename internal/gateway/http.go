package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/document"
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
	bodyTimeout     time.Duration
	timeout         time.Duration // of an operation
	documents       *document.Store
	limits          document.Limits
	warn            bool // log what goes beyond a limit, and serve it
	introspection   bool
	cache           CacheScope
	logger          *slog.Logger
}

var _ graphql.Transport = (*httpTransport)(nil)

// Supports everything: what cannot be served gets a GraphQL error, too.
func (*httpTransport) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t *httpTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	ctx := r.Context()
	mediaType, ok := negotiate(r.Header["Accept"])
	if !ok {
		refuse(http.StatusNotAcceptable, codeBadRequest,
			"answers are "+mediaTypeGraphQL+" or "+mediaTypeJSON+"; the Accept header takes neither").write(ctx, w, mediaTypeJSON)
		return
	}
	// Before gqlgen's server does, which sends a data entry along.
	defer recovered(w, r, t.logger)
	op, refused := t.operation(w, r, mediaType, exec)
	if refused != nil {
		refused.write(ctx, w, mediaType)
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errOperationTimeout)
	defer cancel()
	var life *restore.Life
	if t.cacheable(r, op) {
		life = &restore.Life{}
		ctx = restore.WithLife(ctx, life)
	}
	respond, ctx := exec.DispatchOperation(ctx, op.context)
	response := respond(ctx)
	if response == nil {
		// The client has left: gqlgen answers nothing then.
		return
	}
	status := http.StatusOK
	body, err := encode(response)
	if err != nil {
		body, status = notEncoded, http.StatusInternalServerError
	} else if life != nil && len(response.Errors) == 0 {
		t.setCaching(w, r, op, life, body)
		if hasETag(r, w.Header().Get("ETag")) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	writeBody(w, mediaType, status, body)
}

// operation is an operation that may be executed.
type operation struct {
	document *document.Operation
	context  *graphql.OperationContext
	// hashed is whether the client named the document by an id alone.
	hashed bool
}

// operation is the operation that the request asks for, checked in the order of what a
// check costs: nothing is validated that is too large, and nothing is executed that
// may not be.
func (t *httpTransport) operation(w http.ResponseWriter, r *http.Request, mediaType string, exec graphql.GraphExecutor) (*operation, *refusal) {
	req, refused := t.readRequest(w, r)
	if refused != nil {
		return nil, refused
	}
	doc, err := t.documents.Find(req.ref())
	if err != nil {
		return nil, refuseDocument(mediaType, err)
	}
	op := doc.Operation(req.OperationName)
	switch {
	case op == nil:
		return nil, refuse(lawful(mediaType), errcode.ValidationFailed, noOperation(req.OperationName))
	case r.Method == http.MethodGet && op.Definition.Operation != ast.Query:
		refused := refuse(http.StatusMethodNotAllowed, codeBadRequest, "GET is for queries; send this operation by POST")
		refused.allow = http.MethodPost
		return nil, refused
	case op.Introspects && !t.introspection:
		return nil, refuse(http.StatusBadRequest, codeIntrospectionDisabled, "the schema cannot be read here: introspection is off")
	}
	hashed := req.Query == ""
	oc, errs := exec.CreateOperationContext(withDocument(r.Context(), doc.Document), &req.RawParams)
	if len(errs) > 0 {
		return nil, &refusal{status: lawful(mediaType), errors: tellVariables(op.Definition, req.Variables, errs)}
	}
	if refused := t.checkLists(r.Context(), oc.Variables, doc.Document); refused != nil {
		return nil, refused
	}
	t.note(r.Context(), doc)
	return &operation{op, oc, hashed}, nil
}

func noOperation(name string) string {
	if name == "" {
		return `the document holds several operations: name one in "operationName"`
	}
	return `the document holds no operation with the name that "operationName" gives`
}

// checkLists holds lists in variables against the limit; those in the document were
// held against it before.
func (t *httpTransport) checkLists(ctx context.Context, variables map[string]any, doc *document.Document) *refusal {
	got := document.LongestList(variables)
	if got <= t.limits.ListItems {
		return nil
	}
	beyond := &document.LimitError{Limit: document.ListItems, Max: t.limits.ListItems, Got: got}
	if !t.warn {
		return refuseDocument("", beyond)
	}
	t.noteLimit(ctx, doc, string(beyond.Limit), beyond.Got, beyond.Max)
	return nil
}

// note logs what is served and would be refused if the limits, or the manifest, were
// enforced.
func (t *httpTransport) note(ctx context.Context, doc document.Found) {
	for _, beyond := range doc.Beyond {
		t.noteLimit(ctx, doc.Document, string(beyond.Limit), beyond.Got, beyond.Max)
	}
	if doc.Untrusted {
		t.logger.LogAttrs(ctx, slog.LevelWarn, "a document that is not in the manifest was served", slog.String("sha256", doc.Hash.String()))
	}
}

// noteLimit names the document by its hash alone: queries are not logged.
func (t *httpTransport) noteLimit(ctx context.Context, doc *document.Document, limit string, got, most int) {
	t.logger.LogAttrs(ctx, slog.LevelWarn, "an operation beyond a limit was served",
		slog.String("limit", limit), slog.Int("got", got), slog.Int("max", most), slog.String("sha256", doc.Hash.String()))
}

// The document of an operation travels in the context to gqlgen's executor, which asks
// its cache for what it would else parse.
type documentKey struct{}

func withDocument(ctx context.Context, doc *document.Document) context.Context {
	return context.WithValue(ctx, documentKey{}, doc)
}

// prepared is the cache of the executor: it always has what is asked for.
type prepared struct{}

// Get gives the document that the transport has found.
func (prepared) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := ctx.Value(documentKey{}).(*document.Document)
	if !ok {
		return nil, false
	}
	return doc.AST, true
}

// Add keeps nothing.
func (prepared) Add(context.Context, string, *ast.QueryDocument) {}
