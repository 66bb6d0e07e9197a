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

// whole reads the whole answer as a part of the attempt, within the bound on its size. So
// one that breaks off is a failure that the layers above can judge and make good, and the
// status in an envelope is the one that they see. What it hands on is a wholeBody.
func (c *Client) whole(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoOf(r.Context())
		res, err := next.RoundTrip(r)
		if err != nil || info == nil {
			return res, err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized && !bellOf(r.Context()).stop() {
			// The answer came with the bell; its body cannot be read any more.
			return nil, attemptError{}
		}
		body, err := c.bodies.read(r.Context(), res, c.maxBodyBytes)
		switch {
		case err == nil:
		case res.StatusCode == http.StatusUnauthorized:
			// A 401 says enough without its body.
			body = nil
		case errors.Is(err, errTooLarge), errors.Is(err, errNotGzip):
			return nil, &Error{Op: info.op, Kind: KindMalformed, Status: res.StatusCode, Err: err}
		case httpclient.ConnectionEnded(err) && r.Context().Err() == nil:
			return nil, &cutOffError{status: res.StatusCode, cause: err}
		default:
			return nil, err
		}
		if c.envelope {
			res.StatusCode, body = openEnvelope(res.StatusCode, body)
		}
		res.Body, res.ContentLength = newWholeBody(body), int64(len(body))
		return res, nil
	})
}

var (
	errTooLarge = errors.New("the answer is larger than the bound")
	errNotGzip  = errors.New("the answer is not compressed as it says")
)

// Bounds on what is read at once. An answer is rarely as large as usualBodyBytes; of those
// that are, maxLargeBodies are read at a time and the others wait, so that an upstream
// that sends without an end fills maxConnsPerHost usual bodies and those few.
const (
	usualBodyBytes = 256 << 10
	maxLargeBodies = 8
)

// bodies reads bodies. Who has a slot may read more than usualBodyBytes.
type bodies struct {
	large chan struct{}
	spare sync.Pool // of *[]byte: memory of bodies that nobody needs any more
}

func newBodies() *bodies { return &bodies{large: make(chan struct{}, maxLargeBodies)} }

// read reads a whole body of at most that many bytes.
func (s *bodies) read(ctx context.Context, res *http.Response, most int64) ([]byte, error) {
	if res.ContentLength > most {
		return nil, errTooLarge
	}
	body, err := unpacked(res)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(s.room())
	if n := res.ContentLength; n > 0 && n <= usualBodyBytes {
		b.Grow(int(n) + bytes.MinRead)
	}
	// One byte more than is allowed tells that there is more.
	if res.ContentLength <= usualBodyBytes {
		n, err := b.ReadFrom(io.LimitReader(body, min(usualBodyBytes, most)+1))
		if n > most {
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
	_, err = b.ReadFrom(io.LimitReader(body, most+1-int64(b.Len())))
	if int64(b.Len()) > most {
		return nil, errTooLarge
	}
	return b.Bytes(), gzipError(err)
}

// room is memory for a body.
func (s *bodies) room() []byte {
	if spare, ok := s.spare.Get().(*[]byte); ok {
		return (*spare)[:0]
	}
	return nil
}

// reuse takes the memory of a body back, of which nobody may hold a part any more.
func (s *bodies) reuse(body []byte) {
	if cap(body) > 0 && cap(body) <= usualBodyBytes {
		s.spare.Put(&body)
	}
}

// unpacked is the body without a compression that nobody asked for; what was asked for
// net/http has undone.
func unpacked(res *http.Response) (io.Reader, error) {
	if res.Header.Get("Content-Encoding") != "gzip" {
		return res.Body, nil
	}
	z, err := gzip.NewReader(res.Body)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return z, gzipError(err)
}

// gzipError tells bytes that are wrong from a connection that is.
func gzipError(err error) error {
	if corrupt := flate.CorruptInputError(0); errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return errNotGzip
	}
	return err
}

// cutOffError is an answer that ended before its end, by whatever the cause is: the connection was
// closed, reset, lost, or ended by GOAWAY. It is an io.ErrUnexpectedEOF.
type cutOffError struct {
	status int
	cause  error
}

func (e *cutOffError) Error() string      { return e.cause.Error() }
func (e *cutOffError) Unwrap() error      { return e.cause }
func (*cutOffError) Is(target error) bool { return target == io.ErrUnexpectedEOF }

// wholeBody is a body that has been read. It can be read again after it was closed: the
// Digest library reads and closes that of a 401 in search of a challenge, and hands it
// on when there is none.
type wholeBody struct {
	bytes.Reader

	all []byte
}

func newWholeBody(all []byte) *wholeBody {
	b := &wholeBody{all: all}
	b.Reset(all)
	return b
}

// Close begins anew.
func (b *wholeBody) Close() error {
	b.Reset(b.all)
	return nil
}

// bodyOf is the body of an answer that whole has read; nil of another one.
func bodyOf(res *http.Response) []byte {
	if b, ok := res.Body.(*wholeBody); ok {
		return b.all
	}
	return nil
}

type bellKey struct{}

func bellOf(ctx context.Context) *bell {
	b, _ := ctx.Value(bellKey{}).(*bell)
	return b
}

// bell rings when an attempt has taken too long to bring the head of an answer.
type bell struct{ timer *time.Timer }

// stop reports whether it did not ring. A nil bell never rings.
func (b *bell) stop() bool { return b == nil || b.timer.Stop() }
