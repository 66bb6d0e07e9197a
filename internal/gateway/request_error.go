package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"atlas-restore-gateway/internal/document"
)

// requestError is the response to a request that is not executed. It has no data entry.
type requestError struct {
	status int
	allow  string // the methods, with 405
	errors gqlerror.List
}

// reject returns a requestError with one GraphQL error.
func reject(status int, code, message string) *requestError {
	return &requestError{
		status: status, errors: gqlerror.List{{Message: message, Extensions: map[string]any{"code": code}}},
	}
}

func badRequest(message string) *requestError {
	return reject(http.StatusBadRequest, codeBadRequest, message)
}

// with adds an extension to the error.
func (r *requestError) with(name string, value any) *requestError {
	r.errors[0].Extensions[name] = value
	return r
}

// documentErrorStatus is the HTTP status of a well-formed request whose document has an error. Clients of
// application/json take everything but 200 for a failure of an intermediary. The newest draft of GraphQL over HTTP has
// 422 for documents that parse and do not validate; the audits of graphql-http want 400.
func documentErrorStatus(mediaType string) int {
	if mediaType == mediaTypeJSON {
		return http.StatusOK
	}
	return http.StatusBadRequest
}

var limitCodes = map[document.Limit]string{
	document.Tokens:      codeTokenLimit,
	document.Depth:       codeDepthLimit,
	document.Aliases:     codeAliasLimit,
	document.RootFields:  codeRootFieldLimit,
	document.Directives:  codeDirectiveLimit,
	document.ListItems:   codeListLimit,
	document.Repetitions: codeRepetitionLimit,
	document.SDLs:        codeAliasLimit,
}

// rejectDocument is the error table of documents. A document that exceeds a limit, or is not trusted, is rejected with
// 400 to clients of application/json, too: the request is rejected before the document is checked.
func rejectDocument(mediaType string, err error) *requestError {
	var syntax *document.SyntaxError
	var invalid *document.InvalidError
	var limit *document.LimitError
	switch {
	case errors.As(err, &limit):
		r := reject(http.StatusBadRequest, limitCodes[limit.Limit], limit.Error()).with("limit", limit.Max)
		if limit.Got > 0 {
			r.with("got", limit.Got)
		}
		return r
	case errors.As(err, &syntax):
		r := reject(documentErrorStatus(mediaType), errcode.ParseFailed, syntax.Error())
		r.errors[0].Locations = []gqlerror.Location{{Line: syntax.Line, Column: syntax.Column}}
		return r
	case errors.As(err, &invalid):
		r := &requestError{status: documentErrorStatus(mediaType), errors: make(gqlerror.List, len(invalid.Mistakes))}
		for i, m := range invalid.Mistakes {
			r.errors[i] = &gqlerror.Error{
				Message: m.Message, Locations: m.Locations, Extensions: map[string]any{"code": errcode.ValidationFailed},
			}
		}
		return r
	case errors.Is(err, document.ErrNotFound):
		// Clients that send hashes compare this message, and send the text then.
		return reject(documentErrorStatus(mediaType), codePersistedNotFound, "PersistedQueryNotFound")
	case errors.Is(err, document.ErrNotSupported):
		return reject(documentErrorStatus(mediaType), codePersistedNotSupported, "PersistedQueryNotSupported")
	case errors.Is(err, document.ErrMismatch):
		return badRequest("the hash is not the SHA-256 of the document that was sent with it")
	case errors.Is(err, document.ErrNotTrusted):
		return reject(http.StatusBadRequest, codeNotTrusted,
			"this gateway serves only documents that were registered with it, and this is none of them")
	default:
		return reject(http.StatusInternalServerError, codeInternal, "internal server error")
	}
}

// write sends the response. No cache may store it: the next request, or that of another caller, may be accepted.
func (r *requestError) write(ctx context.Context, w http.ResponseWriter, mediaType string) {
	w.Header().Set("Cache-Control", "no-store")
	if r.allow != "" {
		w.Header().Set("Allow", r.allow)
	}
	writeResponse(w, mediaType, r.status, &graphql.Response{Errors: r.completed(ctx)})
}

// completed records the errors, and returns them with what each error has.
func (r *requestError) completed(ctx context.Context) gqlerror.List {
	recordErrors(ctx, r.errors)
	id := requestIDFrom(ctx)
	for _, err := range r.errors {
		if _, said := err.Extensions["retryable"]; !said {
			err.Extensions["retryable"] = false
		}
		if id != "" {
			err.Extensions["requestId"] = id
		}
	}
	return r.errors
}
