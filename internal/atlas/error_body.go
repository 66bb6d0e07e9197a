package atlas

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// errForeign is the cause of an Error of an answer that the Atlas API did not give:
// a page, an empty body, or the JSON of another product.
var errForeign = errors.New("the body is not one of the Atlas API")

// AnswerOf returns the error with which Atlas itself answered, or nil: an answer of
// something before Atlas is none, nor is one of the token endpoint, which says nothing
// about a resource. Status and ErrorCode of what it returns are Atlas's word.
func AnswerOf(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != KindAnswered || e.Op == opCreateToken {
		return nil
	}
	return e
}

// IsNotFound reports whether Atlas itself answered that what was asked for does not
// exist. It is false of every failure.
func IsNotFound(err error) bool {
	e := AnswerOf(err)
	return e != nil && e.Status == http.StatusNotFound
}

// CodeOf returns the code with which Atlas itself answered; "" without one.
func CodeOf(err error) string {
	e := AnswerOf(err)
	if e == nil {
		return ""
	}
	return e.ErrorCode
}

// IsForeign reports whether an answer came that the Atlas API did not give, such as the
// page of a proxy. It says nothing of what was asked for.
func IsForeign(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindMalformed && errors.Is(e.Err, errForeign)
}

// errorBody is the body of an error, by member; nil when it is no JSON object.
type errorBody map[string]json.RawMessage

func readErrorBody(body []byte) errorBody {
	var members errorBody
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	return members
}

// isAtlas reports whether the body has the shape of ApiError. Every recorded one repeats
// the status in error and has a reason; errorCode is there but for a 401, and can be
// null. Of a status from 500 nothing is concluded, so there the status is enough.
func (b errorBody) isAtlas(status int) bool {
	repeated, err := strconv.ParseFloat(string(bytes.Trim(b["error"], `"`)), 64)
	if err != nil || repeated != float64(status) {
		return false
	}
	_, coded := b["errorCode"]
	return coded || text(b["reason"]) != "" || status >= http.StatusInternalServerError
}

// isBelieved reports whether the status counts without the body of an error of Atlas:
// 401 and 405 are recorded with an empty body, and a 429 has to be heeded whoever sends it.
func isBelieved(status int, body []byte) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusTooManyRequests:
		return true
	case http.StatusMethodNotAllowed:
		return len(body) == 0
	default:
		return false
	}
}
