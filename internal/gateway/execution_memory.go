package gateway

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// smallOperationFields is the largest estimate, in fields, of an operation that is executed without waiting.
	smallOperationFields = 1000
	// executionFieldBytes is about how many bytes a field of an answer takes from its execution until the answer is
	// encoded. Measured with 500 jobs and six lists of links each: 130 bytes, garbage included.
	executionFieldBytes = 128
	// executionMemoryRatio is the memory of operations being executed, as a multiple of the memory of answers being
	// written.
	executionMemoryRatio = 2
)

// executionMemory bounds the memory of all operations that are being executed, by the fields that their answers can
// have: gqlgen holds a value for each field before it writes the first. Small operations are neither counted nor
// delayed. It is safe for concurrent use.
type executionMemory struct {
	maxFields int64
	fields    *semaphore.Weighted
	answers   *answerMemory // counts the operations that are refused
}

func newExecutionMemory(answers *answerMemory) *executionMemory {
	fields := max(executionMemoryRatio*answers.max/executionFieldBytes, smallOperationFields)
	return &executionMemory{maxFields: fields, fields: semaphore.NewWeighted(fields), answers: answers}
}

// acquire waits, in order of arrival and at most for wait, until an operation with the estimated number of fields may
// be executed. The caller calls release once the answer is encoded. The error is errNoAnswerMemory, or that of ctx.
func (m *executionMemory) acquire(ctx context.Context, fields int, wait time.Duration) (release func(), err error) {
	if fields <= smallOperationFields {
		return func() {}, nil
	}
	// An operation with more fields than there is memory for is the only large one.
	n := min(int64(fields), m.maxFields)
	if !m.fields.TryAcquire(n) {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		if m.fields.Acquire(waiting, n) != nil {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			m.answers.countRefused()
			return nil, errNoAnswerMemory
		}
	}
	return func() { m.fields.Release(n) }, nil
}
