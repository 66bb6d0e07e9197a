package replicas

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy is a TCP proxy before a server, that a test makes faulty.
type proxy struct {
	port   string
	target string

	mu     sync.Mutex
	open   map[net.Conn]bool
	silent bool // connections stay, and nothing goes through
	cut    int  // each connection ends after so many bytes of replies; 0 is never
}

// startProxy starts a proxy before the server, which ends with the test.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: "127.0.0.1:" + target, open: make(map[net.Conn]bool)}
	_, p.port, _ = net.SplitHostPort(listener.Addr().String())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.set(func() { p.closeAll() })
		serving.Wait()
	})
	return p
}

func (p *proxy) url() string { return "redis://127.0.0.1:" + p.port }

// set changes the proxy.
func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// closeAll ends all connections. The lock is held.
func (p *proxy) closeAll() {
	for conn := range p.open {
		_ = conn.Close()
	}
}

// track adds a connection, and returns what removes it.
func (p *proxy) track(conn net.Conn) (end func()) {
	p.set(func() { p.open[conn] = true })
	return func() {
		_ = conn.Close()
		p.set(func() { delete(p.open, conn) })
	}
}

func (p *proxy) serve(client net.Conn) {
	defer p.track(client)()
	server, err := net.Dial("tcp", p.target) //nolint:noctx // ends with the connection
	if err != nil {
		return
	}
	defer p.track(server)()
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		p.forward(server, client, false)
		_ = client.Close()
		_ = server.Close()
	})
	p.forward(client, server, true)
	_ = client.Close()
	_ = server.Close()
}

// forward copies bytes as long as the proxy lets them through.
func (p *proxy) forward(to io.Writer, from io.Reader, replies bool) {
	buffer, sent := make([]byte, 64), 0
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		var silent bool
		var cut int
		p.set(func() { silent, cut = p.silent, p.cut })
		if silent {
			continue // the bytes are lost
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
		if sent += n; replies && cut > 0 && sent > cut {
			return
		}
	}
}
