package atlas

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Kind says what sort of failure an Error is.
type Kind int

const (
	// KindAnswered means: Atlas answered with an error; see Status and ErrorCode. What it
	// says of a resource is read by AnswerOf, IsNotFound and CodeOf.
	KindAnswered Kind = iota
	// KindCredential means: Atlas gives no access token for the service account.
	KindCredential
	// KindMalformed means: an answer came that the API does not define: HTML, cut off,
	// over the bound, a redirect, not the resource that was asked for, or an error whose
	// body does not have the shape of the API (see IsForeign).
	KindMalformed
	// KindTimeout means: no answer came in time.
	KindTimeout
	// KindUnavailable means: there is no connection, or it broke, or so many calls
	// failed of late that none was made (see Breaker); then RetryAfter says how long.
	KindUnavailable
	// KindCanceled means: the caller left before the answer came.
	KindCanceled
	// KindBudget means: no call was made, because what Atlas allows the project is
	// down to the reserve (see WithReserve). Status is 429, as Atlas would answer soon,
	// and RetryAfter how long it takes until a call can be made.
	KindBudget
)

var kindNames = [...]string{"answered", "credential", "malformed", "timeout", "unavailable", "canceled", "budget"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kindNames[k]
}

// Error is every failure of a call: Atlas's own error payload (ApiError in its
// OpenAPI document) and the failures that have none. It holds no URL of a call, no header
// and no part of a body but the fields below, and those scrubbed (see Scrub).
type Error struct {
	// Op is the Atlas operation, such as getGroupServerlessBackupRestoreJob.
	Op   string
	Kind Kind
	// Project is the project that a 401 was about: it can be refused while the credential is
	// good for others. It is empty for every other error, and where no project was asked about.
	Project string
	// Status is the HTTP status, or the one of the envelope; 0 without an answer, but
	// for KindBudget.
	Status int
	// ErrorCode is Atlas's code, such as RESTORE_JOB_NOT_FOUND; empty where Atlas
	// sent none.
	ErrorCode string
	// Reason and Detail are Atlas's words; empty where Atlas sent none.
	Reason string
	Detail string
	// Parameters is what Atlas sent under that name, as JSON; nil when absent or null.
	Parameters json.RawMessage
	// Fields are the fields of the request that Atlas refused (badRequestDetail).
	Fields []FieldError
	// RetryAfter is how long Atlas asks to wait, or how long the client itself will
	// refuse such calls; 0 when nobody says.
	RetryAfter time.Duration
	// Err is the cause, for logs and errors.Is; it may name hosts and addresses.
	Err error
}

// maxFieldErrors is how many of the fields that Atlas refused are told.
const maxFieldErrors = 100

// FieldError is one field that Atlas refused, and why.
type FieldError struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

func (e *Error) Error() string {
	s := "atlas: " + e.Op + ": " + e.Kind.String()
	if e.Status != 0 {
		s += " " + strconv.Itoa(e.Status)
	}
	if e.ErrorCode != "" {
		s += " " + e.ErrorCode
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		// net/http's errors can repeat what came: a header that is none, the debug data of GOAWAY.
		s += ": " + Scrub(e.Err.Error())
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// answerError turns an answer that is not a success into an *Error. Body is what
// was read of it, and header what came along. Only a body in the shape of the API is
// Atlas's word: of a page not even a header counts.
func answerError(op string, status int, header http.Header, body []byte) *Error {
	e := &Error{Op: op, Status: status}
	body = bytes.TrimSpace(body)
	members := readErrorBody(body)
	switch {
	case status < 400:
		e.Kind = KindMalformed
		e.Err = fmt.Errorf("unexpected status %d: %w", status, errForeign)
	case members.isAtlas(status):
		e.ErrorCode = header.Get("X-Error-Code")
		e.decode(members)
	case isBelieved(status, body):
		e.decode(members)
	default:
		e.Kind = KindMalformed
		e.Err = errForeign
	}
	switch status {
	case http.StatusTooManyRequests:
		e.RetryAfter = cmp.Or(retryAfter(header, e.ErrorCode, e.Parameters), defaultRetryAfter)
	case http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(header, "", nil)
	}
	return e
}

// decode reads Atlas's error payload, field by field, because real ones differ:
// a code may be null, parameters may be anything.
func (e *Error) decode(payload errorBody) {
	if code := text(payload["errorCode"]); code != "" {
		e.ErrorCode = code
	}
	e.Reason = text(payload["reason"])
	e.Detail = text(payload["detail"])
	if p := payload["parameters"]; len(p) > 0 && !bytes.Equal(p, []byte("null")) {
		e.Parameters = p
	}
	var detail struct {
		Fields []FieldError `json:"fields"`
	}
	if json.Unmarshal(payload["badRequestDetail"], &detail) == nil {
		e.Fields = detail.Fields[:min(len(detail.Fields), maxFieldErrors)]
	}
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// codeTokenBucket is Atlas's code for an empty bucket; see retryAfter.
const codeTokenBucket = "RATE_LIMITED_TOKEN_BUCKET"

// maxRetryAfter bounds what is believed: a longer wait is a mistake or an attack.
const maxRetryAfter = time.Hour

// defaultRetryAfter is how long a 429 asks to wait that does not say, or says nothing that
// can be: no time at all, a moment that is over, or no number.
const defaultRetryAfter = time.Second

// retryAfter reads how long to wait from the header (RFC 9110, section 10.2.3: seconds
// or a date) or, without one that can be, from the parameters of RATE_LIMITED_TOKEN_BUCKET:
// [path, retryAfterSeconds, capacity, refill, refillSeconds]. It is 0 where neither says.
func retryAfter(header http.Header, code string, parameters json.RawMessage) time.Duration {
	wait := time.Duration(0)
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, ok := parseHTTPDate(value); ok {
		wait = time.Until(at)
	}
	if wait <= 0 && code == codeTokenBucket {
		var list []json.RawMessage
		if json.Unmarshal(parameters, &list) == nil && len(list) > 1 {
			wait = parameterSeconds(list[1])
		}
	}
	return min(max(wait, 0), maxRetryAfter)
}

// parameterSeconds reads a number that Atlas may have written as a string.
func parameterSeconds(raw json.RawMessage) time.Duration {
	digits := text(raw)
	if digits == "" {
		digits = string(raw)
	}
	seconds, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// transportError makes an *Error of a call that got no answer, or broke while its
// answer was read. Ctx is the one that bounded the call.
func transportError(ctx context.Context, op string, err error) error {
	if already := (*Error)(nil); errors.As(err, &already) {
		return already
	}
	// http.Client wraps every failure in one that repeats the URL.
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if cut := (*cutOffError)(nil); errors.As(err, &cut) {
		return &Error{Op: op, Kind: KindMalformed, Status: cut.status, Err: cut}
	}
	e := &Error{Op: op, Kind: KindUnavailable, Err: err}
	var netErr net.Error
	var dial *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind = KindCanceled
	case ctx.Err() != nil:
		e.Kind = KindTimeout
	case errors.As(err, &dial) && dial.Op == "dial":
		// Also when dialling took too long: there is nobody there.
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Kind = KindTimeout
	}
	return e
}
