package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"atlas-restore-gateway/internal/authz"
)

// Download names a download URL that a caller reads, without the URL.
type Download struct {
	GroupID, ClusterName, JobID string
	// Field is the field of the schema that the URL is read from, as in Type.field.
	Field string
}

// Bounds of the audit log.
const (
	// writeTimeout is how long a read of a URL waits until its line is written.
	writeTimeout = 2 * time.Second
	// maxQueued is how many lines can wait to be written.
	maxQueued = 4096
	// maxForwardedForBytes bounds the header X-Forwarded-For in a line.
	maxForwardedForBytes = 256
)

// Action is an action, or a step of one, of a caller.
type Action struct {
	// Step is what happened: planned, starting (written before the request is sent), outcome or refused.
	Step string
	// Action is restore, download, cancel or snapshot.
	Action               string
	GroupID, ClusterName string
	JobID, SnapshotID    string
	PointInTime          string
	// Those of a restore.
	TargetGroupID, TargetClusterName, TargetClusterID string
	// Plan identifies a plan in all lines about it, IdempotencyKey the key of its start.
	Plan, IdempotencyKey string
	// Outcome says what came of it, or why it was refused.
	Outcome, Reason string
}

// RecordAction writes a line about an action of the caller in ctx. It is as Record: an action whose line cannot be
// written must not be started.
func (l *Log) RecordAction(ctx context.Context, a Action) error {
	return l.record(ctx, "action_"+a.Step, []field{
		{"action", a.Action}, {"group_id", a.GroupID}, {"cluster_name", a.ClusterName}, {"restore_job_id", a.JobID},
		{"snapshot_id", a.SnapshotID}, {"point_in_time", a.PointInTime}, {"target_group_id", a.TargetGroupID},
		{"target_cluster_name", a.TargetClusterName}, {"target_cluster_id", a.TargetClusterID}, {"plan", a.Plan},
		{"idempotency_key", a.IdempotencyKey}, {"outcome", a.Outcome}, {"reason", a.Reason},
	})
}

// field is a member of a line; one without a value is left out.
type field struct{ key, value string }

// Log is the log of who read a download URL, and who acted: one JSON object a line. One goroutine writes the lines in turn and ends
// when the queue is empty, so an output that hangs delays a read by writeTimeout at most. It is safe for concurrent
// use.
type Log struct {
	path string // empty for a stream

	mu        sync.Mutex
	queue     []*entry
	ended     chan struct{} // closed when the goroutine has ended; nil while there is none
	writeFrom time.Time     // when the write in progress started; zero while there is none
	closed    bool
	file      *os.File // nil for a stream; only the goroutine replaces it

	// The goroutine alone uses these.
	out     io.Writer
	partial bool // the last line was written in part
}

// entry is a queued line and the result of its write.
type entry struct {
	line    []byte
	written chan error
}

// New returns a log that is written to a stream.
func New(w io.Writer) *Log { return &Log{out: w} }

// Open returns a log that is appended to a file. A file that does not exist is created, readable by its owner alone.
// When the file was moved, as by log rotation, another one is created. A named pipe without a reader is an error,
// because a line could wait for its reader for ever.
func Open(path string) (*Log, error) {
	l := &Log{path: path}
	return l, l.open()
}

func newHandler(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		// Every line has the same level.
		if len(groups) == 0 && a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		if len(groups) == 0 && a.Key == slog.MessageKey {
			a.Key = "event"
		}
		return a
	}})
}

func (l *Log) open() error {
	// Without O_NONBLOCK the call would hang on a pipe without a reader.
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ENXIO) && isPipe(l.path) {
		return fmt.Errorf("the audit log cannot be opened: %s is a named pipe without a reader: start its reader first, "+
			"or name a file", l.path)
	}
	if err != nil {
		return fmt.Errorf("the audit log cannot be opened: %w: --audit-log must name a file that the gateway can write, in a "+
			"folder that exists", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
	}
	if l.closed {
		_ = file.Close()
	}
	l.file, l.out, l.partial = file, file, false
	return nil
}

func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// Close waits until the queued lines are written, at most 2 s, and closes the file.
func (l *Log) Close() {
	l.mu.Lock()
	l.closed = true
	ended := l.ended
	l.mu.Unlock()
	if ended != nil {
		timer := time.NewTimer(writeTimeout)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
	}
}

// errNoCaller reports a context without a caller, which is a mistake in the wiring.
var errNoCaller = errors.New("audit: the context has no caller")

// Record writes that the caller in ctx reads a download URL. It must be called before the URL is given to the caller:
// after an error the URL must not be given. Record waits at most 2 s, and fails at once while another line has been
// stuck for 2 s. A line whose write has not started by then is removed from the queue.
func (l *Log) Record(ctx context.Context, d Download) error {
	return l.record(ctx, "download_url_read", []field{
		{"group_id", d.GroupID}, {"cluster_name", d.ClusterName}, {"restore_job_id", d.JobID}, {"field", d.Field},
	})
}

func (l *Log) record(ctx context.Context, event string, fields []field) error {
	c := authz.CallerFrom(ctx)
	if c == nil {
		return errNoCaller
	}
	// Names are written as they are: JSON escapes line breaks, and two callers with different names must not look the
	// same. Names are bounded where they are read.
	r := slog.NewRecord(time.Now().UTC(), slog.LevelInfo, event, 0)
	r.AddAttrs(slog.String("caller", c.ExactName()), slog.String("method", string(c.Method)))
	for _, attr := range append([]field{
		{"issuer", c.Issuer}, {"subject", c.Subject}, {"token", c.Token}, {"router", c.Router},
	}, fields...) {
		if attr.value != "" {
			r.AddAttrs(slog.String(attr.key, attr.value))
		}
	}
	origin := originOf(ctx)
	r.AddAttrs(slog.String("remote", origin.Remote), slog.String("request_id", origin.RequestID))
	if origin.ForwardedFor != "" {
		// The router adds to the end of the header; the client may have written what precedes.
		r.AddAttrs(slog.String("forwarded_for", lastBytes(origin.ForwardedFor, maxForwardedForBytes)))
	}
	var line bytes.Buffer
	if err := newHandler(&line).Handle(ctx, r); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	if err := l.write(ctx, line.Bytes()); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	return nil
}

// lastBytes returns the last n bytes of s, without a character that is cut in two.
func lastBytes(s string, n int) string {
	if len(s) > n {
		s = "…" + strings.ToValidUTF8(s[len(s)-n:], "")
	}
	return s
}

// Reasons why a line is not written.
var (
	errTimeout   = fmt.Errorf("a line has not been taken for %s: look at what reads the log, or at its disk", writeTimeout)
	errQueueFull = errors.New("too many lines wait to be written")
	errClosed    = errors.New("it is closed")
)

// write queues a line and waits until it is written.
func (l *Log) write(ctx context.Context, line []byte) error {
	e := &entry{line: line, written: make(chan error, 1)}
	if err := l.enqueue(e); err != nil {
		return err
	}
	timer := time.NewTimer(writeTimeout)
	defer timer.Stop()
	var timeout error
	select {
	case err := <-e.written:
		return err
	case <-timer.C:
		timeout = errTimeout
	case <-ctx.Done():
		timeout = ctx.Err()
	}
	l.remove(e)
	select {
	case err := <-e.written: // in the meantime
		return err
	default:
		return timeout
	}
}

// enqueue adds a line to the queue, and starts the goroutine if there is none.
func (l *Log) enqueue(e *entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return errClosed
	case !l.writeFrom.IsZero() && time.Since(l.writeFrom) >= writeTimeout:
		return errTimeout
	case len(l.queue) >= maxQueued:
		return errQueueFull
	}
	l.queue = append(l.queue, e)
	if l.ended == nil {
		l.ended = make(chan struct{})
		go l.run(l.ended)
	}
	return nil
}

// remove takes a line out of the queue unless its write has started. The line would claim that a URL was read that the
// caller did not get.
func (l *Log) remove(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(queued *entry) bool { return queued == e })
}

// run writes the queued lines until the queue is empty.
func (l *Log) run(ended chan struct{}) {
	defer close(ended)
	for {
		e := l.dequeue()
		if e == nil {
			return
		}
		err := l.reopenIfMoved()
		if err == nil {
			err = l.writeLine(e.line)
		}
		e.written <- err
	}
}

// dequeue returns the first line of the queue; nil when the queue is empty and the goroutine must end.
func (l *Log) dequeue() *entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.ended, l.writeFrom, l.queue = nil, time.Time{}, nil
		return nil
	}
	e := l.queue[0]
	l.queue[0] = nil
	l.queue, l.writeFrom = l.queue[1:], time.Now()
	return e
}

// writeLine writes a line. If the line before was written in part, as on a full disk, it is ended first: otherwise
// neither could be parsed.
func (l *Log) writeLine(line []byte) error {
	if l.partial {
		if _, err := l.out.Write([]byte{'\n'}); err != nil {
			return err
		}
		l.partial = false
	}
	n, err := l.out.Write(line)
	l.partial = err != nil && n > 0
	return err
}

// reopenIfMoved opens the path again when it names another file than the open one, or none.
func (l *Log) reopenIfMoved() error {
	if l.path == "" {
		return nil
	}
	l.mu.Lock()
	file := l.file
	l.mu.Unlock()
	opened, err := file.Stat()
	if err == nil {
		if named, err := os.Stat(l.path); err == nil && os.SameFile(opened, named) {
			return nil
		}
	}
	return l.open()
}
