package gateway

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// codingGzip is the only content coding of requests that is decoded.
const codingGzip = "gzip"

// contentCoding is the coding of a request's body by its header Content-Encoding (RFC
// 9110, section 8.4): gzip, or "" for none. It reports false for any other, and for
// several.
func contentCoding(h http.Header) (coding string, ok bool) {
	for name := range strings.SplitSeq(strings.Join(h["Content-Encoding"], ","), ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "" || name == "identity":
		case coding == "" && (name == codingGzip || name == "x-gzip"):
			coding = codingGzip
		default:
			return "", false
		}
	}
	return coding, true
}

// gzipReaders are readers to use again: each holds a window of 32 KiB.
var gzipReaders = sync.Pool{New: func() any { return &gzip.Reader{} }}

// errNotGzip is a body that is not what its Content-Encoding says, or a part of it.
var errNotGzip = errors.New("gateway: the body is not gzip")

// readGzip reads at most bound bytes and one more, decoded, of a body. No more than that
// is ever inflated. The error of reading the body is returned as it is; that of decoding
// it is errNotGzip.
func readGzip(into io.ReaderFrom, body io.Reader, bound int64) error {
	source := &errorRecorder{Reader: body}
	reader, _ := gzipReaders.Get().(*gzip.Reader)
	defer func() {
		source.Reader = nil // the pool is not to hold the request
		gzipReaders.Put(reader)
	}()
	err := reader.Reset(source)
	if err == nil {
		_, err = into.ReadFrom(io.LimitReader(reader, bound+1))
	}
	switch {
	case source.err != nil:
		return source.err
	case err != nil:
		return errNotGzip
	default:
		return nil
	}
}

// failingReader remembers how reading failed; the end is no failure.
type errorRecorder struct {
	io.Reader

	err error
}

func (r *errorRecorder) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// gzipBound is how many bytes a body may have in gzip that has bound bytes decoded: what
// cannot be compressed becomes a little larger by it.
func gzipBound(bound int64) int64 { return bound + bound/64 + 1<<10 }
