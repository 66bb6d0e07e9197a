package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/certificate"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/telemetry"
	"atlas-restore-gateway/internal/test/certs"
	"atlas-restore-gateway/internal/test/memnet"
)

// newTestGateway makes a gateway that asks no Atlas.
func newTestGateway(t *testing.T) *gateway.Gateway {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	service, err := restore.NewService(nil, restore.Options{}, logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	gw, err := gateway.New(gateway.Config{Reader: service, Logger: logger, Access: gateway.AllowAll(io.Discard)})
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

// certFiles are a server's certificate for loopback and the pool of its authority.
func certFiles(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	f, authority := folder(t.TempDir()), certs.Authority()
	server := authority.Server(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return f.write(t, "cert.pem", server.CertPEM()), f.write(t, "key.pem", server.KeyPEM()), authority.Pool()
}

// protocols are the ways in which a client can speak with the gateway.
func protocols() map[string]struct {
	proto    string
	tls, h2c bool
} {
	return map[string]struct {
		proto    string
		tls, h2c bool
	}{
		"HTTP/1.1":           {proto: "HTTP/1.1"},
		"HTTP/2 over TLS":    {proto: "HTTP/2.0", tls: true},
		"HTTP/2 without TLS": {proto: "HTTP/2.0", h2c: true},
	}
}

func TestServe_hasClientsUseAnotherConnectionWhileItDrains(t *testing.T) {
	cert, key, pool := certFiles(t)
	today := time.Now() // the clock of a bubble is behind
	for name, tt := range protocols() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, dialed := memnet.New(), 0
				transport := &http.Transport{
					TLSClientConfig: &tls.Config{RootCAs: pool, Time: func() time.Time { return today }}, Protocols: new(http.Protocols),
					DialContext: func(ctx context.Context, to, address string) (net.Conn, error) {
						dialed++
						return network.Dial(ctx, to, address)
					},
				}
				transport.Protocols.SetHTTP1(tt.proto == "HTTP/1.1")
				transport.Protocols.SetHTTP2(tt.tls)
				transport.Protocols.SetUnencryptedHTTP2(tt.h2c)
				defer transport.CloseIdleConnections()
				url, served := "http://127.0.0.1/graphql", (*certificate.Reloadable)(nil)
				if tt.tls {
					url = strings.Replace(url, "http", "https", 1)
					var err error
					if served, err = certificate.Load(certificate.Files{Cert: cert, Key: key}); err != nil {
						t.Fatal(err)
					}
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ended := make(chan error, 1)
				cfg := &config.Config{ShutdownDelay: 10 * time.Second, ShutdownGrace: time.Second, HTTP: config.HTTP{H2C: tt.h2c, IdleTimeout: time.Minute}}
				go func() { ended <- serve(ctx, network, newTestGateway(t), served, cfg, slog.New(slog.DiscardHandler)) }()
				for i, want := range []int{1, 1, 1, 2, 3} {
					if i == 2 {
						stop()
					}
					// What the server said at the end of the last answer has come.
					synctest.Wait()
					req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"query":"{__typename}"}`))
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Content-Type", "application/json")
					if a := do(t, &http.Client{Transport: transport}, req); a.status != http.StatusOK || dialed != want {
						t.Errorf("request %d: got %d by connection %d, want connection %d", i, a.status, dialed, want)
					}
				}
				transport.CloseIdleConnections()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestCloseWhile_tellsWhoAskedBeforeAndIsAnsweredAfter(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"nothing":  func(http.ResponseWriter) {},
		"a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"a hint and a status": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		},
		"a body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
		"a stream": func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			var draining atomic.Bool
			network := memnet.Serve(t, closeWhile(draining.Load, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/drain" {
					draining.Store(true)
				}
				answer(w)
			})))
			client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}}
			for path, want := range map[string]bool{"/": false, "/drain": true} {
				draining.Store(false)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway"+path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.Close != want {
					t.Errorf("%s: the connection is to be closed: %t", path, res.Close)
				}
			}
			client.CloseIdleConnections()
		})
	}
}

func TestServeAdmin_hasClientsUseAnotherConnectionWhileTheGatewayDrains(t *testing.T) {
	gw, output := newTestGateway(t), newWatched()
	stop, err := serveAdmin(t.Context(), "127.0.0.1:0", telemetry.New(), gw, slog.New(slog.NewTextHandler(output, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	url := output.waitFor(metricsURL)[1]
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, draining := range []bool{false, true} {
		if draining {
			gw.Drain()
		}
		for _, path := range []string{"/metrics", "/health/live", "/health/ready", "/nothing"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			if res.Close != draining {
				t.Errorf("%s: the connection is to be closed: %t", path, res.Close)
			}
		}
	}
}

func TestServe_letsAConnectionBeUsedOnceMoreWithoutADelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		cfg := &config.Config{ShutdownGrace: time.Second}
		go func() { ended <- serve(ctx, network, newTestGateway(t), nil, cfg, slog.New(slog.DiscardHandler)) }()
		var conns []net.Conn
		for range 2 {
			conn, err := network.Dial(ctx, "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if closes := ask(t, conn, bufio.NewReader(conn)); closes {
				t.Error("a connection is to be closed before the end")
			}
			conns = append(conns, conn)
		}
		stop()
		start := time.Now()
		synctest.Wait()
		if _, err := network.Dial(t.Context(), "", ""); err == nil {
			t.Error("a connection is taken after the end")
		}
		if closes := ask(t, conns[0], bufio.NewReader(conns[0])); !closes {
			t.Error("a client is not told that its connection will be closed")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		// The other one was not used.
		if waited := time.Since(start); waited != lastUse {
			t.Errorf("it ended after %s", waited)
		}
	})
}

// ask sends a request and reads its answer, which must be one, and reports whether the
// connection is to be closed after it.
func ask(t *testing.T, conn net.Conn, r *bufio.Reader) (closes bool) {
	t.Helper()
	closes, err := tryAsk(conn, r)
	if err != nil {
		t.Fatal(err)
	}
	return closes
}

const rawRequest = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n" + `{"query":"{__typename}"}`

func tryAsk(conn net.Conn, r *bufio.Reader) (closes bool, err error) {
	if _, err := io.WriteString(conn, rawRequest); err != nil {
		return false, err
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return false, err
	}
	if res.StatusCode != http.StatusOK {
		return false, fmt.Errorf("got %d", res.StatusCode)
	}
	return res.Close, nil
}

// backends are two gateways before which clients stand as a load balancer does: they dial
// the first while it is ready, and then the second.
type backends struct {
	first, second *process
	tls           *tls.Config // nil without TLS
}

func startBackends(t *testing.T, withTLS bool, args ...string) *backends {
	t.Helper()
	b, args := &backends{}, append([]string{"--demo"}, args...)
	if withTLS {
		cert, key, pool := certFiles(t)
		b.tls = &tls.Config{RootCAs: pool}
		args = append(args, "--tls-cert="+cert, "--tls-key="+key)
	}
	b.first, b.second = start(t, nil, args...), start(t, nil, args...)
	return b
}

// dial makes a connection, and tells whether it is to the second.
func (b *backends) dial(ctx context.Context) (conn net.Conn, second bool, err error) {
	var dialer net.Dialer
	if b.isReady(ctx) {
		if conn, err := dialer.DialContext(ctx, "tcp", b.first.address()); err == nil {
			return conn, false, nil
		}
	}
	conn, err = dialer.DialContext(ctx, "tcp", b.second.address())
	return conn, true, err
}

func (p *process) address() string {
	_, address, _ := strings.Cut(p.url, "://")
	return address
}

func (b *backends) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.first.url+"/health/ready", http.NoBody)
	if err != nil {
		return false
	}
	res, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: b.tls.Clone(), DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// keepAsking asks over one connection, and over another when it is told so, until the
// second has answered. Sent is called after each answer. No request is sent twice.
func (b *backends) keepAsking(ctx context.Context, sent func()) error {
	for {
		conn, second, err := b.dial(ctx)
		if err != nil {
			return err
		}
		r := bufio.NewReader(conn)
		for closes := false; !closes; {
			if closes, err = tryAsk(conn, r); err != nil || second {
				_ = conn.Close()
				return err
			}
			sent()
		}
		_ = conn.Close()
	}
}

// keepAskingHTTP2 does the same by net/http's client of HTTP/2, which sends a request again
// only where GOAWAY said that it was not looked at.
func (b *backends) keepAskingHTTP2(ctx context.Context, sent func()) error {
	var second atomic.Bool
	transport := &http.Transport{TLSClientConfig: b.tls.Clone(), ForceAttemptHTTP2: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, is, err := b.dial(ctx)
		second.Store(is)
		return conn, err
	}}
	defer transport.CloseIdleConnections()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://127.0.0.1/graphql", strings.NewReader(`{"query":"{__typename}"}`))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		switch {
		case err != nil:
			return err
		case res.StatusCode != http.StatusOK || res.ProtoMajor != 2:
			return fmt.Errorf("got %d by %s", res.StatusCode, res.Proto)
		case second.Load():
			return nil
		}
		sent()
	}
}

func TestNoKeepAliveClientLosesARequestWhenTheGatewayStops(t *testing.T) {
	const clients, warm = 60, 20
	for name, tt := range map[string]struct {
		tls  bool
		args []string
		ask  func(*backends, context.Context, func()) error
	}{
		"HTTP/1.1":                 {args: []string{"--shutdown-delay=1s"}, ask: (*backends).keepAsking},
		"HTTP/1.1 without a delay": {ask: (*backends).keepAsking},
		"HTTP/2 over TLS":          {args: []string{"--shutdown-delay=1s"}, tls: true, ask: (*backends).keepAskingHTTP2},
		"HTTP/2 over TLS, at once": {tls: true, ask: (*backends).keepAskingHTTP2},
	} {
		t.Run(name, func(t *testing.T) {
			b := startBackends(t, tt.tls, tt.args...)
			var asked, moved sync.WaitGroup
			asked.Add(clients)
			for range clients {
				moved.Go(func() {
					sent := 0
					count := func() {
						if sent++; sent == warm {
							asked.Done()
						}
					}
					if err := tt.ask(b, t.Context(), count); err != nil {
						t.Errorf("a request was lost: %v", err)
					}
					for sent < warm {
						count()
					}
				})
			}
			asked.Wait()
			if err := b.first.stop(); err != nil {
				t.Error(err)
			}
			moved.Wait()
			if err := b.second.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStoppable_losesNoConnectionThatWaits(t *testing.T) {
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &stoppable{Listener: inner}
	const waiting = 10
	conns := make([]net.Conn, waiting)
	for i := range conns {
		if conns[i], err = (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String()); err != nil {
			t.Fatal(err)
		}
		conn := conns[i]
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conns[i], "hello"); err != nil {
			t.Fatal(err)
		}
	}
	listener.stop()
	for range waiting {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(conn, conn, int64(len("hello"))); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the last one: %v", err)
	}
	for _, conn := range conns {
		if echo, err := io.ReadAll(conn); err != nil || string(echo) != "hello" {
			t.Errorf("a connection got %q and %v", echo, err)
		}
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("it takes another connection")
	}
}
