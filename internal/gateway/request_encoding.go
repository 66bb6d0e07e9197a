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

// contentCoding returns the coding of a request's body by its header Content-Encoding (RFC 9110, section 8.4): gzip, or
// "" for none. It reports false for any other, and for several.
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

// gzipReaders is a pool of readers, each with a window of 32 KiB.
var gzipReaders = sync.Pool{New: func() any { return &gzip.Reader{} }}

// errNotGzip is the error of a body that is not gzip, or is cut off.
var errNotGzip = errors.New("gateway: the body is not gzip")

// readGzip reads at most bound bytes and one more of a body, decoded. No more is ever inflated. The error of reading
// the body is returned as it is; that of decoding is errNotGzip.
func readGzip(into io.ReaderFrom, body io.Reader, bound int64) error {
	source := &errorRecorder{Reader: body}
	reader, _ := gzipReaders.Get().(*gzip.Reader)
	defer func() {
		source.Reader = nil // the pool must not hold the request
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

// errorRecorder records the error of a reader; io.EOF is none.
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

// gzipBound is how many bytes of gzip a body of bound bytes may have: gzip makes incompressible data a little larger.
func gzipBound(bound int64) int64 { return bound + bound/64 + 1<<10 }
