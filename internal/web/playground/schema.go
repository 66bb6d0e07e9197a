package playground

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"

	"atlas-restore-gateway/internal/web/staticpage"
)

// NewSchema returns the handler of the published schema, in the schema definition language, which Docs, Explorer and
// completion of the page work from: schema.API or schema.APIWithActions. It must be served to those alone who may query.
func NewSchema(sdl string) (http.Handler, error) {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := w.Write([]byte(sdl)); err != nil {
		return nil, fmt.Errorf("playground: the schema: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("playground: the schema: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := []byte(sdl)
		h := w.Header()
		h.Set("Content-Type", "application/graphql; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Accept-Encoding")
		if staticpage.Accepts(r, "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = compressed.Bytes()
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}), nil
}
