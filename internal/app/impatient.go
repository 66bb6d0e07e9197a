package app

import (
	"net"
	"net/http"
	"time"
)

// impatient is a listener whose connections do not wait for ever for a client that does
// not read. Each write has the timeout for itself, so that an answer may take as long as
// it likes, and a stream may last, while the client takes what it is given.
type impatient struct {
	net.Listener

	timeout time.Duration
}

// Accept waits for the next connection.
func (l impatient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &impatientConn{conn, l.timeout}, nil
}

type impatientConn struct {
	net.Conn

	timeout time.Duration
}

// writePiece is how much has to be taken within one timeout.
const writePiece = 64 << 10

// Write writes piece by piece, each within the timeout.
func (c *impatientConn) Write(b []byte) (int, error) {
	written := 0
	for {
		if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(b[written:min(len(b), written+writePiece)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
	}
}

// impatientStreams is for HTTP/2 what impatient is for connections: there a client can keep
// its connection alive and give a stream no window, so that nothing is written and no
// deadline of the connection comes. The stream is reset then.
func impatientStreams(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			w = &impatientStream{w, http.NewResponseController(w), timeout}
		}
		next.ServeHTTP(w, r)
	})
}

type impatientStream struct {
	http.ResponseWriter

	control *http.ResponseController
	timeout time.Duration
}

// Unwrap is for http.ResponseController.
func (s *impatientStream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Write writes piece by piece, each within the timeout.
func (s *impatientStream) Write(b []byte) (int, error) {
	written := 0
	for {
		if err := s.control.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
			return written, err
		}
		n, err := s.ResponseWriter.Write(b[written:min(len(b), written+writePiece)])
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
	}
}

// Flush sends what was written, within the timeout.
func (s *impatientStream) Flush() {
	if s.control.SetWriteDeadline(time.Now().Add(s.timeout)) == nil {
		_ = s.control.Flush()
	}
}
