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
	// estimate is the cost of the operation at worst.
	estimate cost.Estimate
	// hashed reports whether the client sent the document's hash or id alone.
	hashed bool
}

// operation returns the operation of a request. The checks are in the order of their cost: a document that is too large
// is not validated, and an operation that is not allowed is not executed.
func (t *httpTransport) operation(w http.ResponseWriter,
	r *http.Request, mediaType string, exec graphql.GraphExecutor) (*operation, *requestError) {
	req, rejected := t.readRequest(w, r)
	if rejected != nil {
		return nil, rejected
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
		rejected := reject(http.StatusMethodNotAllowed, codeBadRequest, "GET is for queries; send this operation by POST")
		rejected.allow = http.MethodPost
		return nil, rejected
	case op.Introspects && !t.introspection:
		return nil, reject(http.StatusBadRequest, codeIntrospectionDisabled,
			"the schema cannot be read here: introspection is off")
	}
	if errs := coerceVariables(t.schema, op.Definition, req.Variables); len(errs) > 0 {
		return nil, &requestError{
			status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs),
		}
	}
	oc, errs := exec.CreateOperationContext(withDocument(r.Context(), doc.Document), &req.RawParams)
	if len(errs) > 0 {
		return nil, &requestError{
			status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs),
		}
	}
	if rejected := t.checkLists(r.Context(), oc.Variables, doc.Document); rejected != nil {
		return nil, rejected
	}
	listed, searched := t.credentials()
	estimate := op.Cost.Estimate(oc.Variables, cost.Credentials{Listed: listed, Searched: searched})
	if rejected := t.checkCost(r.Context(), doc.Document, estimate); rejected != nil {
		setCostHeader(w, r, estimate, 0)
		return nil, rejected
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

// checkLists returns an error for a list in the variables that exceeds the limit. Lists in the document are checked
// with it.
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

// logUnenforced logs a served document that exceeds a limit, or is not in the manifest, where that is not enforced.
func (t *httpTransport) logUnenforced(ctx context.Context, doc document.Found) {
	for _, beyond := range doc.Beyond {
		t.logLimit(ctx, doc.Document, string(beyond.Limit), beyond.Got, beyond.Max)
	}
	if doc.Untrusted {
		t.logger.LogAttrs(ctx, slog.LevelWarn, "a document that is not in the manifest was served",
			slog.String("sha256", doc.Hash.String()))
	}
}

// logLimit identifies the document by its hash: queries are not logged.
func (t *httpTransport) logLimit(ctx context.Context, doc *document.Document, limit string, got, most int) {
	t.logger.LogAttrs(ctx, slog.LevelWarn, "an operation beyond a limit was served",
		slog.String("limit", limit), slog.Int("got", got), slog.Int("max", most), slog.String("sha256", doc.Hash.String()))
}

// documentKey is the context key of an operation's document: gqlgen's executor asks its query cache (documentCache) for
// it, and so does not parse it again.
type documentKey struct{}

func withDocument(ctx context.Context, doc *document.Document) context.Context {
	return context.WithValue(ctx, documentKey{}, doc)
}

// documentCache is the query cache of gqlgen's executor. It has the document of the operation in the context.
type documentCache struct{}

// Get returns the document that the transport has found.
func (documentCache) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := ctx.Value(documentKey{}).(*document.Document)
	if !ok {
		return nil, false
	}
	return doc.AST, true
}

// Add does nothing.
func (documentCache) Add(context.Context, string, *ast.QueryDocument) {}
