package atlas

import (
	"testing"
)

func FuzzOpenEnvelope(f *testing.F) {
	f.Add(200, []byte(`{"status":404,"content":{"errorCode":"X"}}`))
	f.Add(200, []byte(`{"status":"COMPLETED","id":"x"}`))
	f.Add(502, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		inner, content := openEnvelope(status, body)
		if inner != status && (inner < 100 || inner > 599) {
			t.Fatalf("the status became %d", inner)
		}
		if len(body) > 0 && len(content) == 0 {
			t.Fatal("the body was lost")
		}
	})
}
