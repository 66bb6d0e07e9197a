package httpserver

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/test/certs"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f CertificateFiles) write(t *testing.T, server, authority *certs.Issued) {
	t.Helper()
	write(t, f.Cert, server.CertPEM())
	write(t, f.Key, server.KeyPEM())
	write(t, f.ClientCA, authority.CertPEM())
}

func newCertificateFiles(t *testing.T) CertificateFiles {
	t.Helper()
	dir := t.TempDir()
	return CertificateFiles{
		Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), ClientCA: filepath.Join(dir, "ca.pem"),
	}
}

// handshake makes a TLS connection and returns its state as the server sees it.
func handshake(t *testing.T, server *tls.Config, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	type ending struct {
		state tls.ConnectionState
		err   error
	}
	ended := make(chan ending, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			ended <- ending{err: err}
			return
		}
		defer func() { _ = conn.Close() }()
		served := tls.Server(conn, server)
		err = served.HandshakeContext(t.Context())
		ended <- ending{state: served.ConnectionState(), err: err}
	}()
	conn, err := (&tls.Dialer{Config: client}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err == nil {
		defer func() { _ = conn.Close() }()
	}
	// The server rejects a client's certificate after the handshake of the client has ended.
	end := <-ended
	return end.state, end.err
}

func TestCertificate_followsItsFiles(t *testing.T) {
	authority, clients, others := certs.Authority(), certs.Authority(), certs.Authority()
	serverOf := func() *certs.Issued {
		return authority.Server(x509.Certificate{DNSNames: []string{"gateway"}})
	}
	client := clients.Client(x509.Certificate{DNSNames: []string{"router"}})
	stranger := others.Client(x509.Certificate{DNSNames: []string{"router"}})
	first, second := serverOf(), serverOf()
	f := newCertificateFiles(t)
	f.write(t, first, clients)
	certificate, err := LoadCertificate(f)
	if err != nil {
		t.Fatal(err)
	}
	config := certificate.TLSConfig() // one for the life of the server
	base := &tls.Config{RootCAs: authority.Pool(), ServerName: "gateway", NextProtos: []string{"h2"}}
	with := func(c *certs.Issued) *tls.Config {
		config := base.Clone()
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert := c.TLS()
			return &cert, nil
		}
		return config
	}
	check := func(step string, client *tls.Config, want *certs.Issued, shown int, fails bool) {
		t.Helper()
		state, err := handshake(t, config, client)
		if (err != nil) != fails || len(state.VerifiedChains) != shown {
			t.Errorf("%s: %v, %d chains", step, err, len(state.VerifiedChains))
		}
		if err == nil && state.NegotiatedProtocol != "h2" {
			t.Errorf("%s: the protocol is %q", step, state.NegotiatedProtocol)
		}
		if cert, _ := config.GetConfigForClient(nil); string(cert.Certificates[0].Certificate[0]) != string(want.Cert.Raw) {
			t.Errorf("%s: another certificate is served", step)
		}
	}
	check("no client certificate", base, first, 0, false)
	check("a client certificate", with(client), first, 1, false)
	check("one of another authority", with(stranger), first, 0, true)
	if changed, err := certificate.Reload(t.Context()); changed || err != nil {
		t.Errorf("nothing has changed: %t, %v", changed, err)
	}
	f.write(t, second, others)
	if changed, err := certificate.Reload(t.Context()); !changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
	check("the authority is another", with(client), second, 0, true)
	check("and takes its own", with(stranger), second, 1, false)
	write(t, f.Key, first.KeyPEM())
	if changed, err := certificate.Reload(t.Context()); changed || err == nil || !strings.Contains(err.Error(), f.Key) {
		t.Errorf("a key of another certificate: %t, %v", changed, err)
	}
	check("a broken one keeps the old", with(stranger), second, 1, false)
}

func TestCertificate_resumesNoSessionWhereClientsHaveCertificates(t *testing.T) {
	authority := certs.Authority()
	f := newCertificateFiles(t)
	f.write(t, authority.Server(x509.Certificate{DNSNames: []string{"gateway"}}), authority)
	certificate, err := LoadCertificate(f)
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := certificate.TLSConfig().GetConfigForClient(nil); !c.SessionTicketsDisabled ||
		c.MinVersion < tls.VersionTLS12 {
		t.Error("sessions can be resumed, or old versions of TLS are spoken")
	}
}

func TestLoadCertificate_rejectsBrokenFiles(t *testing.T) {
	authority := certs.Authority()
	server := authority.Server(x509.Certificate{DNSNames: []string{"gateway"}})
	for name, spoil := range map[string]func(CertificateFiles){
		"no certificate": func(f CertificateFiles) { _ = os.Remove(f.Cert) },
		"no key":         func(f CertificateFiles) { write(t, f.Key, "hunter2") },
		"no authority":   func(f CertificateFiles) { write(t, f.ClientCA, "hunter2") },
	} {
		f := newCertificateFiles(t)
		f.write(t, server, authority)
		spoil(f)
		if _, err := LoadCertificate(f); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := newCertificateFiles(t)
	f.write(t, server, authority)
	f.ClientCA = ""
	certificate, err := LoadCertificate(f)
	if err != nil || certificate.ClientCAs() != nil || certificate.TLSConfig().ClientAuth != tls.NoClientCert {
		t.Errorf("without authorities: %v", err)
	}
}
