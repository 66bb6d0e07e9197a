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

// Kind is the kind of failure that an Error is.
type Kind int

const (
	// KindAnswered says that Atlas returned an error; see Status and ErrorCode, and AnswerOf, IsNotFound and
	// CodeOf for what it says about a resource.
	KindAnswered Kind = iota
	// KindCredential says that Atlas returns no access token for the service account.
	KindCredential
	// KindMalformed says that the response is not one of the API: HTML, truncated, larger than the bound, a
	// redirect, another resource than the requested one, or an error whose body does not have the
	// form of the API (see IsForeign).
	KindMalformed
	// KindTimeout says that there was no response in time.
	KindTimeout
	// KindUnavailable says that there was no connection, or it broke, or a circuit breaker rejected the call
	// (see Breaker), for RetryAfter.
	KindUnavailable
	// KindCanceled says that the context of the caller was cancelled before the response.
	KindCanceled
	// KindBudget says that the call was rejected, because the calls that Atlas allows the project are down to
	// the reserve (see DefaultReserve). Status is 429, and RetryAfter the time until a call can be made.
	KindBudget
)

var kindNames = [...]string{"answered", "credential", "malformed", "timeout", "unavailable", "canceled", "budget"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return kindNames[k]
}

// Error is the failure of a call: the error that Atlas returned (ApiError in its OpenAPI document), or one
// without a response. It holds no URL of a call and no header, and of a body only the fields below,
// scrubbed (see Scrub).
type Error struct {
	// Op is the Atlas operation, such as getGroupServerlessBackupRestoreJob.
	Op   string
	Kind Kind
	// Project is the project of a call that Atlas answered with 401: the credential may be valid for
	// other projects. It is empty for other errors, and for a call without a project.
	Project string
	// RequiredRoles are the roles of which the credential needs one in the project, as Atlas calls them, where a missing
	// role can be the cause of a 403; else nil.
	RequiredRoles []string
	// Status is the HTTP status, or the one of the envelope; 0 without a response, except for
	// KindBudget.
	Status int
	// ErrorCode is Atlas's code, such as RESTORE_JOB_NOT_FOUND; empty where Atlas sent none.
	ErrorCode string
	// Reason and Detail are texts of Atlas; empty where Atlas sent none.
	Reason string
	Detail string
	// Parameters is the member parameters, as JSON; nil when absent or null.
	Parameters json.RawMessage
	// Fields are the fields of the request that Atlas rejected (badRequestDetail).
	Fields []FieldError
	// RetryAfter is how long Atlas asks to wait, or how long the client will reject such calls; 0 where
	// neither is known.
	RetryAfter time.Duration
	// Uncertain is true of an operation that changes something when Atlas may have executed it all the same: there was no
	// response, or one that does not say that Atlas has rejected it.
	Uncertain bool
	// Err is the cause, for logs and errors.Is; it may name hosts and addresses.
	Err error
}

// maxFieldErrors bounds the fields that Atlas rejected.
const maxFieldErrors = 100

// FieldError is one field that Atlas rejected, and why.
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
		// Errors of net/http may repeat parts of a response: a malformed header, the debug data of GOAWAY.
		s += ": " + Scrub(e.Err.Error())
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// mayMissRole reports whether a 403 can mean that the credential lacks a role: Atlas itself sent it, and its code names
// no other cause, such as the access list.
func (e *Error) mayMissRole() bool {
	return e.Kind == KindAnswered && !strings.Contains(e.ErrorCode, "ACCESS_LIST") &&
		!strings.Contains(e.ErrorCode, "UNSUPPORTED")
}

// answerError returns the *Error of a response that is not a success. Only a body in the form of the API
// is from Atlas: of another one the header does not count either.
func answerError(op string, status int, header http.Header, body []byte) *Error {
	e := &Error{Op: op, Status: status}
	body = bytes.TrimSpace(body)
	members := readErrorBody(body)
	switch {
	case status < 400:
		e.Kind = KindMalformed
		e.Err = fmt.Errorf("unexpected status %d: %w", status, errNotAtlas)
	case members.isAtlas(status):
		e.ErrorCode = header.Get("X-Error-Code")
		e.decode(members)
	case isTrustedWithoutBody(status, body):
		e.decode(members)
	default:
		e.Kind = KindMalformed
		e.Err = errNotAtlas
	}
	switch status {
	case http.StatusTooManyRequests:
		e.RetryAfter = cmp.Or(retryAfter(header, e.ErrorCode, e.Parameters), defaultRetryAfter)
	case http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(header, "", nil)
	}
	return e
}

// decode decodes Atlas's error one field at a time, because recorded ones differ: a code may be null,
// parameters may be any value.
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

// text returns a JSON string; "" where raw is something else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// codeTokenBucket is Atlas's code for an empty bucket; see retryAfter.
const codeTokenBucket = "RATE_LIMITED_TOKEN_BUCKET"

// maxRetryAfter bounds the wait that a response asks for: a longer one is a mistake or an attack.
const maxRetryAfter = time.Hour

// defaultRetryAfter is the wait of a 429 without a usable Retry-After: missing, 0, in the past or
// malformed.
const defaultRetryAfter = time.Second

// retryAfter returns how long to wait, by the header (RFC 9110, section 10.2.3: seconds or a date) or,
// where that is unusable, by the parameters of RATE_LIMITED_TOKEN_BUCKET: [path, retryAfterSeconds,
// capacity, refill, refillSeconds]. It is 0 where neither states a wait.
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

// parameterSeconds parses a number of seconds, which Atlas may have written as a string.
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

// transportError returns the *Error of a call without a whole response. Ctx is the context of the call.
func transportError(ctx context.Context, op string, err error) error {
	if already := (*Error)(nil); errors.As(err, &already) {
		return already
	}
	// http.Client wraps every failure in one that repeats the URL.
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if cut := (*truncatedError)(nil); errors.As(err, &cut) {
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
		// Also where dialling timed out: the host is not there.
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Kind = KindTimeout
	}
	return e
}
