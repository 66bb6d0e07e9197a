package gateway

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/internal/cost"
	"atlas-restore-gateway/internal/document"
)

// operation is an operation that may be executed.
type operation struct {
	document *document.Operation
	source   *document.Document
	context  *graphql.OperationContext
	// estimate is what it can cost at worst.
	estimate cost.Estimate
	// hashed is whether the client named the document by an id alone.
	hashed bool
}

// operation is the operation that the request asks for, checked in the order of what a
// check costs: nothing is validated that is too large, and nothing is executed that
// may not be.
func (t *httpTransport) operation(w http.ResponseWriter, r *http.Request, mediaType string, exec graphql.GraphExecutor) (*operation, *requestError) {
	req, refused := t.readRequest(w, r)
	if refused != nil {
		return nil, refused
	}
	doc, err := t.documents.Find(req.ref())
	if err != nil {
		return nil, rejectDocument(mediaType, err)
	}
	op := doc.Operation(req.OperationName)
	if op == nil {
		return nil, reject(documentErrorStatus(mediaType), errcode.ValidationFailed, noOperation(req.OperationName))
	}
	recordOperation(r.Context(), op.Definition.Name)
	switch {
	case isRead(r.Method) && op.Definition.Operation != ast.Query:
		refused := reject(http.StatusMethodNotAllowed, codeBadRequest, "GET is for queries; send this operation by POST")
		refused.allow = http.MethodPost
		return nil, refused
	case op.Introspects && !t.introspection:
		return nil, reject(http.StatusBadRequest, codeIntrospectionDisabled, "the schema cannot be read here: introspection is off")
	}
	if errs := coerceVariables(t.schema, op.Definition, req.Variables); len(errs) > 0 {
		return nil, &requestError{status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs)}
	}
	oc, errs := exec.CreateOperationContext(withDocument(r.Context(), doc.Document), &req.RawParams)
	if len(errs) > 0 {
		return nil, &requestError{status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs)}
	}
	if refused := t.checkLists(r.Context(), oc.Variables, doc.Document); refused != nil {
		return nil, refused
	}
	listed, searched := t.credentials()
	estimate := op.Cost.Estimate(oc.Variables, cost.Credentials{Listed: listed, Searched: searched})
	if refused := t.checkCost(r.Context(), doc.Document, estimate); refused != nil {
		setCostHeader(w, r, estimate, 0)
		return nil, refused
	}
	t.logUnenforced(r.Context(), doc)
	return &operation{document: op, source: doc.Document, context: oc, estimate: estimate, hashed: req.Query == ""}, nil
}

func noOperation(name string) string {
	if name == "" {
		return `the document holds several operations: name one in "operationName"`
	}
	return `the document holds no operation with the name that "operationName" gives`
}

// checkLists holds lists in variables against the limit; those in the document were
// held against it before.
func (t *httpTransport) checkLists(ctx context.Context, variables map[string]any, doc *document.Document) *requestError {
	got := document.LongestList(variables)
	if got <= t.limits.ListItems {
		return nil
	}
	beyond := &document.LimitError{Limit: document.ListItems, Max: t.limits.ListItems, Got: got}
	if !t.warn {
		return rejectDocument("", beyond)
	}
	t.logLimit(ctx, doc, string(beyond.Limit), beyond.Got, beyond.Max)
	return nil
}

// note logs what is served and would be refused if the limits, or the manifest, were
// enforced.
func (t *httpTransport) logUnenforced(ctx context.Context, doc document.Found) {
	for _, beyond := range doc.Beyond {
		t.logLimit(ctx, doc.Document, string(beyond.Limit), beyond.Got, beyond.Max)
	}
	if doc.Untrusted {
		t.logger.LogAttrs(ctx, slog.LevelWarn, "a document that is not in the manifest was served", slog.String("sha256", doc.Hash.String()))
	}
}

// noteLimit names the document by its hash alone: queries are not logged.
func (t *httpTransport) logLimit(ctx context.Context, doc *document.Document, limit string, got, most int) {
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
type documentCache struct{}

// Get gives the document that the transport has found.
func (documentCache) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := ctx.Value(documentKey{}).(*document.Document)
	if !ok {
		return nil, false
	}
	return doc.AST, true
}

// Add keeps nothing.
func (documentCache) Add(context.Context, string, *ast.QueryDocument) {}
