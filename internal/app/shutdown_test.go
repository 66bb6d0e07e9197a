package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"atlas-restore-gateway/internal/test/certs"
)

// certFiles returns the files of a certificate for loopback, and the pool of its authority.
func certFiles(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	f, authority := folder(t.TempDir()), certs.Authority()
	server := authority.Server(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return f.write(t, "cert.pem", server.CertPEM()), f.write(t, "key.pem", server.KeyPEM()), authority.Pool()
}

const rawRequest = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
	"24\r\n\r\n" + `{"query":"{__typename}"}`

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

// backends are two gateways behind a load balancer: clients dial the first while it is ready, and then the second.
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

// dial returns a connection, and whether it is to the second gateway.
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

// keepAsking sends requests over one connection, and over another one after Connection: close, until the second gateway
// has responded. It calls sent after each response. No request is sent twice.
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

// keepAskingHTTP2 is keepAsking with the HTTP/2 client of net/http, which sends a request again only where GOAWAY says
// that it was not processed.
func (b *backends) keepAskingHTTP2(ctx context.Context, sent func()) error {
	var second atomic.Bool
	transport := &http.Transport{
		TLSClientConfig: b.tls.Clone(), ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, is, err := b.dial(ctx)
			second.Store(is)
			return conn, err
		}}
	defer transport.CloseIdleConnections()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://127.0.0.1/graphql",
			strings.NewReader(`{"query":"{__typename}"}`))
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

func TestRun_losesNoRequestOfKeepAliveClientsWhenItStops(t *testing.T) {
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

func TestRun_servesHTTP2WithoutTLSOnlyWithH2C(t *testing.T) {
	for flag, proto := range map[string]string{"--h2c": "HTTP/2.0", "--h2c=false": ""} {
		p := start(t, nil, "--demo", flag)
		transport := &http.Transport{
			Protocols: new(http.Protocols), DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
		transport.Protocols.SetUnencryptedHTTP2(true)
		got := ""
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/graphql?query={__typename}", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := (&http.Client{Transport: transport}).Do(req); err == nil {
			got = res.Proto
			if answer, _ := io.ReadAll(res.Body); !strings.Contains(string(answer), `"__typename":"Query"`) {
				t.Errorf("%s: got %s", flag, answer)
			}
			_ = res.Body.Close()
		}
		transport.CloseIdleConnections()
		if got != proto {
			t.Errorf("%s: got %q", flag, got)
		}
		// HTTP/1.1 is always served.
		if _, answer := p.post(t, `{"query":"{__typename}"}`); !strings.Contains(answer, "Query") {
			t.Errorf("%s: got %s", flag, answer)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}
