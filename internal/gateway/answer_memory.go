package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Bounds on the memory of answers.
const (
	// DefaultMaxAnswerBytes is 80 bytes for each of DefaultMaxAnswerFields, or 2500 jobs with all their fields.
	DefaultMaxAnswerBytes = 8 << 20
	// DefaultMaxAnswerMemory is how many bytes the answers take that are being written to all clients.
	DefaultMaxAnswerMemory = 64 << 20
	// MaxAnswerBytes is the largest limit on an answer; it holds even where limits only warn.
	MaxAnswerBytes = 64 << 20
)

const (
	// smallAnswer is the largest answer, in bytes, that may use the last quarter of the memory. Large answers leave it
	// free.
	smallAnswer = 64 << 10
	// answerWait is how long an answer waits for memory before it is written.
	answerWait = 5 * time.Second
	// answerGrace is how long an answer is never cut. After that it is cut when other answers need its memory, the
	// oldest first.
	answerGrace = 2 * time.Second
	// answerRetryAfter is the Retry-After of an answer that got no memory.
	answerRetryAfter = time.Second
)

// errNoAnswerMemory is the error of an answer that got no memory within answerWait.
var errNoAnswerMemory = errors.New("gateway: no memory for the answer")

// overloaded returns the error in place of an answer that got no memory.
func overloaded() *requestError {
	return reject(http.StatusServiceUnavailable, codeOverloaded,
		"the answers of all clients take all the memory that is for them: ask again, and for less").
		with("retryable", true).with("retryAfterSeconds", int(answerRetryAfter.Seconds()))
}

// answerMemory bounds the bytes of all answers that are being written: clients that read slowly, or not at all, cannot
// use up the memory of the process. It is safe for concurrent use.
type answerMemory struct {
	max int64

	mu      sync.Mutex
	used    int64
	writing []*answerLease // oldest first
	waiting int            // answers that wait for memory
	freed   chan struct{}  // closed and replaced when memory is released
	cut     uint64
	refused uint64
}

func newAnswerMemory(most int64) *answerMemory {
	return &answerMemory{max: most, freed: make(chan struct{})}
}

// AnswerStats are the answers to GraphQL requests that are being written, and counts since the start of answers that
// were not written to their end.
type AnswerStats struct {
	Bytes   int64  // of the answers being written
	Cut     uint64 // answers cut because their clients did not read and other answers needed the memory
	Refused uint64 // answers that got no memory; their clients got 503
}

func (m *answerMemory) stats() AnswerStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return AnswerStats{Bytes: m.used, Cut: m.cut, Refused: m.refused}
}

// countRefused counts an answer that got no memory.
func (m *answerMemory) countRefused() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused++
}

// pastDeadline is a deadline that has passed, by any clock.
var pastDeadline = time.Unix(1, 0)

// answerLease is the memory of one answer while it is written to w.
type answerLease struct {
	memory *answerMemory
	bytes  int64
	w      http.ResponseWriter
	since  time.Time
	isCut  bool // under the lock of memory
}

// acquire takes memory for an answer of n bytes before it is written to w. It waits until the deadline or the end of
// ctx, and meanwhile cuts answers that have been written for longer than answerGrace. The caller releases the lease.
func (m *answerMemory) acquire(ctx context.Context,
	n int64, w http.ResponseWriter, deadline time.Time) (*answerLease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !m.fits(n) {
		now := time.Now()
		if !now.Before(deadline) {
			m.refused++
			return nil, errNoAnswerMemory
		}
		timer := time.NewTimer(min(deadline.Sub(now), m.cutAnswers(n, now)))
		freed := m.freed
		m.waiting++
		m.mu.Unlock()
		select {
		case <-freed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		m.mu.Lock()
		m.waiting--
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	l := &answerLease{memory: m, bytes: n, w: w, since: time.Now()}
	m.used += n
	m.writing = append(m.writing, l)
	return l, nil
}

// fits reports whether there is memory for an answer of n bytes. An answer larger than all of it is written when no
// other is.
func (m *answerMemory) fits(n int64) bool {
	most := m.max
	if n > smallAnswer {
		most -= most / 4
	}
	return m.used == 0 || m.used+n <= most
}

// cutAnswers cuts answers older than answerGrace until there is memory for n bytes. It returns after which time more
// can be cut.
func (m *answerMemory) cutAnswers(n int64, now time.Time) time.Duration {
	short := m.used + n - m.max
	if n > smallAnswer {
		short += m.max / 4
	}
	for _, l := range m.writing {
		if short <= 0 {
			break
		}
		if left := l.since.Add(answerGrace).Sub(now); left > 0 {
			return left
		}
		if !l.isCut {
			l.isCut = true
			m.cut++
			// A write that waits for the client fails at once. A writer without deadlines (a test's recorder) never waits.
			_ = http.NewResponseController(l.w).SetWriteDeadline(pastDeadline)
		}
		short -= l.bytes
	}
	return answerWait
}

// wasCut reports whether the answer was cut.
func (l *answerLease) wasCut() bool {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	return l.isCut
}

// release gives the memory back. The caller no longer writes the answer.
func (l *answerLease) release() {
	m := l.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= l.bytes
	if i := slices.Index(m.writing, l); i >= 0 {
		m.writing = slices.Delete(m.writing, i, i+1)
	}
	if m.waiting > 0 {
		close(m.freed)
		m.freed = make(chan struct{})
	}
}
