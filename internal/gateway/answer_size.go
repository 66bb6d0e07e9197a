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

// errAnswerTooLarge is the error of an answer with more bytes than the limit.
var errAnswerTooLarge = errors.New("gateway: the answer is too large")

// answerSize counts the bytes of one answer while it is written, and stops writing at the limit. It belongs to one
// operation. Errors are counted concurrently, data by one goroutine.
type answerSize struct {
	max        int64        // bytes of the answer
	errorBytes atomic.Int64 // an estimate
	data       int64
	err        error // set once the answer is too large
}

type answerSizeKey struct{}

func (a *answerSize) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, answerSizeKey{}, a)
}

// answerSizeFrom returns the answerSize of the operation that ctx belongs to, or nil.
func answerSizeFrom(ctx context.Context) *answerSize {
	a, _ := ctx.Value(answerSizeKey{}).(*answerSize)
	return a
}

// grow counts n bytes of data before they are written, and reports whether they may be.
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

// boundedData is a part of an answer's data that is not written beyond the limit.
type boundedData struct {
	graphql.Marshaler

	size *answerSize
}

// MarshalGQL writes the part. The result is not JSON when the answer is too large.
func (d boundedData) MarshalGQL(w io.Writer) { d.Marshaler.MarshalGQL(boundedWriter{w, d.size}) }

type boundedWriter struct {
	w    io.Writer
	size *answerSize
}

// Write writes nothing any more once the answer is too large. It never fails: gqlgen's marshalers panic on an error.
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

// boundData bounds the data of a root field.
func boundData(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	data, size := next(ctx), answerSizeFrom(ctx)
	if size == nil || data == graphql.Null || data == graphql.RequiredNull {
		// The executor compares with these values.
		return data
	}
	return boundedData{data, size}
}

// errorBytes is about how many bytes an error takes beside its texts.
const errorBytes = 200

// boundError counts an error of the answer. Once the answer is too large it returns one and the same error for all
// further ones, so that they take no memory.
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

var errTooManyErrors = &gqlerror.Error{
	Message: "the answer is too large", Extensions: map[string]any{"code": codeAnswerBytesLimit},
}

// boundAnswer replaces an answer that is too large by an error. It surrounds the execution of an operation.
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

// orTooLarge returns the response, or an error in place of one that is too large.
func (a *answerSize) orTooLarge(ctx context.Context, response *graphql.Response) *graphql.Response {
	if a.err == nil {
		return response
	}
	tooLarge := &gqlerror.Error{
		Message:    fmt.Sprintf("the answer has more than %d bytes: ask for fewer fields, or for shorter lists", a.max),
		Extensions: map[string]any{"code": codeAnswerBytesLimit, "limit": a.max, "retryable": false},
	}
	if id := requestIDFrom(ctx); id != "" {
		tooLarge.Extensions["requestId"] = id
	}
	// The operation was executed, so data is null and not left out (GraphQL specification, section 7.1).
	return &graphql.Response{Data: json.RawMessage("null"), Errors: gqlerror.List{tooLarge}}
}
