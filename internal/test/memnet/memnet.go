// Package memnet is a network of pipes inside the process, for tests: in a bubble of testing/synctest, time would not
// advance while a goroutine waits for a real connection.
package memnet

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Network is a listener that can be dialed. Its zero value is not usable; see New.
type Network struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var _ net.Listener = (*Network)(nil)

// New returns a network with one address.
func New() *Network {
	return &Network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next connection.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the network: Accept and Dial fail from now on.
func (n *Network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr returns an address without meaning.
func (*Network) Addr() net.Addr { return &net.TCPAddr{} }

// Dial connects to the listener, whatever the address. It is for an http.Transport.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case n.conns <- there:
		return here, nil
	case <-n.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Serve serves the handler on a new network until the test ends.
func Serve(tb testing.TB, h http.Handler) *Network {
	tb.Helper()
	n := New()
	server := &http.Server{Handler: h} //nolint:gosec // clients are tests
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(n)
	}()
	tb.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return n
}
