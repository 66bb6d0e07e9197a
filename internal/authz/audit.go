package authz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Download names a download URL that somebody read: not the URL.
type Download struct {
	GroupID, ClusterName, JobID string
	// Field is the field of the schema that gave it.
	Field string
}

// Bounds of the audit log.
const (
	// auditTimeout is how long a read of a URL waits for its line to be written.
	auditTimeout = 2 * time.Second
	// maxAuditWaiting is how many lines wait to be written at once.
	maxAuditWaiting = 4096
)

// Audit is the log of who read a download URL: one JSON object a line. Lines are written one
// after another, by a goroutine that is there while there are any, so that an output that
// hangs holds no read for longer than auditTimeout. It is safe for concurrent use.
type Audit struct {
	path string // empty for a stream

	mu      sync.Mutex
	waiting []*auditLine
	ended   chan struct{} // closed when the goroutine has ended; nil while there is none
	began   time.Time     // when the write that is under way began; zero while there is none
	closed  bool
	file    *os.File // nil for a stream; only the goroutine replaces it

	// Of the goroutine alone, when there is one.
	to   io.Writer
	torn bool // the last line was written in part
}

// auditLine is a line and what became of it.
type auditLine struct {
	text    []byte
	written chan error
}

// NewAudit writes to a stream.
func NewAudit(w io.Writer) *Audit { return &Audit{to: w} }

// OpenAudit appends to a file, which it makes, readable by its owner alone, when it is
// not there. When the file is moved away, as a log is rotated, it makes another. A named
// pipe must have a reader, or it is refused: it would not be known when one comes.
func OpenAudit(path string) (*Audit, error) {
	a := &Audit{path: path}
	return a, a.open()
}

func jsonLines(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		// Neither says anything: all lines are of one level and one sort.
		if len(groups) == 0 && a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		if len(groups) == 0 && a.Key == slog.MessageKey {
			a.Key = "event"
		}
		return a
	}})
}

func (a *Audit) open() error {
	// Without O_NONBLOCK a pipe that nobody reads would hang here for ever.
	file, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ENXIO) && isPipe(a.path) {
		return fmt.Errorf("the audit log cannot be opened: %s is a named pipe that nobody reads: start its reader first, or name a file", a.path)
	}
	if err != nil {
		return fmt.Errorf("the audit log cannot be opened: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file != nil {
		_ = a.file.Close()
	}
	if a.closed {
		_ = file.Close()
	}
	a.file, a.to, a.torn = file, file, false
	return nil
}

func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// Close waits for lines that are being written, at most 2 s, and closes the file.
func (a *Audit) Close() {
	a.mu.Lock()
	a.closed = true
	ended := a.ended
	a.mu.Unlock()
	if ended != nil {
		timer := time.NewTimer(auditTimeout)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file != nil {
		_ = a.file.Close()
	}
}

// errNobody is a read without a caller: a mistake in the wiring.
var errNobody = errors.New("access: a download was read and nobody knows by whom")

// Read writes down that the caller in ctx reads a URL. It is called before the URL is
// given away: with an error the URL must not be given. It waits at most 2 s, and not at all
// where a line has hung for so long already; a line that has not begun to be written by then
// is not written later.
func (a *Audit) Read(ctx context.Context, d Download) error {
	c := CallerFrom(ctx)
	if c == nil {
		return errNobody
	}
	// Names stay what they are: JSON escapes what could forge a line, and two callers whose
	// names differ must not look the same. Each is bounded where it is read.
	r := slog.NewRecord(time.Now().UTC(), slog.LevelInfo, "download_url_read", 0)
	r.AddAttrs(slog.String("caller", c.exactName()), slog.String("method", string(c.Method)))
	for _, attr := range []struct{ key, value string }{
		{"issuer", c.Issuer}, {"subject", c.Subject}, {"token", c.Token}, {"router", c.Router},
		{"group_id", d.GroupID}, {"cluster_name", d.ClusterName}, {"restore_job_id", d.JobID}, {"field", d.Field},
	} {
		if attr.value != "" {
			r.AddAttrs(slog.String(attr.key, attr.value))
		}
	}
	origin := originOf(ctx)
	r.AddAttrs(slog.String("remote", origin.Remote), slog.String("request_id", origin.RequestID))
	if origin.ForwardedFor != "" {
		// Its end is what the router added; what stands before may be anybody's.
		r.AddAttrs(slog.String("forwarded_for", end(origin.ForwardedFor)))
	}
	var text bytes.Buffer
	if err := jsonLines(&text).Handle(ctx, r); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	if err := a.write(ctx, text.Bytes()); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	return nil
}

// Why a line is not written.
var (
	errAuditHangs  = fmt.Errorf("a line has not been taken for %s: look at what reads the log, or at its disk", auditTimeout)
	errAuditFull   = errors.New("too many lines wait to be written")
	errAuditClosed = errors.New("it is closed")
)

// write has the line written, and waits for that.
func (a *Audit) write(ctx context.Context, text []byte) error {
	line := &auditLine{text: text, written: make(chan error, 1)}
	if err := a.add(line); err != nil {
		return err
	}
	timer := time.NewTimer(auditTimeout)
	defer timer.Stop()
	var late error
	select {
	case err := <-line.written:
		return err
	case <-timer.C:
		late = errAuditHangs
	case <-ctx.Done():
		late = ctx.Err()
	}
	a.withdraw(line)
	select {
	case err := <-line.written: // in the meantime
		return err
	default:
		return late
	}
}

// add adds a line to those that wait, and begins to write where nothing does.
func (a *Audit) add(line *auditLine) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return errAuditClosed
	case !a.began.IsZero() && time.Since(a.began) >= auditTimeout:
		return errAuditHangs
	case len(a.waiting) >= maxAuditWaiting:
		return errAuditFull
	}
	a.waiting = append(a.waiting, line)
	if a.ended == nil {
		a.ended = make(chan struct{})
		go a.run(a.ended)
	}
	return nil
}

// withdraw takes a line back that has not begun to be written: it would say that a URL was
// read that was not given.
func (a *Audit) withdraw(line *auditLine) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = slices.DeleteFunc(a.waiting, func(l *auditLine) bool { return l == line })
}

// run writes what waits, until nothing does.
func (a *Audit) run(ended chan struct{}) {
	defer close(ended)
	for {
		line := a.next()
		if line == nil {
			return
		}
		err := a.follow()
		if err == nil {
			err = a.put(line.text)
		}
		line.written <- err
	}
}

// next takes the first line that waits. Where there is none the goroutine is to end.
func (a *Audit) next() *auditLine {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == 0 {
		a.ended, a.began, a.waiting = nil, time.Time{}, nil
		return nil
	}
	line := a.waiting[0]
	a.waiting[0] = nil
	a.waiting, a.began = a.waiting[1:], time.Now()
	return line
}

// put writes a line. After half of one, on a disk that was full, it begins another: else
// neither could be read.
func (a *Audit) put(text []byte) error {
	if a.torn {
		if _, err := a.to.Write([]byte{'\n'}); err != nil {
			return err
		}
		a.torn = false
	}
	n, err := a.to.Write(text)
	a.torn = err != nil && n > 0
	return err
}

// follow opens the file anew when another one, or none, stands in its place.
func (a *Audit) follow() error {
	if a.path == "" {
		return nil
	}
	a.mu.Lock()
	file := a.file
	a.mu.Unlock()
	ours, err := file.Stat()
	if err == nil {
		if there, err := os.Stat(a.path); err == nil && os.SameFile(ours, there) {
			return nil
		}
	}
	return a.open()
}
