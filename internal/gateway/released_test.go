package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"atlas-restore-gateway/internal/test/released"
)

// requestLogFields returns the fields of the log line of a request that has all of them.
func requestLogFields(t *testing.T) map[string]any {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), requestInfoKey{}, &requestInfo{
		requestID: "r", traceID: "t", caller: "c", operation: "o", codes: []string{codeNotFound}, executed: true, calls: 1,
	}))
	cancel()
	var line bytes.Buffer
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", http.NoBody)
	logRequest(LogHandler(slog.NewJSONHandler(&line, nil)), r, middleware.NewWrapResponseWriter(httptest.NewRecorder(), 1),
		time.Now())
	var fields map[string]any
	if err := json.Unmarshal(line.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestReleased_errorsAndLogFieldsHaveTheirNames(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, code := range regexp.MustCompile(`= "([A-Z_]+)"`).FindAllSubmatch(source, -1) {
		names = append(names, "code "+string(code[1]))
	}
	for refusal, row := range refusals {
		names = append(names, "refusal "+string(refusal)+" "+row.code)
	}
	for field := range requestLogFields(t) {
		names = append(names, "field of the request log "+field)
	}
	released.Check(t, names)
}
