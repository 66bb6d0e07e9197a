package logwriter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func report(dropped uint64) []byte { return fmt.Appendf(nil, "%d lines were dropped\n", dropped) }

// stream is an output that hangs while it has a gate, and fails where it is full.
type stream struct {
	mu     sync.Mutex
	gate   chan struct{} // nil while it is read
	text   bytes.Buffer
	writes []int
	room   int // bytes that are taken before it fails; -1 is no end
}

func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(b)
	if s.room >= 0 {
		n = min(n, s.room)
		s.room -= n
	}
	s.text.Write(b[:n])
	s.writes = append(s.writes, n)
	if n < len(b) {
		return n, errors.New("broken")
	}
	return n, nil
}

func (s *stream) setGate(gate chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gate = gate
}

func (s *stream) setRoom(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room = n
}

func line(w *Writer, text string) { _, _ = w.Write([]byte(text + "\n")) }

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriter_writesEachLineInItsOrder(t *testing.T) {
	s := &stream{room: -1}
	w := New(s, report)
	var want strings.Builder
	for i := range 1000 {
		line(w, fmt.Sprint("line ", i))
		fmt.Fprintln(&want, "line", i)
	}
	line(w, strings.Repeat("long", maxChunk))
	fmt.Fprintln(&want, strings.Repeat("long", maxChunk))
	if !w.Close() {
		t.Error("it was not written")
	}
	wantText(t, s.text.String(), want.String())
	for i, n := range s.writes[:len(s.writes)-1] {
		if n > maxChunk {
			t.Errorf("write %d has %d bytes", i, n)
		}
	}
	line(w, "after the end")
	if w.Dropped() != 1 {
		t.Errorf("%d lines were dropped after the end", w.Dropped())
	}
}

func TestWriter_dropsLinesInsteadOfWaitingAndCountsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{room: -1}
		w := New(s, report)
		line(w, "before")
		synctest.Wait()
		text := strings.Repeat("x", 1023)
		const room = maxPending / 1024
		for range 2 {
			gate := make(chan struct{})
			s.setGate(gate)
			line(w, "under way")
			synctest.Wait()
			before := w.Dropped()
			for range room {
				line(w, text)
			}
			if got := w.Dropped() - before; got != 0 {
				t.Errorf("%d lines were dropped while there was room", got)
			}
			for range 1977 {
				line(w, "there is no room")
			}
			if got := w.Dropped() - before; got != 1977 {
				t.Errorf("%d lines were dropped", got)
			}
			s.setGate(nil)
			close(gate)
			synctest.Wait()
			line(w, "after")
			synctest.Wait()
			_, rest, _ := strings.Cut(s.text.String(), "under way\n")
			wantText(t, rest, strings.Repeat(text+"\n", room)+"1977 lines were dropped\nafter\n")
			s.text.Reset()
		}
		w.Close()
	})
}

func TestWriter_reportsWriteErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{room: 6}
		w := New(s, report)
		for _, text := range []string{"1", "2", "3456", "7", "8"} {
			line(w, text)
			synctest.Wait()
		}
		if w.Dropped() != 3 {
			t.Errorf("%d lines were dropped", w.Dropped())
		}
		s.setRoom(-1)
		line(w, "9")
		w.Close()
		wantText(t, s.text.String(), "1\n2\n34\n3 lines were dropped\n9\n")
	})
}

func TestWriter_closeDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken := make(chan struct{})
		w := New(writerFunc(func(b []byte) (int, error) { <-taken; return len(b), nil }), report)
		line(w, "one")
		start := time.Now()
		if w.Close() || time.Since(start) != flushTimeout {
			t.Errorf("it waited for %s", time.Since(start))
		}
		close(taken)
		if !w.Close() {
			t.Error("what was taken was not written")
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func BenchmarkWriter(b *testing.B) {
	w := New(writerFunc(func(b []byte) (int, error) { return len(b), nil }), report)
	defer w.Close()
	text := []byte(strings.Repeat("x", 300))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(text)
	}
}
