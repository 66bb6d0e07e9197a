package gateway

import (
	"bytes"
	"compress/gzip"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// Bounds of compression. A response that fits the first congestion window of a connection does not arrive sooner when
// it is smaller, so small ones are not compressed. The jitter hides the compressed length: a response holds both what
// the client chose (aliases) and secrets (download URLs), and the length would tell of one by the other (BREACH).
const (
	compressMinBytes = 4 << 10
	compressJitter   = 64
)

// compression compresses large JSON responses by gzip for clients that accept it. The zero value compresses nothing.
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

// vary sets the Vary header, for small responses too: the next response to the same request may be large.
func (c compression) vary(h http.Header) {
	if c.wrap != nil {
		h.Add("Vary", "Accept-Encoding")
	}
}

// compress returns the body to send, and its Content-Encoding, "" for none. The whole body is compressed before any of
// it is sent: while the client reads, neither the original nor the compressor is held.
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

// compressed is the http.ResponseWriter that the compressor writes to.
type compressed struct {
	header http.Header
	body   bytes.Buffer
}

func (c *compressed) Header() http.Header         { return c.header }
func (c *compressed) WriteHeader(int)             {}
func (c *compressed) Write(p []byte) (int, error) { return c.body.Write(p) }
