package model

import (
	"fmt"
	"strconv"
)

// InputError is the error of an argument that its type does not accept. Its text never repeats the
// argument.
type InputError struct {
	// Scalar is the name of the type.
	Scalar string
	// Want says which values are accepted.
	Want string
	// Got says what is wrong with the argument.
	Got string
	// Argument is the name of the argument, where a resolver found the error; "" where the type did.
	Argument string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%s must be %s; %s", e.Scalar, e.Want, e.Got)
}

func inputError(scalar, want, got string) error {
	return &InputError{Scalar: scalar, Want: want, Got: got}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	default:
		return "a number"
	}
}
