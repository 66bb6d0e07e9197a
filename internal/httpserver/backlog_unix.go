//go:build unix

package httpserver

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// maxBacklog is how many connections are accepted while a listener is closed.
const maxBacklog = 4096

// closeAndAcceptBacklog closes the listener and returns the connections of its backlog. The system would reset them,
// with the requests that clients have sent on them. Only a connection that is made between the last accept and the
// close is lost.
func closeAndAcceptBacklog(l net.Listener) []net.Conn {
	var files []*os.File
	if tcp, ok := l.(*net.TCPListener); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { files = acceptAll(int(fd)) })
		}
	}
	_ = l.Close()
	conns := make([]net.Conn, 0, len(files))
	for _, f := range files {
		conn, err := net.FileConn(f)
		_ = f.Close() // conn has a copy
		if err != nil {
			continue
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetNoDelay(true) // as net does
		}
		conns = append(conns, conn)
	}
	return conns
}

// acceptAll accepts until the backlog of the listener, which does not block, is empty.
func acceptAll(listener int) []*os.File {
	var files []*os.File
	for len(files) < maxBacklog {
		fd, _, err := syscall.Accept(listener)
		switch {
		case err == nil:
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "connection"))
		case !errors.Is(err, syscall.EINTR) && !errors.Is(err, syscall.ECONNABORTED):
			return files
		}
	}
	return files
}
