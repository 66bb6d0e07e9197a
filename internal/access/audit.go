package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Download names a download URL that somebody read: not the URL.
type Download struct {
	GroupID, ClusterName, JobID string
	// Field is the field of the schema that gave it.
	Field string
}

// Audit is the log of who read a download URL: one JSON object a line.
type Audit struct {
	mu   sync.Mutex
	path string
	file *os.File // nil for a stream
	to   io.Writer
	out  slog.Handler // writes to it
	torn bool         // whether the last line may have been written in part
}

// NewAudit writes to a stream.
func NewAudit(w io.Writer) *Audit {
	a := &Audit{}
	a.writeTo(w)
	return a
}

func (a *Audit) writeTo(w io.Writer) { a.to, a.out, a.torn = w, jsonLines(w), false }

// OpenAudit appends to a file, which it makes, readable by its owner alone, when it is
// not there. When the file is moved away, as a log is rotated, it makes another.
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
	file, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the audit log cannot be opened: %w", err)
	}
	if a.file != nil {
		_ = a.file.Close()
	}
	a.file = file
	a.writeTo(file)
	return nil
}

// Close closes the file.
func (a *Audit) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file != nil {
		_ = a.file.Close()
	}
}

// errNobody is a read without a caller: a mistake in the wiring.
var errNobody = errors.New("access: a download was read and nobody knows by whom")

// Read writes down that the caller in ctx reads a URL. It is called before the URL is
// given away: with an error the line is not there, and the URL must not be given.
func (a *Audit) Read(ctx context.Context, d Download) error {
	c := From(ctx)
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
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.follow(); err != nil {
		return err
	}
	if err := a.write(ctx, r); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	return nil
}

// write writes a line. After half of one, on a disk that was full, it begins another: else
// neither could be read.
func (a *Audit) write(ctx context.Context, r slog.Record) error {
	if a.torn {
		if _, err := io.WriteString(a.to, "\n"); err != nil {
			return err
		}
	}
	err := a.out.Handle(ctx, r)
	a.torn = err != nil
	return err
}

// follow opens the file anew when another one, or none, stands in its place.
func (a *Audit) follow() error {
	if a.file == nil {
		return nil
	}
	ours, err := a.file.Stat()
	if err == nil {
		if there, err := os.Stat(a.path); err == nil && os.SameFile(ours, there) {
			return nil
		}
	}
	return a.open()
}
