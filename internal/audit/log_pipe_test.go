//go:build unix

package audit

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"atlas-restore-gateway/internal/authz"
)

// namedPipe makes a FIFO.
func namedPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// openReader opens the reading end of a FIFO without waiting for a writer.
func openReader(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOpen_rejectsANamedPipeWithoutAReader(t *testing.T) {
	path := namedPipe(t)
	if _, err := Open(path); err == nil ||
		!strings.Contains(err.Error(), path+" is a named pipe without a reader: start its reader first") {
		t.Errorf("got %v", err)
	}
}

func TestLog_continuesWithTheNextReaderOfItsNamedPipe(t *testing.T) {
	path := namedPipe(t)
	reader := openReader(t, path)
	log, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx := authz.WithCaller(t.Context(), authz.Anonymous())
	if err := log.Record(ctx, download); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(reader).ReadString('\n'); err != nil || !strings.Contains(line, download.JobID) {
		t.Errorf("it was read %q and %v", line, err)
	}
	_ = reader.Close()
	if err := log.Record(ctx, download); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("without a reader: %v", err)
	}
	reader = openReader(t, path)
	defer reader.Close()
	if err := log.Record(ctx, download); err != nil {
		t.Errorf("with another reader: %v", err)
	}
	if line, err := bufio.NewReader(reader).ReadString('\n'); err != nil || !strings.HasPrefix(line, "{") {
		t.Errorf("it was read %q and %v", line, err)
	}
}
