package app

import (
	"bytes"
	"errors"
	"regexp"
	"sync"
)

// watched is an output whose text a test can wait for.
type watched struct {
	mu      sync.Mutex
	changed *sync.Cond
	b       bytes.Buffer
	closed  bool
}

func newWatched() *watched {
	w := &watched{}
	w.changed = sync.NewCond(&w.mu)
	return w
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.changed.Broadcast()
	if w.closed {
		return 0, errors.New("written after the end")
	}
	return w.b.Write(p)
}

func (w *watched) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.changed.Broadcast()
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// waitFor returns the match of a pattern as soon as the output has it; nil when the output has ended without.
func (w *watched) waitFor(pattern *regexp.Regexp) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if found := pattern.FindStringSubmatch(w.b.String()); found != nil || w.closed {
			return found
		}
		w.changed.Wait()
	}
}
