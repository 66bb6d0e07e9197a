//go:build unix

package document

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadManifest_doesNotWaitForAWriterOfAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest.fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadManifest(path); err == nil ||
		!strings.Contains(err.Error(), "where it is a pipe nothing writes to it") {
		t.Errorf("got %v", err)
	}
	// What was written is read, as that of a shell's <(command) is.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString(`{"a": "{ __typename }"}`); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if documents, err := ReadManifest(fmt.Sprintf("/dev/fd/%d", r.Fd())); err != nil || len(documents) != 1 {
		t.Errorf("got %v and %v", documents, err)
	}
}
