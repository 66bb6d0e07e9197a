// Package recordings has the recorded responses of Atlas, for tests. The recordings are outside of the repository.
package recordings

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Exchange is a recorded request and its response.
type Exchange struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// The paths of the recordings, relative to a package in internal.
const (
	file     = "../../../shared/recordings/exchanges.jsonl"
	moreFile = "../../../shared/recordings/exchanges-more.jsonl"
)

// Exchanges returns the recordings of restore jobs, snapshots, clusters and projects. Without the file it skips the
// test, or fails it when REQUIRE_RECORDINGS is set.
func Exchanges(t *testing.T) []Exchange {
	t.Helper()
	return read(t, file)
}

// MoreExchanges is Exchanges for backup schedules, exports, export buckets, compliance policies, events and
// organizations.
func MoreExchanges(t *testing.T) []Exchange {
	t.Helper()
	return read(t, moreFile)
}

func read(t *testing.T, file string) []Exchange {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(file))
	if err != nil {
		if os.Getenv("REQUIRE_RECORDINGS") != "" {
			t.Fatalf("REQUIRE_RECORDINGS is set and there are none: %v", err)
		}
		t.Skipf("SKIPPED: there are no recorded answers of Atlas at %s, so nothing was replayed", file)
	}
	defer f.Close()
	var all []Exchange
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var x Exchange
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
