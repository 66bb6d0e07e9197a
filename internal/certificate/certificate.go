// Package certificate holds what the gateway serves TLS with: its certificate and key,
// and the authorities of client certificates, from files that are read again while it
// serves.
package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"atlas-restore-gateway/internal/reload"
)

// Files are PEM files. ClientCA may be empty: then no client certificate is asked for.
type Files struct{ Cert, Key, ClientCA string }

// Reloadable is a certificate as it stands now. Connections that are open go on with what they
// began with.
type Reloadable struct{ *reload.Files[pair] }

type pair struct {
	certificate tls.Certificate
	roots       *x509.CertPool // nil without ClientCA
}

// Load reads the files.
func Load(f Files) (*Reloadable, error) {
	read, err := reload.Load(reload.Spec[pair]{Name: "certificate", Paths: []string{f.Cert, f.Key, f.ClientCA}, Parse: f.parse})
	return &Reloadable{read}, err
}

func (f Files) parse(contents [][]byte) (p pair, err error) {
	if p.certificate, err = tls.X509KeyPair(contents[0], contents[1]); err != nil {
		return p, fmt.Errorf("%s and %s are no certificate and its key: %w", f.Cert, f.Key, err)
	}
	if f.ClientCA == "" {
		return p, nil
	}
	p.roots = x509.NewCertPool()
	if !p.roots.AppendCertsFromPEM(contents[2]) {
		return p, errors.New(f.ClientCA + " holds no certificate of an authority")
	}
	return p, nil
}

// Roots are the authorities of client certificates; nil where none are taken.
func (s *Reloadable) Roots() *x509.CertPool { return s.Current().roots }

// Config is what a server serves with. A client may show a certificate where there are
// authorities for them; one that is not of these ends the handshake.
func (s *Reloadable) Config() *tls.Config {
	of := func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.config(s.Current()), nil }
	first := s.config(s.Current())
	first.GetConfigForClient = of
	return first
}

func (s *Reloadable) config(p pair) *tls.Config {
	c := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{p.certificate},
	}
	if p.roots != nil {
		c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, p.roots
		// A resumed session would bring a client certificate back that was checked against
		// the authorities of then.
		c.SessionTicketsDisabled = true
	}
	return c
}
