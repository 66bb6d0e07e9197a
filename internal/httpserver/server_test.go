package httpserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/test/certs"
	"atlas-restore-gateway/internal/test/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTestGateway returns a gateway without an Atlas.
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

// protocols are the versions of HTTP that a server can serve.
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

func TestServe_failsReadinessBeforeItClosesTheListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gw, network := newTestGateway(t), memnet.New()
		client := &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
		ready := func() int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://gateway/health/ready", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				return 0
			}
			defer res.Body.Close()
			return res.StatusCode
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		c := Config{ShutdownDelay: 10 * time.Second, ShutdownGrace: time.Second}
		go func() { ended <- Serve(ctx, network, gw, c, slog.New(slog.DiscardHandler)) }()
		if got := ready(); got != http.StatusOK {
			t.Errorf("before the end: %d", got)
		}
		stop()
		synctest.Wait()
		if got := ready(); got != http.StatusServiceUnavailable {
			t.Errorf("within the delay: %d", got)
		}
		start := time.Now()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != c.ShutdownDelay {
			t.Errorf("it accepted requests for another %s", waited)
		}
		if got := ready(); got != 0 {
			t.Errorf("after the end: %d", got)
		}
	})
}

func TestServe_tellsClientsToUseAnotherConnectionWhileItDrains(t *testing.T) {
	authority := certs.Authority()
	files := newCertificateFiles(t)
	files.write(t, authority.Server(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}), authority)
	today := time.Now() // the clock of a synctest bubble is behind
	for name, tt := range protocols() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, dialed := memnet.New(), 0
				transport := &http.Transport{
					TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), Time: func() time.Time { return today }},
					Protocols:       new(http.Protocols),
					DialContext: func(ctx context.Context, to, address string) (net.Conn, error) {
						dialed++
						return network.Dial(ctx, to, address)
					},
				}
				transport.Protocols.SetHTTP1(tt.proto == "HTTP/1.1")
				transport.Protocols.SetHTTP2(tt.tls)
				transport.Protocols.SetUnencryptedHTTP2(tt.h2c)
				defer transport.CloseIdleConnections()
				url, served := "http://127.0.0.1/graphql", (*Certificate)(nil)
				if tt.tls {
					url = strings.Replace(url, "http", "https", 1)
					var err error
					if served, err = LoadCertificate(CertificateFiles{Cert: files.Cert, Key: files.Key}); err != nil {
						t.Fatal(err)
					}
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ended := make(chan error, 1)
				c := Config{
					Certificate: served, H2C: tt.h2c, IdleTimeout: time.Minute, ShutdownDelay: 10 * time.Second,
					ShutdownGrace: time.Second,
				}
				go func() { ended <- Serve(ctx, network, newTestGateway(t), c, slog.New(slog.DiscardHandler)) }()
				for i, want := range []int{1, 1, 1, 2, 3} {
					if i == 2 {
						stop()
					}
					// The end of the last response has arrived.
					synctest.Wait()
					req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url,
						strings.NewReader(`{"query":"{__typename}"}`))
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Content-Type", "application/json")
					res, err := transport.RoundTrip(req)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := io.Copy(io.Discard, res.Body); err != nil {
						t.Fatal(err)
					}
					_ = res.Body.Close()
					if res.StatusCode != http.StatusOK || dialed != want {
						t.Errorf("request %d: got %d by connection %d, want connection %d", i, res.StatusCode, dialed, want)
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

func TestServe_letsAnOpenConnectionBeUsedOnceMoreWithoutADelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		c := Config{ShutdownGrace: time.Second}
		go func() { ended <- Serve(ctx, network, newTestGateway(t), c, slog.New(slog.DiscardHandler)) }()
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
			t.Error("a connection is accepted after the end")
		}
		if closes := ask(t, conns[0], bufio.NewReader(conns[0])); !closes {
			t.Error("a client is not told that its connection will be closed")
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		// The other one was not used.
		if waited := time.Since(start); waited != lingerTimeout {
			t.Errorf("it ended after %s", waited)
		}
	})
}

// ask sends a request and reads the response, which must be 200, and reports whether the connection is to be closed.
func ask(t *testing.T, conn net.Conn, r *bufio.Reader) (closes bool) {
	t.Helper()
	const request = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
		"24\r\n\r\n" +
		`{"query":"{__typename}"}`
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("got %d", res.StatusCode)
	}
	return res.Close
}
