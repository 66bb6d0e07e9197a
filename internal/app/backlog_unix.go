//go:build unix

package app

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// maxBacklog bounds what is taken of a listener that is to be closed.
const maxBacklog = 4096

// closeEmpty closes the listener and returns the connections that waited to be accepted.
// The system would reset them, with the requests that clients have sent on them. It leaves
// no more than the instant between its last look and the close.
func closeEmpty(l net.Listener) []net.Conn {
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

// acceptAll accepts until there is nothing to accept. The listener does not block.
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
