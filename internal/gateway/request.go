package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/internal/document"
)

// request is a GraphQL request as it was sent: the document by its text or by an id, and the parameters of its
// execution.
type request struct {
	graphql.RawParams

	id string // of the document; "" when only its text was sent
}

func (r *request) ref() document.Ref { return document.Ref{Text: r.Query, ID: r.id} }

// readRequest reads the parameters of a GraphQL request from the URL or the body.
func (t *httpTransport) readRequest(w http.ResponseWriter, r *http.Request) (*request, *requestError) {
	var req *request
	var rejected *requestError
	switch {
	case isRead(r.Method):
		req, rejected = requestFromURL(r.URL.RawQuery)
	case r.Method == http.MethodPost:
		req, rejected = t.requestFromBody(w, r)
	default:
		rejected = reject(http.StatusMethodNotAllowed, codeBadRequest, "send GraphQL by GET or POST")
		rejected.allow = "GET, HEAD, POST"
	}
	if rejected == nil {
		rejected = req.complete(r.Header)
	}
	if rejected != nil {
		return nil, rejected
	}
	return req, nil
}

// complete reads the persisted query of a request, which came with the headers, and returns an error where there is no
// document.
func (r *request) complete(headers http.Header) *requestError {
	r.Headers = headers
	if rejected := r.readPersistedQuery(); rejected != nil {
		return rejected
	}
	if r.Query == "" && r.id == "" {
		return badRequest(`the parameter "query" is missing: it holds the GraphQL document`)
	}
	return nil
}

// isRead reports whether the method is GET or HEAD. HEAD is GET without the content of the response (RFC 9110, section
// 9.3.2), which net/http leaves out.
func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func requestFromURL(rawQuery string) (*request, *requestError) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, badRequest("the URL's query is malformed")
	}
	for _, name := range parameters {
		if len(query[name]) > 1 {
			return nil, badRequest("the URL's query has the parameter \"" + name + "\" twice")
		}
	}
	req := &request{id: query.Get("documentId")}
	req.Query, req.OperationName = query.Get("query"), query.Get("operationName")
	if s := query.Get("variables"); s != "" && decodeJSON([]byte(s), (*jsonObject)(&req.Variables)) != nil {
		return nil, badRequest(`the parameter "variables" must be a JSON object, without two members of one name`)
	}
	if s := query.Get("extensions"); s != "" && decodeJSON([]byte(s), (*jsonObject)(&req.Extensions)) != nil {
		return nil, badRequest(`the parameter "extensions" must be a JSON object, without two members of one name`)
	}
	return req, nil
}

func (t *httpTransport) requestFromBody(w http.ResponseWriter, r *http.Request) (*request, *requestError) {
	contentType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || contentType != mediaTypeJSON || !isUTF8(parameters["charset"]) {
		return nil, reject(http.StatusUnsupportedMediaType, codeBadRequest,
			"send the body as Content-Type: application/json, in UTF-8")
	}
	coding, ok := contentCoding(r.Header)
	if !ok {
		w.Header().Set("Accept-Encoding", codingGzip)
		return nil, reject(http.StatusUnsupportedMediaType, codeBadRequest,
			"send the body as it is, or by Content-Encoding: gzip")
	}
	buffer, _ := bodyPool.Get().(*bytes.Buffer)
	defer putBody(buffer)
	body, rejected := t.readBody(w, r, coding, buffer)
	if rejected != nil {
		return nil, rejected
	}
	return requestFromJSON(body)
}

// requestFromJSON returns the parameters in a JSON object: a body, or the payload of a message.
func requestFromJSON(body []byte) (*request, *requestError) {
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '[' {
		return nil, badRequest("the body is a list: batches are not supported, send one operation a request")
	}
	// Null has the same meaning as a missing member.
	var fields struct {
		Query         string     `json:"query"`
		DocumentID    string     `json:"documentId"`
		OperationName string     `json:"operationName"`
		Variables     jsonObject `json:"variables"`
		Extensions    jsonObject `json:"extensions"`
	}
	if err := decodeJSON(body, &fields); err != nil {
		return nil, badRequest(bodyErrorMessage(err))
	}
	req := &request{id: fields.DocumentID}
	req.Query, req.OperationName = fields.Query, fields.OperationName
	req.Variables, req.Extensions = fields.Variables, fields.Extensions
	return req, nil
}

// readPersistedQuery reads the id of the document from the extension of automatic persisted queries
// (https://www.apollographql.com/docs/apollo-server/performance/apq), unless documentId has it.
func (r *request) readPersistedQuery() *requestError {
	raw, ok := r.Extensions["persistedQuery"]
	if !ok || raw == nil {
		return nil
	}
	extension, _ := raw.(map[string]any)
	version, _ := extension["version"].(json.Number)
	hash, _ := extension["sha256Hash"].(string)
	switch {
	case version != "1":
		return badRequest(`the extension "persistedQuery" must have the "version" 1`)
	case hash == "":
		return badRequest(`the extension "persistedQuery" must have a "sha256Hash"`)
	case r.id != "" && r.id != hash && r.id != "sha256:"+hash:
		return badRequest(`"documentId" and the extension "persistedQuery" name different documents`)
	}
	r.id = hash
	return nil
}

// bodyTimeout is middleware that bounds how long a client may take to send a body, even when no handler reads it:
// net/http reads the rest of a body before it sends the response, and would wait without end for a client that sends no
// more.
func bodyTimeout(timeout time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength != 0 {
				// A writer without deadlines (a test's recorder) is not on a network.
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(timeout))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// bodyPool has buffers for bodies. Decoded values are copies, so the next body can be read into the same buffer.
var bodyPool = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// maxPooledBody is the largest buffer, in bytes, that is put back.
const maxPooledBody = 16 << 10

func putBody(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxPooledBody {
		buffer.Reset()
		bodyPool.Put(buffer)
	}
}

// readBody reads the whole body into the buffer, decoded and within its limit.
func (t *httpTransport) readBody(w http.ResponseWriter,
	r *http.Request, coding string, buffer *bytes.Buffer) ([]byte, *requestError) {
	bound := t.maxRequestBytes
	if t.warn {
		bound = max(bound, MaxRequestBytes)
	}
	// The buffer grows by the bytes that arrive: Content-Length allocates nothing.
	var err error
	if coding == codingGzip {
		err = readGzip(buffer, http.MaxBytesReader(w, r.Body, gzipBound(bound)), bound)
	} else {
		_, err = buffer.ReadFrom(http.MaxBytesReader(w, r.Body, bound))
	}
	body := buffer.Bytes()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), int64(len(body)) > bound:
		return nil, reject(http.StatusRequestEntityTooLarge, codeBodyLimit, "the body is larger than this gateway takes").with("limit", bound)
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, reject(http.StatusRequestTimeout, codeBadRequest, "the body took too long to arrive")
	case errors.Is(err, errNotGzip):
		return nil, badRequest("the body is not what Content-Encoding: gzip says, or it breaks off")
	case err != nil:
		return nil, badRequest("the body could not be read")
	}
	// net/http goes on reading from the connection, to notice that the client disconnects.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if int64(len(body)) > t.maxRequestBytes {
		t.logger.LogAttrs(r.Context(), slog.LevelWarn, "a body beyond the limit was taken",
			slog.Int("got", len(body)), slog.Int64("max", t.maxRequestBytes))
	}
	return body, nil
}
