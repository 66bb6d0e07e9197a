// Package logwriter writes a log whose reader may be slow, or stop, without ever making
// those wait who log.
package logwriter

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxPending bounds what waits to be written, in bytes. As much again can be under way.
	maxPending = 1 << 20
	// maxChunk bounds what is written at once, but for a line that is longer: what a pipe
	// takes as a whole (PIPE_BUF), so that lines of others that share it, such as those of
	// the standard error, stand between lines and not in them.
	maxChunk = 4 << 10
	// flushTimeout bounds how long Close waits.
	flushTimeout = 2 * time.Second
)

// Writer is an io.Writer, each Write of which is one line. Write copies the line and
// returns; one goroutine writes lines in their order. Lines for which there is no room, and
// those that could not be written, are dropped: they are counted, and the log says how many
// there were in the place where they are missing.
type Writer struct {
	to     io.Writer
	report func(dropped uint64) []byte
	total  atomic.Uint64 // lines dropped
	wake   chan struct{} // has one element where something is to be done
	ended  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	pending batch
	closed  bool

	// Of the goroutine alone.
	missing uint64 // lines dropped and not reported
	torn    bool   // the last line was written in part
}

// batch is lines, one after another.
type batch struct {
	text    []byte
	ends    []int  // where each line ends in text
	dropped uint64 // lines that were dropped after these
}

// New returns a Writer to w, which must be closed. The line that says how many were dropped
// is made by report.
func New(w io.Writer, report func(dropped uint64) []byte) *Writer {
	out := &Writer{to: w, report: report, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go out.run()
	return out
}

// Write takes a line, or drops it. It never waits and never fails.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	p := &w.pending
	// After the first that is dropped all are, so that what is missing is in one place.
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

// Close writes what was taken and reports whether all of it was given away before 2 s had
// passed. Lines that come later are dropped. A write that hangs is left behind.
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

// take returns what waits, and leaves the memory of a batch that was written in its place.
// It reports whether nothing will follow.
func (w *Writer) take(written batch) (_ batch, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.pending
	w.pending = batch{text: written.text[:0], ends: written.ends[:0]}
	return b, w.closed
}

func (w *Writer) writeBatch(b batch) {
	for start, line := 0, 0; line < len(b.ends); {
		// As many lines as fit, and one at least.
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

// writeReport says what is missing.
func (w *Writer) writeReport() {
	if w.missing == 0 {
		return
	}
	if line := w.report(w.missing); w.write(line) == len(line) {
		w.missing = 0
	}
}

// write returns how much of the text was written. After half a line it begins another.
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
