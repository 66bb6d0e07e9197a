// Package httpclient has what the HTTP clients of the gateway (packages atlas and authn) have in common: a
// transport that detects dead connections, and the errors that say that a connection ended.
package httpclient

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Bounds on how long a dead connection is used. A NAT or a firewall that drops a connection notifies
// neither end, so that it can only be detected by silence.
const (
	// pingAfter is how long nothing may arrive on an HTTP/2 connection before it is pinged.
	pingAfter = time.Second
	// pingTimeout is how long the answer to a ping may take before the connection is closed and its
	// requests fail. It outlasts two retransmissions of a lost packet.
	pingTimeout = 2 * time.Second
	// writeTimeout is how long the other end may accept no byte.
	writeTimeout = 5 * time.Second

	// HTTP/1.1 has no ping. TCP keep-alive detects a dead connection that is idle, after 30 s.
	keepAliveIdle     = 15 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveProbes   = 3
)

// LostAfter is how long a silent HTTP/2 connection is used at most.
const LostAfter = pingAfter + pingTimeout

// NewTransport returns a transport that offers HTTP/2, uses the proxies of the environment, and closes a
// silent HTTP/2 connection within LostAfter. The caller sets the limits that depend on its use. Dial opens connections;
// nil means a net.Dialer with dialTimeout.
func NewTransport(dialTimeout time.Duration,
	dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{
			Timeout: dialTimeout,
			KeepAliveConfig: net.KeepAliveConfig{
				Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveProbes,
			},
		}).DialContext
	}
	return &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		DialContext:       dial,
		ForceAttemptHTTP2: true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: pingAfter, PingTimeout: pingTimeout, WriteByteTimeout: writeTimeout,
		},
	}
}
