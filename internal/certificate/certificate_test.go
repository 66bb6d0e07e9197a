package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// issued is a certificate and its key.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate; without an issuer it is an authority's own.
func issue(t *testing.T, by *issued, template x509.Certificate) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := &template, key
	if by != nil {
		parent, signer = by.cert, by.key
	} else {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{cert, key}
}

func (i *issued) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw}))
}

func (i *issued) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (i *issued) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.cert.Raw}, PrivateKey: i.key}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f Files) write(t *testing.T, server, authority *issued) {
	t.Helper()
	write(t, f.Cert, server.certPEM())
	write(t, f.Key, server.keyPEM(t))
	write(t, f.ClientCA, authority.certPEM())
}

func files(t *testing.T) Files {
	t.Helper()
	dir := t.TempDir()
	return Files{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ca.pem")}
}

// shake shakes hands with a server and gives the server's view of the connection.
func shake(t *testing.T, server *tls.Config, client *tls.Config) (tls.ConnectionState, error) {
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
		ended <- ending{served.ConnectionState(), err}
	}()
	conn, err := (&tls.Dialer{Config: client}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err == nil {
		defer func() { _ = conn.Close() }()
	}
	// The server's word counts: it refuses a client's certificate behind the client's
	// handshake.
	end := <-ended
	return end.state, end.err
}

func TestTheCertificateAndTheAuthoritiesAreThoseOfTheFilesAsTheyStandNow(t *testing.T) {
	authority, clients, others := issue(t, nil, x509.Certificate{}), issue(t, nil, x509.Certificate{}), issue(t, nil, x509.Certificate{})
	serverOf := func() *issued {
		return issue(t, authority, x509.Certificate{DNSNames: []string{"gateway"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	}
	client := issue(t, clients, x509.Certificate{DNSNames: []string{"router"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	stranger := issue(t, others, x509.Certificate{DNSNames: []string{"router"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	first, second := serverOf(), serverOf()
	f := files(t)
	f.write(t, first, clients)
	s, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	config := s.Config() // one for the life of the server
	roots := x509.NewCertPool()
	roots.AddCert(authority.cert)
	base := &tls.Config{RootCAs: roots, ServerName: "gateway", NextProtos: []string{"h2"}}
	with := func(c *issued) *tls.Config {
		config := base.Clone()
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { cert := c.tls(); return &cert, nil }
		return config
	}
	check := func(step string, client *tls.Config, want *issued, shown int, fails bool) {
		t.Helper()
		state, err := shake(t, config, client)
		if (err != nil) != fails || len(state.VerifiedChains) != shown {
			t.Errorf("%s: %v, %d chains", step, err, len(state.VerifiedChains))
		}
		if err == nil && state.NegotiatedProtocol != "h2" {
			t.Errorf("%s: the protocol is %q", step, state.NegotiatedProtocol)
		}
		if cert, _ := config.GetConfigForClient(nil); string(cert.Certificates[0].Certificate[0]) != string(want.cert.Raw) {
			t.Errorf("%s: another certificate is served", step)
		}
	}
	check("no client certificate", base, first, 0, false)
	check("a client certificate", with(client), first, 1, false)
	check("one of another authority", with(stranger), first, 0, true)
	if changed, err := s.Reload(t.Context()); changed || err != nil {
		t.Errorf("nothing has changed: %t, %v", changed, err)
	}
	f.write(t, second, others)
	if changed, err := s.Reload(t.Context()); !changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
	check("the authority is another", with(client), second, 0, true)
	check("and takes its own", with(stranger), second, 1, false)
	write(t, f.Key, first.keyPEM(t))
	if changed, err := s.Reload(t.Context()); changed || err == nil || !strings.Contains(err.Error(), f.Key) {
		t.Errorf("a key of another certificate: %t, %v", changed, err)
	}
	check("a broken one keeps the old", with(stranger), second, 1, false)
}

func TestASessionIsNotResumedAroundTheCheckOfAClient(t *testing.T) {
	authority := issue(t, nil, x509.Certificate{})
	f := files(t)
	f.write(t, issue(t, authority, x509.Certificate{DNSNames: []string{"gateway"}}), authority)
	s, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := s.Config().GetConfigForClient(nil); !c.SessionTicketsDisabled || c.MinVersion < tls.VersionTLS12 {
		t.Error("sessions can be resumed, or old versions of TLS are spoken")
	}
}

func TestFilesThatAreNoneAreAnError(t *testing.T) {
	authority := issue(t, nil, x509.Certificate{})
	server := issue(t, authority, x509.Certificate{DNSNames: []string{"gateway"}})
	for name, spoil := range map[string]func(Files){
		"no certificate": func(f Files) { _ = os.Remove(f.Cert) },
		"no key":         func(f Files) { write(t, f.Key, "hunter2") },
		"no authority":   func(f Files) { write(t, f.ClientCA, "hunter2") },
	} {
		f := files(t)
		f.write(t, server, authority)
		spoil(f)
		if _, err := Load(f); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := files(t)
	f.write(t, server, authority)
	f.ClientCA = ""
	s, err := Load(f)
	if err != nil || s.Roots() != nil || s.Config().ClientAuth != tls.NoClientCert {
		t.Errorf("without authorities: %v", err)
	}
}
