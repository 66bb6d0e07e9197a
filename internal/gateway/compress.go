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

// compressed compresses large JSON answers by gzip. Streams of events are not JSON and
// stay as they are.
func compressed(on bool) (func(http.Handler) http.Handler, error) {
	if !on {
		return func(next http.Handler) http.Handler { return next }, nil
	}
	wrap, err := gzhttp.NewWrapper(
		gzhttp.EnableZstd(false),
		gzhttp.CompressionLevel(gzip.BestSpeed),
		gzhttp.MinSize(compressMinBytes),
		gzhttp.ContentTypes([]string{mediaTypeJSON, mediaTypeGraphQL}),
		gzhttp.RandomJitter(compressJitter, 0, false),
	)
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler { return wrap(next) }, nil
}
