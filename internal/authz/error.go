package authz

import "time"

// Kind is the kind of an Error.
type Kind int

const (
	// Unauthenticated means that the caller is not known.
	Unauthenticated Kind = iota
	// Forbidden means that the caller is known and has no permission.
	Forbidden
	// RateLimited means that the caller has exceeded its quota; see RetryAfter.
	RateLimited
	// Unavailable means that the caller cannot be authenticated now, through no fault of its own.
	Unavailable
)

// Error is why a request, or a part of it, is rejected.
type Error struct {
	Kind Kind
	// Message is for the caller. It says nothing that the caller may not know.
	Message string
	// Challenge is the value of the header WWW-Authenticate (RFC 9110, section 11.6.1); empty where another credential
	// would not help.
	Challenge string
	// RetryAfter is when the request can be repeated; 0 when that is not known.
	RetryAfter time.Duration
	// Err is the cause, for the log alone. It has no secret.
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }
