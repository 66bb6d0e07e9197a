//go:build !unix

package httpserver

import "net"

// closeAndAcceptBacklog closes the listener. The connections of its backlog are lost: on this system they cannot be
// accepted without blocking.
func closeAndAcceptBacklog(l net.Listener) []net.Conn {
	_ = l.Close()
	return nil
}
