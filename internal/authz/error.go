package authz

import "time"

// Kind says what sort of refusal an Error is.
type Kind int

const (
	// Unauthenticated means: nobody knows who calls.
	Unauthenticated Kind = iota
	// Forbidden means: it is known who calls, and they may not.
	Forbidden
	// RateLimited means: they have asked for too much; see RetryAfter.
	RateLimited
	// Unavailable means: who calls cannot be found out now, through no fault of theirs.
	Unavailable
)

// Error is a request, or a part of it, that is refused.
type Error struct {
	Kind Kind
	// Message is for the caller: it tells nothing of what the caller may not know.
	Message string
	// Challenge is what the header WWW-Authenticate says (RFC 9110, section 11.6.1);
	// empty where no other credential would help.
	Challenge string
	// RetryAfter is when it may be tried again; 0 when nobody can tell.
	RetryAfter time.Duration
	// Err is the cause, for the log alone. It holds no secret.
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }
