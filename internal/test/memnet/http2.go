package memnet

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// Frame types and flags of HTTP/2 (RFC 9113, section 6).
const (
	frameData, frameHeaders, frameReset   = 0x0, 0x1, 0x3
	frameSettings, framePing, frameGoAway = 0x4, 0x6, 0x7
	flagEndStream, flagAck, flagEndHeads  = 0x1, 0x1, 0x4
	frameHeadBytes                        = 9
)

// HTTP2Conn is the server side of an HTTP/2 connection without TLS (prior knowledge). It has just enough of the
// protocol to end streams and connections in ways that the server of net/http does not have.
type HTTP2Conn struct {
	// Number counts the connections of one network, from 1.
	Number int

	conn   net.Conn
	out    chan []byte // written by another goroutine, so that reads do not wait for writes; nil closes
	silent bool
}

// ServeHTTP2 serves HTTP/2 on a new network until the test ends. It calls handle for each request of a connection, in
// order.
func ServeHTTP2(tb testing.TB, handle func(c *HTTP2Conn, stream uint32)) *Network {
	tb.Helper()
	n := New()
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for number := 1; ; number++ {
			conn, err := n.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			c := &HTTP2Conn{Number: number, conn: conn, out: make(chan []byte, 1024)}
			all.Go(c.write)
			all.Go(func() {
				defer close(c.out)
				c.read(handle)
			})
		}
	})
	tb.Cleanup(func() {
		_ = n.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return n
}

func (c *HTTP2Conn) write() {
	for p := range c.out {
		if p == nil {
			_ = c.conn.Close()
		} else if _, err := c.conn.Write(p); err != nil {
			_ = c.conn.Close()
		}
	}
}

func (c *HTTP2Conn) read(handle func(*HTTP2Conn, uint32)) {
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(c.conn, preface); err != nil {
		return
	}
	c.frame(frameSettings, 0, 0, nil)
	head := make([]byte, frameHeadBytes)
	for {
		if _, err := io.ReadFull(c.conn, head); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c.conn, payload); err != nil {
			return
		}
		stream := binary.BigEndian.Uint32(head[5:]) &^ (1 << 31)
		switch kind, acked := head[3], head[4]&flagAck != 0; {
		case kind == frameSettings && !acked:
			c.frame(frameSettings, flagAck, 0, nil)
		case kind == framePing && !acked:
			c.frame(framePing, flagAck, 0, payload)
		case kind == frameHeaders:
			handle(c, stream)
		}
	}
}

func (c *HTTP2Conn) frame(kind, flags byte, stream uint32, payload []byte) {
	if c.silent {
		return
	}
	// The length has three bytes, and the type is the fourth.
	p := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind)) //nolint:gosec // a test sends less than 16 MiB
	p = binary.BigEndian.AppendUint32(append(p, flags), stream)
	c.out <- append(p, payload...)
}

// Head sends the header of a 200 in JSON.
func (c *HTTP2Conn) Head(stream uint32) {
	const name, value = "content-type", "application/json"
	head := append([]byte{0x88, 0x00, byte(len(name))}, name...) // ":status: 200", then a literal (RFC 7541)
	head = append(append(head, byte(len(value))), value...)
	c.frame(frameHeaders, flagEndHeads, stream, head)
}

// Data sends a part of a body, the last one if end is true.
func (c *HTTP2Conn) Data(stream uint32, body string, end bool) {
	flags := byte(0)
	if end {
		flags = flagEndStream
	}
	c.frame(frameData, flags, stream, []byte(body))
}

// Answer sends a complete 200 in JSON.
func (c *HTTP2Conn) Answer(stream uint32, body string) {
	c.Head(stream)
	c.Data(stream, body, true)
}

// Reset ends a stream (RST_STREAM).
func (c *HTTP2Conn) Reset(stream, code uint32) {
	c.frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code))
}

// GoAway sends GOAWAY: last is the last stream that was handled.
func (c *HTTP2Conn) GoAway(last, code uint32, debug string) {
	p := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code)
	c.frame(frameGoAway, 0, 0, append(p, debug...))
}

// Garbage sends a frame that breaks the protocol: a SETTINGS frame on a stream.
func (c *HTTP2Conn) Garbage(stream uint32) { c.frame(frameSettings, 0, stream, nil) }

// Silence makes the connection read and send nothing, as seen through a NAT that has lost the connection.
func (c *HTTP2Conn) Silence() { c.silent = true }

// Close closes the connection after the frames that were sent.
func (c *HTTP2Conn) Close() { c.out <- nil }
