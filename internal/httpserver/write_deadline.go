package httpserver

import (
	"net"
	"net/http"
	"time"
)

// maxWriteBytes is how many bytes a client must accept within one deadline.
const maxWriteBytes = 64 << 10

// writeDeadlineListener sets a deadline for each write on its connections. A response can take any time, and a stream
// can last, as long as the client reads.
type writeDeadlineListener struct {
	net.Listener

	timeout time.Duration
}

// Accept waits for the next connection.
func (l writeDeadlineListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &writeDeadlineConn{conn, l.timeout}, nil
}

type writeDeadlineConn struct {
	net.Conn

	timeout time.Duration
}

// Write writes parts of at most maxWriteBytes, each with the deadline.
func (c *writeDeadlineConn) Write(b []byte) (int, error) {
	return writeParts(b, c.timeout, c.SetWriteDeadline, c.Conn.Write)
}

// withWriteDeadline sets a deadline for each write to an HTTP/2 stream. The deadline of the connection does not cover a
// client that keeps its connection alive and gives a stream no flow-control window: nothing is written then. The stream
// is reset when the deadline has passed.
func withWriteDeadline(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			w = &writeDeadlineStream{w, http.NewResponseController(w), timeout}
		}
		next.ServeHTTP(w, r)
	})
}

type writeDeadlineStream struct {
	http.ResponseWriter

	control *http.ResponseController
	timeout time.Duration
}

// Unwrap is for http.ResponseController.
func (s *writeDeadlineStream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Write writes parts of at most maxWriteBytes, each with the deadline.
func (s *writeDeadlineStream) Write(b []byte) (int, error) {
	return writeParts(b, s.timeout, s.control.SetWriteDeadline, s.ResponseWriter.Write)
}

// Flush sends what was written, with the deadline.
func (s *writeDeadlineStream) Flush() {
	if s.control.SetWriteDeadline(time.Now().Add(s.timeout)) == nil {
		_ = s.control.Flush()
	}
}

// writeParts writes b in parts of at most maxWriteBytes and sets a new deadline before each.
func writeParts(
	b []byte, timeout time.Duration, setDeadline func(time.Time) error, write func([]byte) (int, error),
) (written int, err error) {
	for {
		if err := setDeadline(time.Now().Add(timeout)); err != nil {
			return written, err
		}
		n, err := write(b[written:min(len(b), written+maxWriteBytes)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
	}
}
