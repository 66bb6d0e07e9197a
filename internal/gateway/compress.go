package gateway

import (
	"bytes"
	"compress/gzip"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// Bounds of compression. What fits the first flight of a connection arrives no sooner
// when it is smaller, so small answers are left alone. The jitter hides by how much a
// length has changed: an answer holds both what the client chose (aliases) and what is
// secret (download URLs), and lengths would tell of one by the other (BREACH).
const (
	compressMinBytes = 4 << 10
	compressJitter   = 64
)

// compression compresses large answers of JSON by gzip for clients that take it. The zero
// value compresses nothing.
type compression struct {
	wrap func(http.Handler) http.HandlerFunc
}

func newCompression(on bool) (compression, error) {
	if !on {
		return compression{}, nil
	}
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.MinSize(compressMinBytes),
		gzhttp.ContentTypes([]string{mediaTypeJSON, mediaTypeGraphQL}),
		gzhttp.RandomJitter(compressJitter, 0, false),
	)
	return compression{wrap}, err
}

// vary says in the header that answers differ by what the client takes, also where this one is
// small: the next answer to the same request may be large.
func (c compression) vary(h http.Header) {
	if c.wrap != nil {
		h.Add("Vary", "Accept-Encoding")
	}
}

// compress gives the body as it is to be sent, and its Content-Encoding, "" for none. It is
// compressed as a whole before any of it is sent: while the client reads, neither the original
// nor the memory of the compressor is held.
func (c compression) compress(r *http.Request, mediaType string, body answerBody) (sent answerBody, encoding string) {
	if c.wrap == nil || body.size() < compressMinBytes {
		return body, ""
	}
	out := &compressed{header: http.Header{"Content-Type": contentTypes[mediaType]}}
	c.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if w != http.ResponseWriter(out) {
			body.writeTo(w, func() bool { return false })
		}
	}))(out, r)
	if encoding = out.header.Get("Content-Encoding"); encoding == "" {
		return body, ""
	}
	return answerBody{out.body.Bytes()}, encoding
}

// compressed takes what the compressor writes.
type compressed struct {
	header http.Header
	body   bytes.Buffer
}

func (c *compressed) Header() http.Header         { return c.header }
func (c *compressed) WriteHeader(int)             {}
func (c *compressed) Write(p []byte) (int, error) { return c.body.Write(p) }
