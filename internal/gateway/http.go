package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// httpTransport is GraphQL over HTTP by GET and POST
// (https://graphql.github.io/graphql-over-http/draft/). It stands in the place of
// gqlgen's own, which repeat a malformed body in their answer and send a data
// entry with a request that was never executed.
type httpTransport struct {
	maxRequestBytes int64
	bodyTimeout     time.Duration
}

var _ graphql.Transport = httpTransport{}

// Supports everything: what cannot be served gets a GraphQL error, too.
func (httpTransport) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t httpTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	mediaType, ok := negotiate(r.Header["Accept"])
	if !ok {
		writeRequestError(w, r, http.StatusNotAcceptable, codeBadRequest,
			"answers are "+mediaTypeGraphQL+" or "+mediaTypeJSON+"; the Accept header takes neither")
		return
	}
	params, failure := t.params(w, r)
	if failure != nil {
		writeRequestError(w, r, failure.status, failure.code, failure.message)
		return
	}
	ctx := r.Context()
	oc, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		nameVariableErrors(oc, errs)
		response := exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs)
		writeResponse(w, mediaType, statusOfRequestErrors(mediaType), response)
		return
	}
	if r.Method == http.MethodGet && oc.Operation.Operation != ast.Query {
		w.Header().Set("Allow", http.MethodPost)
		writeRequestError(w, r, http.StatusMethodNotAllowed, codeBadRequest, "GET is for queries; send this operation by POST")
		return
	}
	respond, ctx := exec.DispatchOperation(ctx, oc)
	response := respond(ctx)
	if response == nil {
		// The client has left: gqlgen answers nothing then.
		return
	}
	writeResponse(w, mediaType, http.StatusOK, response)
}

// requestFailure is a request that is not a GraphQL request.
type requestFailure struct {
	status  int
	code    string
	message string
}

func badRequest(message string) *requestFailure {
	return &requestFailure{http.StatusBadRequest, codeBadRequest, message}
}

func (t httpTransport) params(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *requestFailure) {
	start := graphql.Now()
	var params *graphql.RawParams
	var failure *requestFailure
	switch r.Method {
	case http.MethodGet:
		params, failure = paramsOfURL(r.URL.RawQuery)
	case http.MethodPost:
		params, failure = t.paramsOfBody(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		return nil, &requestFailure{http.StatusMethodNotAllowed, codeBadRequest, "send GraphQL by GET or POST"}
	}
	if failure != nil {
		return nil, failure
	}
	if params.Query == "" {
		return nil, badRequest(`the parameter "query" is missing: it holds the GraphQL document`)
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

func paramsOfURL(rawQuery string) (*graphql.RawParams, *requestFailure) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, badRequest("the URL's query is malformed")
	}
	params := &graphql.RawParams{Query: query.Get("query"), OperationName: query.Get("operationName")}
	if s := query.Get("variables"); s != "" && decodeJSON([]byte(s), &params.Variables) != nil {
		return nil, badRequest(`the parameter "variables" must be a JSON object`)
	}
	if s := query.Get("extensions"); s != "" && decodeJSON([]byte(s), &params.Extensions) != nil {
		return nil, badRequest(`the parameter "extensions" must be a JSON object`)
	}
	return params, nil
}

func (t httpTransport) paramsOfBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *requestFailure) {
	contentType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || contentType != mediaTypeJSON || !isUTF8(parameters["charset"]) {
		return nil, &requestFailure{http.StatusUnsupportedMediaType, codeBadRequest, "send the body as Content-Type: application/json, in UTF-8"}
	}
	body, failure := t.readBody(w, r)
	if failure != nil {
		return nil, failure
	}
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '[' {
		return nil, badRequest("the body is a list: batches are not supported, send one operation a request")
	}
	var fields struct {
		Query         *string        `json:"query"`
		OperationName *string        `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	if err := decodeJSON(body, &fields); err != nil {
		return nil, badRequest(bodyMistake(err))
	}
	params := &graphql.RawParams{Variables: fields.Variables, Extensions: fields.Extensions}
	if fields.Query != nil {
		params.Query = *fields.Query
	}
	if fields.OperationName != nil {
		params.OperationName = *fields.OperationName
	}
	return params, nil
}

// readBody reads the whole body, within the bounds on its size and on the time that
// a client takes to send it.
func (t httpTransport) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *requestFailure) {
	deadline := http.NewResponseController(w)
	// What cannot have a deadline (a test's recorder) is not on a network.
	_ = deadline.SetReadDeadline(time.Now().Add(t.bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, t.maxRequestBytes))
	_ = deadline.SetReadDeadline(time.Time{})
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return body, nil
	case errors.As(err, &tooLarge):
		return nil, &requestFailure{http.StatusRequestEntityTooLarge, codeBadRequest, "the body is larger than this gateway takes"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, &requestFailure{http.StatusRequestTimeout, codeBadRequest, "the body took too long to arrive"}
	default:
		return nil, badRequest("the body could not be read")
	}
}

// bodyMistake says where the body is wrong, and nothing of what stands there.
func bodyMistake(err error) string {
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) && mismatch.Field != "" {
		return "the body must be a JSON object with the string \"query\" and perhaps the string \"operationName\" and the objects \"variables\" and \"extensions\"; the member \"" +
			bodyMember(mismatch.Field) + "\" is something else"
	}
	return "the body must be one JSON object with the string \"query\""
}

// bodyMember is the member of the body that a mistake lies in: one of ours, never
// a name that the client made up.
func bodyMember(path string) string {
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(path) >= len(name) && path[:len(name)] == name {
			return name
		}
	}
	return "?"
}

// decodeJSON decodes one JSON value and refuses anything behind it. Numbers keep
// their digits.
func decodeJSON(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// nameVariableErrors sets the code of errors in variables, which gqlgen reports as
// failed validation, and takes their path away: it names no field of the answer.
func nameVariableErrors(oc *graphql.OperationContext, errs gqlerror.List) {
	for _, err := range errs {
		if oc.Operation != nil && err.Extensions["code"] == errcode.ValidationFailed && len(err.Path) > 0 {
			err.Message = variableMessage(err)
			err.Path = nil
			err.Extensions["code"] = codeBadUserInput
		}
	}
}

// variableMessage puts the place (variable.name.field) into the message.
func variableMessage(err *gqlerror.Error) string {
	if path := err.Path; len(path) > 1 {
		return "the variable $" + path[1:].String() + ": " + err.Message
	}
	return err.Message
}
