package atlas

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"atlas-restore-gateway/internal/httpclient"
)

// bufferBody reads the whole body as a part of the attempt, up to maxBodyBytes, and opens the
// envelope. So a body that ends early is a failure that the breaker counts and the retrier repeats,
// and both see the status in the envelope. The body of the response is a *bufferedBody.
func (c *Client) bufferBody(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoFrom(r.Context())
		res, err := next.RoundTrip(r)
		if err != nil || info == nil {
			return res, err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized && !attemptTimerFrom(r.Context()).stop() {
			// The timer has cancelled the context, so that the body cannot be read.
			return nil, attemptTimeoutError{}
		}
		body, err := c.bodies.read(r.Context(), res, c.maxBodyBytes)
		switch {
		case err == nil:
		case res.StatusCode == http.StatusUnauthorized:
			// The status of a 401 is enough.
			body = nil
		case errors.Is(err, errTooLarge), errors.Is(err, errNotGzip):
			return nil, &Error{Op: info.op, Kind: KindMalformed, Status: res.StatusCode, Err: err}
		case httpclient.ConnectionEnded(err) && r.Context().Err() == nil:
			return nil, &truncatedError{status: res.StatusCode, cause: err}
		default:
			return nil, err
		}
		if c.envelope {
			res.StatusCode, body = openEnvelope(res.StatusCode, body)
		}
		res.Body, res.ContentLength = newBufferedBody(body), int64(len(body))
		return res, nil
	})
}

var (
	errTooLarge = errors.New("the answer is larger than the bound")
	errNotGzip  = errors.New("the answer is not compressed as it says")
)

// Bounds on the memory for bodies. Few bodies are larger than usualBodyBytes. Of those
// maxLargeBodies are read at a time and the others wait, so that an upstream that sends without end
// fills maxConnsPerHost usual bodies and a few large ones.
const (
	usualBodyBytes = 256 << 10
	maxLargeBodies = 8
)

// bodyPool reads bodies, and keeps the memory of bodies that were released.
type bodyPool struct {
	large chan struct{} // a slot for each large body
	spare sync.Pool     // of *[]byte
}

func newBodyPool() *bodyPool { return &bodyPool{large: make(chan struct{}, maxLargeBodies)} }

// read reads a whole body of at most limit bytes.
func (s *bodyPool) read(ctx context.Context, res *http.Response, limit int64) ([]byte, error) {
	if res.ContentLength > limit {
		return nil, errTooLarge
	}
	body, err := decompressed(res)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(s.buffer())
	if n := res.ContentLength; n > 0 && n <= usualBodyBytes {
		b.Grow(int(n) + bytes.MinRead)
	}
	// One byte more than the limit tells that the body is too large.
	if res.ContentLength <= usualBodyBytes {
		n, err := b.ReadFrom(io.LimitReader(body, min(usualBodyBytes, limit)+1))
		if n > limit {
			return nil, errTooLarge
		}
		if err != nil || n <= usualBodyBytes {
			return b.Bytes(), gzipError(err)
		}
	}
	select {
	case s.large <- struct{}{}:
		defer func() { <-s.large }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if n := res.ContentLength; n > usualBodyBytes {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err = b.ReadFrom(io.LimitReader(body, limit+1-int64(b.Len())))
	if int64(b.Len()) > limit {
		return nil, errTooLarge
	}
	return b.Bytes(), gzipError(err)
}

// buffer returns memory for a body.
func (s *bodyPool) buffer() []byte {
	if spare, ok := s.spare.Get().(*[]byte); ok {
		return (*spare)[:0]
	}
	return nil
}

// release takes the memory of a body back. No value may hold a part of it.
func (s *bodyPool) release(body []byte) {
	if cap(body) > 0 && cap(body) <= usualBodyBytes {
		s.spare.Put(&body)
	}
}

// decompressed returns the body without a compression that the request did not ask for. The one
// that it asked for is undone by net/http.
func decompressed(res *http.Response) (io.Reader, error) {
	if res.Header.Get("Content-Encoding") != "gzip" {
		return res.Body, nil
	}
	z, err := gzip.NewReader(res.Body)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return z, gzipError(err)
}

// gzipError returns errNotGzip for malformed gzip, and other errors as they are.
func gzipError(err error) error {
	if corrupt := flate.CorruptInputError(0); errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, gzip.ErrChecksum) {
		return errNotGzip
	}
	return err
}

// truncatedError is the error of a body that ended early because the connection was closed, reset or
// lost, or ended by GOAWAY. It is an io.ErrUnexpectedEOF.
type truncatedError struct {
	status int
	cause  error
}

func (e *truncatedError) Error() string      { return e.cause.Error() }
func (e *truncatedError) Unwrap() error      { return e.cause }
func (*truncatedError) Is(target error) bool { return target == io.ErrUnexpectedEOF }

// bufferedBody is a body that has been read. It can be read again after it was closed: the Digest
// library reads and closes the body of each 401, and returns it where there is no challenge.
type bufferedBody struct {
	bytes.Reader

	content []byte
}

func newBufferedBody(all []byte) *bufferedBody {
	b := &bufferedBody{content: all}
	b.Reset(all)
	return b
}

// Close makes the body readable from its beginning.
func (b *bufferedBody) Close() error {
	b.Reset(b.content)
	return nil
}

// bodyOf returns the body of a response that bufferBody has read, and nil for another one.
func bodyOf(res *http.Response) []byte {
	if b, ok := res.Body.(*bufferedBody); ok {
		return b.content
	}
	return nil
}

type attemptTimerKey struct{}

func attemptTimerFrom(ctx context.Context) *attemptTimer {
	t, _ := ctx.Value(attemptTimerKey{}).(*attemptTimer)
	return t
}

// attemptTimer ends an attempt whose response has no header in time.
type attemptTimer struct{ timer *time.Timer }

// stop stops the timer, and reports whether it had not fired. A nil attemptTimer never fires.
func (t *attemptTimer) stop() bool { return t == nil || t.timer.Stop() }
