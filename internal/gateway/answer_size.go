package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// errAnswerTooLarge is an answer of more bytes than an answer may have.
var errAnswerTooLarge = errors.New("gateway: the answer is too large")

// answerSize counts the bytes of one answer while it is made, and stops the making at the
// limit. It belongs to one operation; errors may be added concurrently, data is written by one
// goroutine.
type answerSize struct {
	max        int64        // bytes of the answer
	errorBytes atomic.Int64 // about
	data       int64
	err        error // why the answer is not made to its end
}

type answerSizeKey struct{}

func (a *answerSize) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, answerSizeKey{}, a)
}

// answerSizeOf is the one of the operation that ctx belongs to, or nil.
func answerSizeFrom(ctx context.Context) *answerSize {
	a, _ := ctx.Value(answerSizeKey{}).(*answerSize)
	return a
}

// grow counts n bytes of data, before they are written. It reports whether they may be.
func (a *answerSize) grow(n int) bool {
	if a.err != nil {
		return false
	}
	a.data += int64(n)
	if a.data+a.errorBytes.Load() > a.max {
		a.err = errAnswerTooLarge
	}
	return a.err == nil
}

// boundedData is a part of the data of an answer, which stops at the bound on the answer.
type boundedData struct {
	graphql.Marshaler

	size *answerSize
}

// MarshalGQL writes the part. What is written is not JSON when the answer is too large.
func (d boundedData) MarshalGQL(w io.Writer) { d.Marshaler.MarshalGQL(boundedWriter{w, d.size}) }

type boundedWriter struct {
	w    io.Writer
	size *answerSize
}

// Write writes nothing any more once the answer is too large. It never fails: marshalers of
// gqlgen panic then.
func (b boundedWriter) Write(p []byte) (int, error) {
	if !b.size.grow(len(p)) {
		return len(p), nil
	}
	return b.w.Write(p)
}

// WriteString is Write without a copy.
func (b boundedWriter) WriteString(s string) (int, error) {
	if !b.size.grow(len(s)) {
		return len(s), nil
	}
	return io.WriteString(b.w, s)
}

// boundData bounds the data of a field at the top of an operation.
func boundData(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	data, size := next(ctx), answerSizeFrom(ctx)
	if size == nil || data == graphql.Null || data == graphql.RequiredNull {
		// The executor knows these by what they are.
		return data
	}
	return boundedData{data, size}
}

// errorBytes is about what an error takes, beside its texts.
const errorBytes = 200

// boundError counts an error that was presented. Once the answer is too large all further
// errors are one and the same, so that they take no memory.
func boundError(ctx context.Context, err *gqlerror.Error) *gqlerror.Error {
	size := answerSizeFrom(ctx)
	if size == nil {
		return err
	}
	n := errorBytes + len(err.Message) + 20*len(err.Path)
	for _, value := range err.Extensions {
		switch v := value.(type) {
		case string:
			n += len(v)
		case json.RawMessage:
			n += len(v)
		}
	}
	if size.errorBytes.Add(int64(n)) > size.max {
		return errTooManyErrors
	}
	return err
}

var errTooManyErrors = &gqlerror.Error{Message: "the answer is too large", Extensions: map[string]any{"code": codeAnswerBytesLimit}}

// boundAnswer has an error in the place of an answer that is too large.
// It stands around the execution of an operation.
func boundAnswer(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response, size := next(ctx), answerSizeFrom(ctx)
	if size == nil || response == nil {
		return response
	}
	if size.err == nil && size.data+size.errorBytes.Load() > size.max {
		size.err = errAnswerTooLarge
	}
	return size.orTooLarge(ctx, response)
}

// held is the response, or the error in its place.
func (a *answerSize) orTooLarge(ctx context.Context, response *graphql.Response) *graphql.Response {
	if a.err == nil {
		return response
	}
	told := &gqlerror.Error{
		Message:    fmt.Sprintf("the answer has more than %d bytes: ask for fewer fields, or for shorter lists", a.max),
		Extensions: map[string]any{"code": codeAnswerBytesLimit, "limit": a.max, "retryable": false},
	}
	if id := requestIDFrom(ctx); id != "" {
		told.Extensions["requestId"] = id
	}
	// It was executed: the specification has null then.
	return &graphql.Response{Data: json.RawMessage("null"), Errors: gqlerror.List{told}}
}
