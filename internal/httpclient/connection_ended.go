package httpclient

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
)

// ConnectionEnded reports whether err, from an http.Transport or from the body of one of its
// responses, says that the connection or the stream ended before the response was complete, or could
// not be opened just now. The same request may succeed on another connection. It is false for a
// timeout, a name that does not exist, a certificate that is not trusted and a response that is not HTTP.
func ConnectionEnded(err error) bool {
	if err == nil {
		return false
	}
	for _, ended := range []error{
		errConnections, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNRESET, syscall.ECONNABORTED, syscall.ECONNREFUSED, syscall.EPIPE,
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN,
	} {
		if errors.Is(err, ended) {
			return true
		}
	}
	if errors.As(err, new(streamError)) {
		return true
	}
	for ; err != nil; err = errors.Unwrap(err) {
		text := err.Error()
		for _, prefix := range unexported {
			if strings.HasPrefix(text, prefix) {
				return true
			}
		}
	}
	return false
}

// streamError is the error of an HTTP/2 stream that was reset (RST_STREAM). errors.As converts the
// unexported error of net/http to any struct with these fields.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (streamError) Error() string { return "the stream was reset" }

// unexported are the beginnings of errors of net/http that can only be recognized by their text. The tests
// cause each by a real transport, and fail if a release of Go changes one.
var unexported = []string{
	"http2: server sent GOAWAY",                                   // and closed the connection
	"http2: Transport received GOAWAY",                            // with an error, on the first stream
	"http2: Transport received Server's graceful shutdown GOAWAY", // more often than the transport repeats
	"http2: client connection lost",                               // a ping without an answer
	"http2: client conn",                                          // is closed, not usable, force closed, …
	"connection error: ",                                          // a frame that breaks the protocol
	"http: server closed idle connection",                         // HTTP/1.1, before the request was written
}
