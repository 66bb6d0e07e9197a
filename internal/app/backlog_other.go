//go:build !unix

package app

import "net"

// closeEmpty closes the listener. What waits to be accepted is lost: it cannot be taken
// without waiting here.
func closeEmpty(l net.Listener) []net.Conn {
	_ = l.Close()
	return nil
}
