// Package logwriter writes log lines in the background, so that a request does not wait for the
// reader of the log, which may be slow or stop. Lines come from package log/slog by way of package
// app, and go to a file or a pipe such as the standard output.
package logwriter

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxPending bounds the lines that wait, in bytes. As many bytes may be being written.
	maxPending = 1 << 20
	// maxChunk bounds one write, except for a line that is longer: up to this size (PIPE_BUF) a
	// write to a pipe is atomic, so that other writers, such as the standard error, do not write
	// into the middle of a line.
	maxChunk = 4 << 10
	// flushTimeout bounds how long Close waits.
	flushTimeout = 2 * time.Second
)

// Writer is an io.Writer; each Write is one line. Write copies the line and returns, and one goroutine
// writes the lines in order. Lines beyond maxPending, and those that cannot be written, are dropped:
// they are counted, and a line in their place says how many are missing.
type Writer struct {
	to     io.Writer
	report func(dropped uint64) []byte
	total  atomic.Uint64 // lines dropped
	wake   chan struct{} // has one element while there is something to write
	ended  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	pending batch
	closed  bool

	// Only for the goroutine.
	missing uint64 // lines dropped and not reported
	torn    bool   // the last line was written in part
}

// batch is a sequence of lines.
type batch struct {
	text    []byte
	ends    []int  // where each line ends in text
	dropped uint64 // lines that were dropped after these
}

// New returns a Writer to w, which must be closed. Report returns the line that says how many lines were
// dropped.
func New(w io.Writer, report func(dropped uint64) []byte) *Writer {
	out := &Writer{to: w, report: report, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go out.run()
	return out
}

// Write queues a line, or drops it. It does not wait, and returns no error.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	p := &w.pending
	// After the first dropped line all others of the batch are dropped, so that they are missing in one place.
	if w.closed || p.dropped > 0 || len(p.text)+len(line) > maxPending {
		p.dropped++
		w.total.Add(1)
	} else {
		p.text = append(p.text, line...)
		p.ends = append(p.ends, len(p.text))
	}
	w.mu.Unlock()
	w.signal()
	return len(line), nil
}

// Dropped returns how many lines were dropped.
func (w *Writer) Dropped() uint64 { return w.total.Load() }

// Close writes the queued lines, and reports whether this ended within 2 s. Later lines are dropped. A
// write that hangs goes on in the background.
func (w *Writer) Close() bool {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	timer := time.NewTimer(flushTimeout)
	defer timer.Stop()
	select {
	case <-w.ended:
		return true
	case <-timer.C:
		return false
	}
}

func (w *Writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Writer) run() {
	defer close(w.ended)
	var b batch
	for range w.wake {
		var last bool
		if b, last = w.take(b); len(b.ends) > 0 || b.dropped > 0 {
			w.writeBatch(b)
		}
		if last {
			return
		}
	}
}

// take returns the queued lines, and reuses the memory of a batch that was written. It reports whether
// no other batch follows.
func (w *Writer) take(written batch) (_ batch, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.pending
	w.pending = batch{text: written.text[:0], ends: written.ends[:0]}
	return b, w.closed
}

func (w *Writer) writeBatch(b batch) {
	for start, line := 0, 0; line < len(b.ends); {
		// As many lines as fit, and at least one.
		next := line + 1
		for next < len(b.ends) && b.ends[next]-start <= maxChunk {
			next++
		}
		w.writeReport()
		ends := b.ends[line:next]
		n := w.write(b.text[start:ends[len(ends)-1]])
		for _, end := range ends {
			if end > start+n {
				w.missing++
				w.total.Add(1)
			}
		}
		start, line = ends[len(ends)-1], next
	}
	w.missing += b.dropped
	w.writeReport()
}

// writeReport writes how many lines are missing.
func (w *Writer) writeReport() {
	if w.missing == 0 {
		return
	}
	if line := w.report(w.missing); w.write(line) == len(line) {
		w.missing = 0
	}
}

// write returns how many bytes of the text were written. After a line that was written in part it begins a new one.
func (w *Writer) write(text []byte) int {
	if w.torn {
		if _, err := w.to.Write([]byte{'\n'}); err != nil {
			return 0
		}
		w.torn = false
	}
	n, err := w.to.Write(text)
	if err == nil {
		return len(text)
	}
	n = min(max(n, 0), len(text))
	w.torn = n > 0 && text[n-1] != '\n'
	return n
}
