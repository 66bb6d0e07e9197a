package httpserver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"atlas-restore-gateway/internal/reload"
)

// CertificateFiles are PEM files. ClientCA can be empty: then clients are not asked for a certificate.
type CertificateFiles struct{ Cert, Key, ClientCA string }

// Certificate is the certificate of the server and the authorities of client certificates, as the files say now. Open
// connections keep what they were made with.
type Certificate struct{ *reload.Files[certificatePair] }

type certificatePair struct {
	certificate tls.Certificate
	clientCAs   *x509.CertPool // nil without ClientCA
}

// LoadCertificate reads the files.
func LoadCertificate(f CertificateFiles) (*Certificate, error) {
	files, err := reload.Load(reload.Spec[certificatePair]{
		Name: "certificate", Paths: []string{f.Cert, f.Key, f.ClientCA}, Parse: f.parse,
	})
	return &Certificate{files}, err
}

func (f CertificateFiles) parse(contents [][]byte) (p certificatePair, err error) {
	if p.certificate, err = tls.X509KeyPair(contents[0], contents[1]); err != nil {
		return p, fmt.Errorf("%s and %s are no certificate and its key, both in PEM: %w", f.Cert, f.Key, err)
	}
	if f.ClientCA == "" {
		return p, nil
	}
	p.clientCAs = x509.NewCertPool()
	if !p.clientCAs.AppendCertsFromPEM(contents[2]) {
		return p, errors.New(f.ClientCA + " must hold the certificates of authorities, in PEM")
	}
	return p, nil
}

// ClientCAs returns the authorities of client certificates; nil where clients are not asked for one.
func (c *Certificate) ClientCAs() *x509.CertPool { return c.Current().clientCAs }

// Leaf returns the certificate itself.
func (c *Certificate) Leaf() *x509.Certificate { return c.Current().certificate.Leaf }

// TLSConfig returns the configuration of a server, which follows the files. If there are authorities of client
// certificates, a client can send a certificate; one of another authority fails the handshake.
func (c *Certificate) TLSConfig() *tls.Config {
	config := newTLSConfig(c.Current())
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return newTLSConfig(c.Current()), nil }
	return config
}

func newTLSConfig(p certificatePair) *tls.Config {
	c := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{p.certificate},
	}
	if p.clientCAs != nil {
		c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, p.clientCAs
		// A resumed session would keep a client certificate that was verified against former authorities.
		c.SessionTicketsDisabled = true
	}
	return c
}
