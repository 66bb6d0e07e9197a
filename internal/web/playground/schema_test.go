package playground

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"atlas-restore-gateway/schema"
)

func TestNewSchema_servesThePublishedSchemaWithoutFederation(t *testing.T) {
	h, err := NewSchema(schema.API)
	if err != nil {
		t.Fatal(err)
	}
	plain := get(t, h, "/").Body.String()
	for _, name := range []string{"_entities", "_service", "type Entity", "Representation", "@key", "@cost"} {
		if strings.Contains(plain, name) {
			t.Errorf("it has %s", name)
		}
	}
	if !strings.Contains(plain, "serverlessRestoreJob(") || !strings.Contains(plain, "type Subscription") {
		t.Error("it is not the schema")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "br, gzip")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	unzipped, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(unzipped); err != nil || string(text) != plain {
		t.Errorf("by gzip it is %d bytes, and %d otherwise: %v", len(text), len(plain), err)
	}
}
