package atlas

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// errNotAtlas is the cause of the Error of a response that is not from the Atlas API: an HTML page, an
// empty body, or the JSON of another product.
var errNotAtlas = errors.New("the body is not one of the Atlas API")

// AnswerOf returns the error that Atlas itself returned for a resource, or nil. It is nil for a response of a
// proxy before Atlas and for one of the token endpoint.
func AnswerOf(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindAnswered || e.Op == opCreateToken {
		return nil
	}
	return e
}

// IsNotFound reports whether Atlas itself returned 404: the resource does not exist. It is false for
// every other failure.
func IsNotFound(err error) bool {
	e := AnswerOf(err)
	return e != nil && e.Status == http.StatusNotFound
}

// CodeOf returns the ErrorCode of AnswerOf, or "".
func CodeOf(err error) string {
	e := AnswerOf(err)
	if e == nil {
		return ""
	}
	return e.ErrorCode
}

// IsForeign reports whether the response is not from the Atlas API, such as the HTML page of a proxy. Then
// it says nothing about the resource.
func IsForeign(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindMalformed && errors.Is(e.Err, errNotAtlas)
}

// errorBody is the body of an error, by member; nil where it is not a JSON object.
type errorBody map[string]json.RawMessage

func readErrorBody(body []byte) errorBody {
	var members errorBody
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	return members
}

// isAtlas reports whether the body has the form of ApiError. Every recorded one has the status as error, and
// a reason; only those of a 401 lack errorCode, which may be null. From 500 the status is enough,
// because it says nothing about a resource.
func (b errorBody) isAtlas(status int) bool {
	repeated, err := strconv.ParseFloat(string(bytes.Trim(b["error"], `"`)), 64)
	if err != nil || repeated != float64(status) {
		return false
	}
	_, coded := b["errorCode"]
	return coded || text(b["reason"]) != "" || status >= http.StatusInternalServerError
}

// isTrustedWithoutBody reports whether the status counts without an error of Atlas in the body: 401 and 405
// are recorded with an empty body, and a 429 counts also when a proxy sends it.
func isTrustedWithoutBody(status int, body []byte) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusTooManyRequests:
		return true
	case http.StatusMethodNotAllowed:
		return len(body) == 0
	default:
		return false
	}
}
