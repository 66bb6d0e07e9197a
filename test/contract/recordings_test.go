package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// recordingsFile lies beside the clone: answers of the real API that others have recorded and published.
var recordingsFile = filepath.FromSlash("../../../shared/recordings/exchanges.jsonl")

// recordings reads the recorded exchanges. Without the file the test is skipped, or fails with REQUIRE_RECORDINGS=1.
func recordings(t *testing.T) []exchange {
	t.Helper()
	raw, err := os.ReadFile(recordingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("REQUIRE_RECORDINGS") == "1" {
			t.Fatalf("REQUIRE_RECORDINGS=1, and there is no %s", recordingsFile)
		}
		t.Skipf("NOT CHECKED: there is no %s, so nothing was compared with what Atlas really answers", recordingsFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []exchange
	for line := range bytes.Lines(raw) {
		var r struct {
			Method  string            `json:"method"`
			Path    string            `json:"path"`
			Status  int               `json:"status"`
			Headers map[string]string `json:"headers"`
			Body    string            `json:"body"`
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		out = append(out, exchange{
			request: &http.Request{Method: r.Method, URL: &url.URL{Path: r.Path}, Header: http.Header{}},
			status:  r.Status, header: header, body: []byte(r.Body), recorded: true,
		})
	}
	return out
}

// names reports whether an exchange is the named one.
func (r recording) names(x exchange) bool {
	return x.request.URL.Path == r.path && x.status == r.status && x.header.Get("Date") == r.date
}
