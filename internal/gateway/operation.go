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
	// callback is where the events of a subscription are to be sent; nil for every other operation.
	callback *callback
}

// isSubscription reports whether the operation is a subscription.
func (o *operation) isSubscription() bool { return o.document.Definition.Operation == ast.Subscription }

// operation returns the operation of an HTTP request.
func (t *httpTransport) operation(w http.ResponseWriter,
	r *http.Request, form responseForm) (*operation, *requestError) {
	req, rejected := t.readRequest(w, r)
	if rejected != nil {
		return nil, rejected
	}
	op, rejected := t.check(r.Context(), req, form.mediaType)
	if rejected != nil {
		if op != nil {
			setCostHeader(w, r, op.estimate, 0)
		}
		return nil, rejected
	}
	if rejected := checkMethod(r.Method, op, form); rejected != nil {
		return nil, rejected
	}
	return op, nil
}

// checkMethod returns an error for an operation that cannot be sent by the method. A stream of events is a read.
func checkMethod(method string, op *operation, form responseForm) *requestError {
	kind := op.document.Definition.Operation
	if !isRead(method) || kind == ast.Query ||
		kind == ast.Subscription && method == http.MethodGet && form.stream != noStream {
		return nil
	}
	rejected := reject(http.StatusMethodNotAllowed, codeBadRequest, "GET is for queries; send this operation by POST")
	rejected.allow = http.MethodPost
	return rejected
}

// check returns the operation of a request. The checks are in the order of their cost: a document that is too large is
// not validated, and an operation that is not allowed is not executed. With an error it may return the operation, too,
// whose estimate is known then.
func (t *httpTransport) check(ctx context.Context,
	req *request, mediaType string) (*operation, *requestError) {
	doc, err := t.documents.Find(ctx, req.ref())
	if err != nil {
		return nil, rejectDocument(mediaType, err)
	}
	op := doc.Operation(req.OperationName)
	if op == nil {
		return nil, reject(documentErrorStatus(mediaType), errcode.ValidationFailed, noOperation(req.OperationName))
	}
	recordOperation(ctx, op.Definition.Name)
	if op.Introspects && !t.introspection {
		return nil, reject(http.StatusBadRequest, codeIntrospectionDisabled,
			"the schema cannot be read here: introspection is off")
	}
	if errs := coerceVariables(t.schema, op.Definition, req.Variables); len(errs) > 0 {
		return nil, &requestError{
			status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs),
		}
	}
	oc, errs := t.exec.CreateOperationContext(withDocument(graphql.StartOperationTrace(ctx), doc.Document), &req.RawParams)
	if len(errs) > 0 {
		return nil, &requestError{
			status: documentErrorStatus(mediaType), errors: variableErrors(op.Definition, req.Variables, errs),
		}
	}
	if rejected := t.checkLists(ctx, oc.Variables, doc.Document); rejected != nil {
		return nil, rejected
	}
	listed, searched := t.credentials()
	estimate := op.Cost.Estimate(oc.Variables, cost.Credentials{Listed: listed, Searched: searched})
	out := &operation{document: op, source: doc.Document, context: oc, estimate: estimate, hashed: req.Query == ""}
	if rejected := t.checkCost(ctx, doc.Document, estimate); rejected != nil {
		return out, rejected
	}
	if out.isSubscription() {
		var rejected *requestError
		if out.callback, rejected = callbackOf(req.Extensions); rejected != nil {
			return nil, rejected
		}
	}
	t.logUnenforced(ctx, doc)
	return out, nil
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
