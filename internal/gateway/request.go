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
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/internal/document"
)

// request is a GraphQL request as it came: the document by its text or by an id, and
// what is to be done with it.
type request struct {
	graphql.RawParams

	id string // of the document; empty when only its text was sent
}

func (r *request) ref() document.Ref { return document.Ref{Text: r.Query, ID: r.id} }

// readRequest reads the parameters of a GraphQL request out of the URL or the body.
func (t *httpTransport) readRequest(w http.ResponseWriter, r *http.Request) (*request, *requestError) {
	var req *request
	var refused *requestError
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		// Pages of any origin may try; there is nothing here to upgrade to.
		refused = badRequest("this gateway has no WebSocket transport: send GraphQL by GET or POST")
	case isRead(r.Method):
		req, refused = requestFromURL(r.URL.RawQuery)
	case r.Method == http.MethodPost:
		req, refused = t.requestFromBody(w, r)
	default:
		refused = reject(http.StatusMethodNotAllowed, codeBadRequest, "send GraphQL by GET or POST")
		refused.allow = "GET, HEAD, POST"
	}
	if refused == nil {
		refused = req.readPersistedQuery()
	}
	if refused == nil && req.Query == "" && req.id == "" {
		refused = badRequest(`the parameter "query" is missing: it holds the GraphQL document`)
	}
	if refused != nil {
		return nil, refused
	}
	req.Headers = r.Header
	return req, nil
}

// isRead reports whether a request of the method reads, and no more: HEAD is GET without
// the content of the answer (RFC 9110, section 9.3.2), which net/http leaves out.
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
		return nil, reject(http.StatusUnsupportedMediaType, codeBadRequest, "send the body as Content-Type: application/json, in UTF-8")
	}
	coding, ok := contentCoding(r.Header)
	if !ok {
		w.Header().Set("Accept-Encoding", codingGzip)
		return nil, reject(http.StatusUnsupportedMediaType, codeBadRequest, "send the body as it is, or by Content-Encoding: gzip")
	}
	buffer, _ := bodyPool.Get().(*bytes.Buffer)
	defer putBody(buffer)
	body, refused := t.readBody(w, r, coding, buffer)
	if refused != nil {
		return nil, refused
	}
	if b := bytes.TrimSpace(body); len(b) > 0 && b[0] == '[' {
		return nil, badRequest("the body is a list: batches are not supported, send one operation a request")
	}
	// Null is as good as left out.
	var fields struct {
		Query         string `json:"query"`
		DocumentID    string `json:"documentId"`
		OperationName string `json:"operationName"`
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

// readID takes the id of the document from the extension of automatic persisted
// queries (https://www.apollographql.com/docs/apollo-server/performance/apq), unless
// documentId has said it.
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

// bodiesWithin bounds the time that a client takes to send a body, whether anybody reads it
// or not: net/http reads what a handler leaves of it before it answers, and would wait
// for ever for a client that nobody knows, and that sends no more.
func bodyTimeout(timeout time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength != 0 {
				// What cannot have a deadline (a test's recorder) is not on a network.
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(timeout))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// bodies are buffers for bodies. What is decoded is a copy, so that the next body can be read
// into the same.
var bodyPool = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// maxKeptBody is how large a buffer may be that is kept.
const maxPooledBody = 16 << 10

func putBody(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxPooledBody {
		buffer.Reset()
		bodyPool.Put(buffer)
	}
}

// readBody reads the whole body into the buffer, decoded, within the bound on its size.
func (t *httpTransport) readBody(w http.ResponseWriter, r *http.Request, coding string, buffer *bytes.Buffer) ([]byte, *requestError) {
	bound := t.maxRequestBytes
	if t.warn {
		bound = max(bound, MaxRequestBytes)
	}
	// The buffer grows by what comes: what a client only says that it will send takes no room.
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
	// The connection is still read from, to see whether the client leaves.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if int64(len(body)) > t.maxRequestBytes {
		t.logger.LogAttrs(r.Context(), slog.LevelWarn, "a body beyond the limit was taken",
			slog.Int("got", len(body)), slog.Int64("max", t.maxRequestBytes))
	}
	return body, nil
}
