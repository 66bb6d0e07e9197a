package flight

import (
	"context"
	"errors"
	"runtime/debug"
)

// PanicError is the error of a function that panicked. Value and Stack are for logs alone: they may hold what
// callers must not see.
type PanicError struct {
	Value any
	Stack []byte
}

// NewPanicError returns the error for a value that was recovered. It must be called by the function that
// recovered it, because it records the stack.
func NewPanicError(recovered any) *PanicError {
	return &PanicError{Value: recovered, Stack: debug.Stack()}
}

func (*PanicError) Error() string { return "a call panicked" }

// errNoResult is the error of a function that ended its goroutine (runtime.Goexit).
var errNoResult = errors.New("flight: the function ended its goroutine")

// Recovered calls fn in the goroutine of the caller. A panic of fn is returned as a *PanicError.
func Recovered[V any](ctx context.Context, fn func(context.Context) (V, error)) (value V, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = NewPanicError(r)
		}
	}()
	return fn(ctx)
}
