package gateway

import (
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

// compression sends large answers of JSON by gzip to those who take it. Nil sends each as
// it is.
type compression func(http.Handler) http.HandlerFunc

func newCompression(on bool) (compression, error) {
	if !on {
		return nil, nil
	}
	return gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.MinSize(compressMinBytes),
		gzhttp.ContentTypes([]string{mediaTypeJSON, mediaTypeGraphQL}),
		gzhttp.RandomJitter(compressJitter, 0, false),
	)
}

// serve has send answer by a body of so many bytes. What stands around it for a large one
// is not free, and most are small.
func (c compression) serve(w http.ResponseWriter, r *http.Request, size int, send http.HandlerFunc) {
	switch {
	case c == nil:
		send(w, r)
	case size < compressMinBytes:
		// The next answer to the same request may be large.
		w.Header().Add("Vary", "Accept-Encoding")
		send(w, r)
	default:
		c(send)(w, r)
	}
}
