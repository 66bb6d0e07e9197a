package main

import (
	"net"
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
